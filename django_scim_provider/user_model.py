"""The fields of the project's user model, and what log-in packages keep beside it."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import CharField, Field, Q

from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.folding import fold_name

_LOGIN_MODELS = {
    "allauth.socialaccount": "socialaccount.SocialAccount",
    "social_django": "social_django.UserSocialAuth",
}


@cache
def user_model_fields() -> dict[str, str]:
    """Return which of the well-known fields the user model has, by what they are for."""
    model = get_user_model()
    wanted = {
        "email": model.get_email_field_name(),
        "first_name": "first_name",
        "last_name": "last_name",
        "is_active": "is_active",
    }
    return {purpose: name for purpose, name in wanted.items() if _field(model, name) is not None}


def _field(model: Any, name: str) -> Field[Any, Any] | None:
    """Return a field that has a column; None for anything else of that name."""
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, Field) else None


def name_fields() -> tuple[str, ...]:
    """Return the fields that hold what people go by: the one to log in with, and the address."""
    model = get_user_model()
    names = (model.USERNAME_FIELD, "username", model.get_email_field_name())
    return tuple(name for name in dict.fromkeys(names) if _field(model, name) is not None)


def goes_by(name: str, value: Any) -> Q:
    """Return the condition that a field has a value, in any case, blanks at the ends aside."""
    text = str(value)
    condition, folded = Q(**{f"{name}__iexact": text}), fold_name(text)
    if folded != text.casefold():
        condition |= Q(**{f"{name}__iexact": folded})
    return condition


def is_privileged() -> Q:
    """Return the condition that a user is staff or a superuser, by the fields that there are."""
    condition, model = Q(pk__in=[]), get_user_model()
    for name in ("is_superuser", "is_staff"):
        if _field(model, name) is not None:
            condition |= Q(**{name: True})
    return condition


def has_social_account(user: Any, *, using: str) -> bool:
    """Tell whether allauth or social-auth, where installed, lets the user log in."""
    for app, label in _LOGIN_MODELS.items():
        if apps.is_installed(app):
            rows = apps.get_model(label)._default_manager.using(using)
            if rows.filter(user=user).exists():
                return True
    return False


def refuse_too_long(field: Any, value: Any) -> None:
    """Refuse a text that its field cannot hold.

    Raises:
        InvalidValue: naming the field.
    """
    if isinstance(field, CharField) and field.max_length and len(str(value)) > field.max_length:
        limit = field.max_length
        raise InvalidValue(f"The value for {field.name} is longer than {limit} characters.")


def is_same(user: Any, name: str, value: Any) -> bool:
    """Tell whether an attribute of a user has a value already, in whatever spelling of it.

    A number may be given as a text, a row by its key; no related row is read.
    """
    field = _field(user, name)
    if field is None:
        return bool(getattr(user, name) == value)
    if field.is_relation:
        return bool(getattr(user, field.attname) == getattr(value, "pk", value))
    try:
        return bool(getattr(user, name) == field.to_python(value))
    except ValidationError:
        return False
