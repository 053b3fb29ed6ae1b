"""Attributes of people that stand for roles: how a mapping names one, and who has its value.

A mapping asks what a filter with ``eq`` would: case counts where the attribute is ``caseExact``,
of several values one is enough, and a complex attribute stands for its ``value``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from django_scim_provider.attribute_map.compilation import AttributeMap
from django_scim_provider.attribute_map.resource_schemas import user_type
from django_scim_provider.core.errors import InvalidFilter, InvalidPath
from django_scim_provider.core.filters.binding import bind, is_hidden, simple_target
from django_scim_provider.core.filters.expressions import BoundFilter, Comparison, Value
from django_scim_provider.core.filters.matching import matches
from django_scim_provider.core.filters.parsing import parse_attribute_path
from django_scim_provider.core.filters.resolving import resolve
from django_scim_provider.core.filters.tokenizing import tokenize
from django_scim_provider.core.folding import fold_resource
from django_scim_provider.core.profiles import STRICT
from django_scim_provider.core.schemas.definitions import Resource, Target
from django_scim_provider.models import AccountDocument, LinkedAccount
from django_scim_provider.storage.sql.columns.declared import Columns, DocumentRows
from django_scim_provider.storage.sql.searching.leading import leading_terms
from django_scim_provider.storage.sql.searching.lookups import to_q
from django_scim_provider.storage.sql.vendors import vendor_of

_NO_SOURCES = frozenset({"schemas", "active"})
_TYPES = frozenset({"string", "boolean", "integer", "decimal", "reference"})
_BOOLEANS = {"true": True, "false": False}
_LOOSE = STRICT.with_switches({"bare_extension_names": True})


class ValueOf(NamedTuple):
    """An attribute and the value that it has to have."""

    target: Target
    condition: BoundFilter


def find_attribute(text: str) -> Target:
    """Return the attribute of a User that a path names; of a complex one its ``value``.

    Raises:
        ValidationError: there is none, or it can stand for no role.
    """
    path = parse_attribute_path(text)
    try:
        found = None if path is None else resolve(path, user_type(), _LOOSE)
    except InvalidPath as error:
        raise ValidationError(error.detail) from error
    if found is None or is_hidden(found):
        raise ValidationError(
            _("A person has no attribute “%(path)s”."), params={"path": text[:80]}
        )
    target = simple_target(found)
    if target is None:
        raise ValidationError(
            _("“%(path)s” has several parts. Name one of them."), params={"path": str(found)}
        )
    if target.leaf.type not in _TYPES or target.attribute.name in _NO_SOURCES:
        raise ValidationError(_("“%(path)s” can stand for no role."), params={"path": str(target)})
    if "readOnly" in (target.attribute.mutability, target.leaf.mutability):
        raise ValidationError(
            _("The identity provider does not write “%(path)s”."), params={"path": str(target)}
        )
    return target


def cleaned_value(target: Target, text: str) -> str:
    """Return the value that a mapping stores.

    Raises:
        ValidationError: the attribute never has it.
    """
    kind, text = target.leaf.type, text.strip()
    if kind == "boolean":
        text = text.lower()
    if text and _typed(target, text) is None:
        if kind == "boolean":
            raise ValidationError(_("It is true or false, and nothing else."))
        raise ValidationError(_("It has to be a number."))
    return text


def _typed(target: Target, text: str) -> Value:
    """Return a value as JSON has it; None where the attribute never has it."""
    kind = target.leaf.type
    if kind == "boolean":
        return _BOOLEANS.get(text)
    if kind in ("integer", "decimal"):
        number = _number(text)
        return None if kind == "integer" and not isinstance(number, int) else number
    return text


def _number(text: str) -> int | float | None:
    """Return a number as a filter has it, within what databases compare; None for other texts."""
    try:
        tokens = tokenize(text)
    except InvalidFilter:
        return None
    value = tokens[0].value if len(tokens) == 1 and tokens[0].kind == "number" else None
    return value if isinstance(value, int | float) else None


def value_of(attribute: str, value: str, owned: AttributeMap | None) -> ValueOf | None:
    """Return what a mapping looks for; None where nobody can have it.

    Then the project has changed its schemas since the mapping was made, or keeps the attribute
    itself by now, as the map of the connection says: what documents hold of it is of before.
    """
    try:
        target = find_attribute(attribute)
        if owned is not None and owned.owns(target):
            return None
        path, typed = parse_attribute_path(str(target)), _typed(target, value)
        if path is None or typed is None:
            return None
        return ValueOf(target, bind(Comparison(path, "eq", typed), user_type(), STRICT))
    except (ValidationError, InvalidFilter):
        return None


class Person:
    """Somebody's resource, of which only some attributes are looked at."""

    def __init__(self, resource: Resource, targets: Iterable[Target]) -> None:
        picked: dict[str, Any] = {}
        for target in targets:
            holder, into = resource, picked
            if target.extension is not None:
                holder = resource.get(target.extension, {})
                into = picked.setdefault(target.extension, {})
            if target.attribute.name in holder:
                into[target.attribute.name] = holder[target.attribute.name]
        self._folded = fold_resource(picked, user_type())

    def has(self, wanted: ValueOf) -> bool:
        """Tell whether the attribute has the value."""
        return matches(wanted.condition, self._folded)


def having(using: str, provider_id: str, wanted: ValueOf, *, leads: bool) -> Q:
    """Return the condition of accounts that ``Person.has`` is true of.

    Unless it ``leads`` to the accounts, each is asked; see ``storage.sql.searching.leading``.
    """
    own = Q(document__provider_id=provider_id)
    contains = vendor_of(using).contains_documents
    columns = Columns(
        document="document__folded",
        own_document=own,
        documents=DocumentRows(AccountDocument, provider_id, {}, contains, using),
    )
    chosen = leading_terms(wanted.condition, columns, LinkedAccount, using)
    return to_q(wanted.condition, columns, chosen if leads or chosen is None else ())


def is_changed(target: Target, changed: frozenset[str]) -> bool:
    """Tell whether an attribute is among the names that ``core.changes`` found."""
    return str(Target(target.attribute, None, target.extension)) in changed
