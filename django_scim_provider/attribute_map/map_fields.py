"""The field of the project that a map names, and which it may not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, OneToOneRel

from django_scim_provider.attribute_map.map_paths import MapFault
from django_scim_provider.conf import get_user_model
from django_scim_provider.user_model import user_model_fields

_REFUSED = frozenset(
    {"is_superuser", "is_staff", "is_active", "password", "groups", "user_permissions"}
)


@dataclass(frozen=True, slots=True)
class MapField:
    """A field, and how to come to it from the user."""

    field: Field[Any, Any]
    relation: OneToOneRel | None = None
    """The one-to-one relation of the model that has the field; None for the user model."""

    @property
    def accessor(self) -> str | None:
        """Return the attribute of the user that holds the row with the field."""
        return None if self.relation is None else self.relation.get_accessor_name()

    @property
    def key(self) -> str:
        """Return its name among the fields that are written: with a dot beside the user model."""
        return f"{self.accessor}.{self.field.name}" if self.relation else self.field.name

    @property
    def look_up(self) -> str:
        """Return its name in queries of users."""
        return f"{self.relation.name}__{self.field.name}" if self.relation else self.field.name


def find_map_field(text: str) -> MapField:
    """Return the field that a map names.

    Raises:
        MapFault: there is none, or it is not the directory's to write.
    """
    model = get_user_model()
    first, dot, name = text.partition(".")
    relation = relation_of(model, first) if dot else None
    owner: Any = relation.related_model if relation else model
    name = name if dot else first
    if "." in name:
        raise MapFault(f"names {text!r}: one relation may be followed, and no more.")
    found = _field(owner, name)
    if problem := _refusal(found, name, model, beside=relation is not None):
        raise MapFault(f"names {text!r}, {problem}")
    return MapField(found, relation)


def relation_of(model: Any, name: str) -> OneToOneRel:
    """Return the one-to-one relation of another model to the user model, by its accessor.

    Raises:
        MapFault: there is none.
    """
    for each in model._meta.related_objects:
        is_found = each.get_accessor_name() == name
        if isinstance(each, OneToOneRel) and is_found and not each.parent_link:
            return each
    ready = (each.get_accessor_name() for each in model._meta.related_objects if each.one_to_one)
    raise MapFault(
        f"names {name!r}, which is no model with a one-to-one relation to {model._meta.label}."
        f"{_meant(name, filter(None, ready))}"
    )


def _field(owner: Any, name: str) -> Any:
    try:
        return owner._meta.get_field(name)
    except FieldDoesNotExist as error:
        known = [each.name for each in owner._meta.concrete_fields]
        message = f"names {name!r}, and {owner._meta.label} has no such field.{_meant(name, known)}"
        raise MapFault(message) from error


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def _refusal(field: Any, name: str, model: Any, *, beside: bool) -> str | None:
    """Return why a field may not be mapped, as the end of a sentence."""
    if name in _REFUSED:
        return "which decides who may come in and what they may do: no map writes or shows it."
    log_in = {model.USERNAME_FIELD, user_model_fields().get("email", "")}
    if not beside and name in log_in:
        return "which people log in with or get mail by: userName and emails give it its value."
    if getattr(field, "primary_key", False):
        return "which is a primary key."
    if field.is_relation:
        return "which is a relation to other rows: write those in an adapter of your own."
    if not isinstance(field, Field) or field.column is None:
        return "which has no column."
    if getattr(field, "generated", False):
        return "which the database computes."
    return None
