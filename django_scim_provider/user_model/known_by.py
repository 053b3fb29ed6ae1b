"""The names and addresses that people go by, and how they are looked for in the user table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import connections
from django.db.models import CharField, F, Field, Q, TextField
from django.db.models.lookups import IExact

from django_scim_provider.conf import get_user_model
from django_scim_provider.core.folding import fold_name
from django_scim_provider.models.fields import sees_no_accents
from django_scim_provider.user_model import addresses_are_unique, field_of, user_model_fields
from django_scim_provider.user_model.any_case import SameButForCase


def found_by() -> tuple[str, ...]:
    """Return the fields that ``DefaultAdapter.find_users`` asks for: who has them is in the way."""
    names = (get_user_model().USERNAME_FIELD, user_model_fields().get("email", ""))
    return tuple(name for name in dict.fromkeys(names) if name)


def columns_asked() -> list[Field[Any, Any]]:
    """Return the fields of texts that are asked for in any case, with each new name."""
    model = get_user_model()
    fields = (field_of(model, name) for name in found_by())
    return [field for field in fields if isinstance(field, CharField | TextField)]


def forms_of(*values: Any) -> tuple[str, ...]:
    """Return what is looked for to find a value in any case, blanks at the ends aside.

    Of several forms of a value, those that differ by more than case are looked for one by one.
    """
    forms: dict[str, str] = {}
    for text in map(str, values):
        forms.setdefault(text.casefold(), text)
        forms.setdefault(fold_name(text), fold_name(text))
    return tuple(forms.values())


def goes_by(forms: Mapping[str, Iterable[str]], by_accents: Collection[str] = ()) -> Q:
    """Return the condition that one of the fields has one of its forms, in any case.

    ``by_accents`` are the fields of which accents tell apart; see there.
    """
    condition = Q(pk__in=[])
    for name, texts in forms.items():
        for text in texts:
            exact = name in by_accents
            condition |= Q(SameButForCase(F(name), text) if exact else (f"{name}__iexact", text))
    return condition


def by_accents(using: str) -> tuple[str, ...]:
    """Return the fields whose values accents tell apart, though the database's collation does not.

    A name to log in with is none of them: the database itself refuses a second one. Nor is an
    address by which somebody may be looked for in the way of the collation.
    """
    if not sees_no_accents(connections[using]):
        return ()
    field = field_of(get_user_model(), user_model_fields().get("email", ""))
    if field is None or field.get_lookup("iexact") is not IExact or addresses_are_unique():
        return ()
    return (field.name,)
