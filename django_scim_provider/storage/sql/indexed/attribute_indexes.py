"""Indexes of the attributes that ``INDEXED_ATTRIBUTES`` names, and of parts of what people go by.

What a project looks for by other attributes than names, only the project knows; so no migration
makes these, but the command that makes those of its user table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Model

from django_scim_provider.core.errors import SCIMError
from django_scim_provider.core.filters.binding import is_hidden
from django_scim_provider.core.filters.expressions import Present
from django_scim_provider.core.filters.parsing import parse
from django_scim_provider.core.filters.resolving import resolve
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import COMMON_ATTRIBUTES, ResourceType, Target
from django_scim_provider.models import AccountDocument, GroupDocument
from django_scim_provider.models.accounts import MAX_BEGINNING
from django_scim_provider.storage.sql.indexed import text_parts
from django_scim_provider.storage.sql.indexed.attribute_texts import (
    INDEXED_TYPES,
    PREFIX,
    as_written,
    beginnings_index,
    is_named,
    parts_index,
)
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.text_indexes import NamedIndex, TextIndex

NAMES = ("name.familyName", "name.givenName", "displayName")
"""Attributes of users whose beginnings have columns with indexes of their own."""
_HAVE_INDEXES = frozenset({"username", *map(str.lower, NAMES)})


@dataclass(frozen=True, slots=True)
class NamedAttribute:
    """An attribute that the setting names, and the table of the documents that hold it."""

    target: Target
    model: type[Model]


def find(path: str, resource_types: Iterable[ResourceType]) -> tuple[list[NamedAttribute], str]:
    """Return what a path of the setting names, or the reason why no index can be for it.

    Neither, where it has its indexes anyway.
    """
    reason, found = "is no attribute of users, nor of an extension of groups.", []
    for resource_type in resource_types:
        target, is_of_users = _target(path, resource_type), resource_type.name == USER.name
        if target is None or not (is_of_users or target.extension):
            continue
        reason = _problem(path, target)
        if reason:
            return [], reason
        if as_written(path) not in _HAVE_INDEXES:
            found.append(NamedAttribute(target, AccountDocument if is_of_users else GroupDocument))
    return found, reason


def _target(path: str, resource_type: ResourceType) -> Target | None:
    try:
        tree = parse(f"{path} pr")
        return resolve(tree.path, resource_type, GENERIC) if isinstance(tree, Present) else None
    except SCIMError:
        return None


def _problem(path: str, target: Target) -> str:
    if as_written(path) != str(target).lower():
        return f"has to be written with its schema: {target}."
    if target.attribute in COMMON_ATTRIBUTES:
        return "is what all schemas have, and is not searched by texts."
    if is_hidden(target):
        return "is never returned, and no filter may ask for it."
    if target.attribute.multi_valued or target.leaf.multi_valued:
        return "has several values, which have no order."
    if target.leaf.type == "complex":
        return "is complex: name one of its sub-attributes."
    if target.leaf.type not in INDEXED_TYPES:
        return f"is of the type {target.leaf.type}, and no text."
    return ""


class AttributeIndexes:
    """The indexes of one database."""

    def __init__(self, using: str, named: Iterable[NamedAttribute]) -> None:
        """Find the vendor, which has SQL of the app's."""
        self.using = using
        self._named = list(named)
        self._connection: Any = connections[using]
        self._vendor = vendor_of(using)
        self._concurrent = self._vendor.builds_concurrently and not self._connection.in_atomic_block

    def missing(self) -> list[str]:
        """Return the attributes that the setting names and no index serves."""
        there = {each.name for each in self._there() if each.is_valid}
        return [
            str(each.target)
            for each in self._named
            if beginnings_index(each.model, each.target).name not in there
        ]

    def being_made(self) -> list[str]:
        """Return the names of those that somebody makes at this moment."""
        return [each.name for each in self._there() if each.is_being_made]

    def statements(self) -> list[str]:
        """Return what makes those that are missing, and drops what is left of others."""
        there = self._there()
        wanted = [beginnings_index(each.model, each.target) for each in self._named]
        names = {each.name for each in wanted}
        kept = {each.name for each in there if each.is_valid and each.name in names}
        # Those of parts that are half made are dropped where they are made.
        parts = {each.name for each in self._parts()}
        dropped = [self._drop(each) for each in there if each.name not in kept | parts]
        made = list(self._made(each for each in wanted if each.name not in kept))
        return [*dropped, *made, *text_parts.statements(self.using, self._parts())]

    def undo_statements(self) -> list[str]:
        """Return what drops all of them."""
        parts = text_parts.undo_statements(self.using, [*self._parts(), text_parts.USER_NAMES])
        ours = [self._drop(each) for each in self._there()]
        return list(dict.fromkeys([*ours, *parts]))

    def _made(self, wanted: Iterable[TextIndex]) -> Iterator[str]:
        refreshed: dict[str, str | None] = {}
        for index in wanted:
            yield from self._vendor.beginnings_index(
                self._connection, index, MAX_BEGINNING, concurrent=self._concurrent
            )
            table = self._connection.ops.quote_name(index.table)
            refreshed[table] = self._vendor.refresh_statistics(table)
        yield from (each for each in refreshed.values() if each is not None)

    def _parts(self) -> list[TextIndex]:
        """Return the indexes of parts: of addresses, and of what is named.

        Each costs a write about as much as storing the document does, so that nobody gets those of
        names who does not ask for them.
        """
        names = [each for each in _names() if is_named(str(each))]
        of_names = [parts_index(AccountDocument, each) for each in names]
        of_named = [parts_index(each.model, each.target) for each in self._named]
        user_names = [text_parts.USER_NAMES] if is_named("userName") else []
        return [text_parts.EMAILS, *user_names, *of_names, *of_named]

    def _there(self) -> list[NamedIndex]:
        return self._vendor.named_indexes(self._connection, PREFIX)

    def _drop(self, index: NamedIndex) -> str:
        return self._vendor.drop_named(self._connection, index, concurrent=self._concurrent)


def _names() -> list[Target]:
    found = (_target(path, USER) for path in NAMES)
    return [target for target in found if target is not None]


def unserved_attributes(using: str, named: Iterable[NamedAttribute]) -> list[str]:
    """Return the attributes that the setting names and no index serves.

    None on databases where only migrations make indexes.
    """
    wanted = list(named)
    if not wanted or vendor_of(using).orm_only:
        return []
    return AttributeIndexes(using, wanted).missing()
