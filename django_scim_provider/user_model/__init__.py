"""The fields of the project's user model, and what log-in packages keep beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.validators import BaseValidator, validate_email
from django.db.models import BooleanField, F, Field, Q, UniqueConstraint
from django.utils.module_loading import import_string
from django.utils.translation import override

from django_scim_provider.conf import get_settings, get_user_model
from django_scim_provider.core.folding import fold

_LOGIN_MODELS = {
    "allauth.socialaccount": "socialaccount.SocialAccount",
    "social_django": "social_django.UserSocialAuth",
}
_PRIVILEGES = ("is_superuser", "is_staff")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LEFT_OUT = UnicodeUsernameValidator


def user_model_fields() -> dict[str, str]:
    """Return which of the well-known fields the user model has, by what they are for."""
    return _fields_of(get_user_model())


@cache
def _fields_of(model: Any) -> dict[str, str]:
    named = ("first_name", "last_name", "is_active")
    wanted = {"email": model.get_email_field_name()} | {name: name for name in named}
    return {purpose: name for purpose, name in wanted.items() if field_of(model, name) is not None}


def field_of(model: Any, name: str) -> Field[Any, Any] | None:
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
    return tuple(name for name in dict.fromkeys(names) if field_of(model, name) is not None)


def flags_asked() -> list[Field[Any, Any]]:
    """Return the fields by which ``is_privileged`` finds users, with each new name."""
    model = get_user_model()
    fields = (field_of(model, name) for name in _PRIVILEGES)
    return [field for field in fields if isinstance(field, BooleanField)]


def is_privileged() -> Q:
    """Return the condition that a user is staff or a superuser, by the fields that there are."""
    condition, model = Q(pk__in=[]), get_user_model()
    for name in _PRIVILEGES:
        if field_of(model, name) is not None:
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


def no_address() -> str | None:
    """Return what stands for no e-mail address: NULL where two empty texts would collide."""
    model = get_user_model()
    field = field_of(model, model.get_email_field_name())
    return None if field is not None and field.null and _is_always_unique(model, field) else ""


def without_mere_text(values: dict[str, Any]) -> dict[str, Any]:
    """Return fields of the user model without an address that is a mere text.

    It stays, and is refused (``misfit``), where it is the name to log in with or has control
    characters.
    """
    name = user_model_fields().get("email", get_user_model().USERNAME_FIELD)
    text = values.get(name)
    if name == get_user_model().USERNAME_FIELD or not isinstance(text, str) or not text:
        return values
    if _CONTROL.search(text):
        return values
    try:
        validate_email(text)
    except ValidationError:
        return values | {name: no_address()}
    return values


def addresses_are_unique() -> bool:
    """Tell whether no two users may have one e-mail address, whoever made them.

    Because the database would refuse it, or because somebody who logs in by it could be either:
    see ``SCIM_PROVIDER["UNIQUE_EMAILS"]``.
    """
    model = get_user_model()
    field = field_of(model, model.get_email_field_name())
    if field is not None and (field.name == model.USERNAME_FIELD or _is_unique(model, field)):
        return True
    told = get_settings().UNIQUE_EMAILS
    return _logs_in_by_address() if told is None else told


def _is_unique(model: Any, field: Field[Any, Any]) -> bool:
    """Tell whether a constraint binds the field, alone or with others, always or in some rows."""
    return field.unique or any(field.name in names for names, _ in _constraints(model))


def _is_always_unique(model: Any, field: Field[Any, Any]) -> bool:
    """Tell whether a constraint binds the field in each row, so that empty texts collide."""
    return field.unique or any(
        field.name in names and always for names, always in _constraints(model)
    )


def _constraints(model: Any) -> Iterator[tuple[set[str], bool]]:
    """Yield the fields that are unique together, in each row or not; in what form does not matter.

    Those of the classes that the model inherits from are among them.
    """
    for each in (model, *model._meta.get_parent_list()):
        yield from ((set(names), True) for names in each._meta.unique_together)
        for constraint in each._meta.constraints:
            if isinstance(constraint, UniqueConstraint):
                named = {name for each in constraint.expressions for name in _fields_in(each)}
                yield {*constraint.fields, *named}, constraint.condition is None


def _fields_in(expression: Any) -> Iterator[str]:
    """Yield the fields that an expression such as ``Lower("email")`` is about."""
    if isinstance(expression, F):
        yield str(getattr(expression, "name", "")).partition("__")[0]  # as the stubs lack it
    elif expression is not None:
        for part in expression.get_source_expressions():
            yield from _fields_in(part)


def _logs_in_by_address() -> bool:
    """Tell whether a package that logs people in finds them by their e-mail address.

    allauth's settings of accounts and of social accounts, social-auth's step ``associate_by_email``
    and the backend of mozilla-django-oidc, which refuses two users of one address.
    """
    if apps.is_installed("allauth.account"):
        account: Any = import_module("allauth.account.app_settings")
        # Releases differ in what they have: LOGIN_METHODS came in the place of the other.
        methods = getattr(account, "LOGIN_METHODS", ()) or (account.AUTHENTICATION_METHOD,)
        by_address = any("email" in getattr(method, "value", method) for method in methods)
        if account.UNIQUE_EMAIL or by_address or getattr(account, "LOGIN_BY_CODE_ENABLED", False):
            return True
    if apps.is_installed("allauth.socialaccount"):
        social: Any = import_module("allauth.socialaccount.app_settings")
        if getattr(social, "EMAIL_AUTHENTICATION", False):
            return True
    steps = getattr(settings, "SOCIAL_AUTH_PIPELINE", None) or ()
    if any(str(step).endswith(".associate_by_email") for step in steps):
        return True
    return any(_finds_by_address(import_string(path)) for path in settings.AUTHENTICATION_BACKENDS)


def _finds_by_address(backend: Any) -> bool:
    """Tell whether a backend is mozilla-django-oidc's, but for ours, which asks for the account."""
    bases = getattr(backend, "__mro__", ())  # a path may name a function
    modules = {base.__module__ for base in bases}
    is_ours = "django_scim_provider.contrib.mozilla_django_oidc" in modules
    return not is_ours and any(m.partition(".")[0] == "mozilla_django_oidc" for m in modules)


def misfit(model: Any, name: str, value: Any) -> str | None:
    """Return why a field of the user model does not take a value, in English; None where it does.

    The field's own validators and ``max_length`` decide. What is also due: an e-mail address is
    held to Django's validator where the field has none of its own, a name to log in with and an
    address have no control characters, and an address that must be unique is there.
    Django's default for user names is left out: it is a rule for names that people choose, and
    directories send apostrophes, spaces and ``#EXT#``.
    """
    field = field_of(model, name)
    if field is None or field.is_relation:
        return None
    email = user_model_fields().get("email")
    try:
        read = field.to_python(value)
        if name in (model.USERNAME_FIELD, email):
            _refuse_bad_name(field, read, is_address=name == email)
        for validator in field.validators:
            if read not in field.empty_values and type(validator) is not _LEFT_OUT:
                validator(read)
    except ValidationError as error:
        with override("en"):  # SCIM's sentences are English, whatever the project speaks
            return " ".join(error.messages)
    return None


def too_long(model: Any, name: str, value: Any, sent: str | None) -> str | None:
    """Return by how much a value is too long for its field, in characters that were sent.

    What is said follows on the name of the attribute. ``sent`` is the value before it was
    normalized, where that makes a difference.
    """
    field = field_of(model, name)
    limit = None if field is None or field.is_relation else getattr(field, "max_length", None)
    if limit is None or not isinstance(value, str) or len(value) <= limit:
        return None
    came = len(value if sent is None else sent)
    if came > limit:
        return f"is longer than {limit} characters: it has {came}."
    return f"is too long: its {came} characters are {len(value)} once normalized, {limit} fit."


def _refuse_bad_name(field: Field[Any, Any], value: Any, *, is_address: bool) -> None:
    if _CONTROL.search(str(value)):
        raise ValidationError("Line breaks and other control characters are not allowed.")
    if not is_address:
        return
    if value in field.empty_values:
        if not field.null and _is_always_unique(get_user_model(), field):
            raise ValidationError("An e-mail address is required.")
    elif all(isinstance(validator, BaseValidator) for validator in field.validators):
        validate_email(value)


def is_same(user: Any, name: str, value: Any) -> bool:
    """Tell whether an attribute of a user has a value already, in whatever spelling of it.

    A number may be given as a text, a row by its key; no related row is read.
    """
    field = field_of(user, name)
    if field is None:
        return bool(getattr(user, name) == value)
    if field.is_relation:
        return bool(getattr(user, field.attname) == getattr(value, "pk", value))
    try:
        return bool(getattr(user, name) == field.to_python(value))
    except ValidationError:
        return False


def is_verified_by_allauth(user: Any, email: str, *, using: str) -> bool | None:
    """Tell whether allauth has an address as verified by a user; None: it knows nothing of them.

    An address is unverified where the user has others, or it is somebody else's verified one.
    """
    if not apps.is_installed("allauth.account"):
        return None
    addresses: Any = apps.get_model("account.EmailAddress")._default_manager
    rows = addresses.using(using).filter(Q(user=user) | Q(email__iexact=email, verified=True))
    found = list(rows.values_list("user", "email", "verified"))
    if not found:
        return None
    own = [address for holder, address, verified in found if verified and holder == user.pk]
    return fold(email) in {fold(address) for address in own}
