"""The rows of what events did to people and groups, as the statements that write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.db import connections

from django_scim_provider.models import EventEffect, GroupMember
from django_scim_provider.models.keys import uuid7
from django_scim_provider.storage.sql.running import DriverValues
from django_scim_provider.storage.sql.statements.by_orm import Call, Part
from django_scim_provider.storage.sql.statements.compiled_writes import Insert, column_of
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.sql.vendors import vendor_of

KINDS = EventEffect.Kind
ROWS = 5000
"""Rows of one INSERT: six parameters each, and SQLite takes 32,766."""
DIGITS = 8
"""Digits at the end of a key that number the rows of one statement."""
insert_effects = Insert(EventEffect, ("id", "event", "subject", "kind", "role", "through"))


def effect(
    event: UUID, subject: UUID, kind: str, *, role: str = "", through: UUID | None = None
) -> dict[str, Any]:
    """Return the row of one effect."""
    return {
        "id": uuid7(),
        "event": event,
        "subject": subject,
        "kind": str(kind),
        "role": role[:128],
        "through": through,
    }


def write_effects(using: str, rows: Iterable[dict[str, Any]]) -> None:
    """Write effects, in as few statements as the database takes."""
    told = list(rows)
    for start in range(0, len(told), ROWS):
        insert_effects.run(using, told[start : start + ROWS])


def add_effects(writes: Writes, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add effects to what is written together."""
    for start in range(0, len(rows), ROWS):
        writes.insert(insert_effects, rows[start : start + ROWS])


def numbered_keys() -> str:
    """Return the beginning of a key, behind which a statement numbers its rows."""
    return uuid7().hex[:-DIGITS]


def all_leave(using: str, group: UUID, event: UUID) -> Part:
    """Return the statement that tells of each member of a group that it leaves."""
    return _of_members(using, KINDS.LEFT.value, "member_key", "group", group, event)


def all_lose(using: str, account: UUID, event: UUID) -> Part:
    """Return the statement that tells of each group of an account that it loses the member."""
    return _of_members(using, KINDS.LOST.value, "group_id", "account", account, event)


def _of_members(using: str, kind: str, subject: str, field: str, key: UUID, event: UUID) -> Part:
    """Return the statement that tells of the memberships which have the key in a field.

    ``subject`` is their column for whom it is told of.
    """
    if vendor_of(using).orm_only:
        return Call(partial(_told_by_orm, using, kind, subject, field, key, event))
    keys = _keys(field).adapted([event, key], using)
    return _of_members_sql(using, kind, subject, field), [numbered_keys(), *keys]


@cache
def _keys(field: str) -> DriverValues:
    told = EventEffect._meta.get_field("event"), GroupMember._meta.get_field(field)
    return DriverValues.of(map(column_of, told))


@cache
def _of_members_sql(using: str, kind: str, subject: str, field: str) -> str:
    quote, vendor = connections[using].ops.quote_name, vendor_of(using)
    effects, members = (quote(each._meta.db_table) for each in (EventEffect, GroupMember))
    narrowed: Any = GroupMember._meta.get_field(field)
    return (
        f"INSERT INTO {effects} (id, event_id, subject, kind, role, through) "  # noqa: S608 - names of the models
        f"SELECT {vendor.numbered_key('id')}, {vendor.key_parameter}, {subject}, '{kind}', "
        f"'', NULL FROM {members} WHERE {quote(narrowed.column)} = %s"
    )


def _told_by_orm(using: str, kind: str, subject: str, field: str, key: UUID, event: UUID) -> None:
    rows = GroupMember.objects.using(using).filter(**{f"{field}_id": key}).order_by("pk")
    write_effects(
        using, [effect(event, each, kind) for each in rows.values_list(subject, flat=True)]
    )
