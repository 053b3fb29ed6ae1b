"""Groups within groups, at any depth: one statement, however deep they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from uuid import UUID

from django.db import connections

from django_scim_provider.models import GroupMember
from django_scim_provider.storage.sql.key_lists import listed
from django_scim_provider.storage.sql.running import fetch_all
from django_scim_provider.storage.sql.statements.by_orm import batched
from django_scim_provider.storage.sql.vendors import vendor_of


def above(using: str, groups: Collection[UUID]) -> set[UUID]:
    """Return the groups that hold one of these, at any depth, as they are now."""
    pairs = _walk(using, groups, "child_id", "group_id", fresh=True)
    return {group for _, group in pairs}


def below(using: str, groups: Collection[UUID]) -> set[UUID]:
    """Return these groups and those that they hold, at any depth."""
    return set().union(groups, *below_each(using, groups).values())


def below_each(using: str, groups: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Return, by group, the group and those that it holds, at any depth."""
    found = {group: {group} for group in groups}
    for top, group in _walk(using, groups, "group_id", "child_id"):
        found[top].add(group)
    return found


def _walk(
    using: str, groups: Collection[UUID], start: str, to: str, *, fresh: bool = False
) -> Iterable[tuple[UUID, UUID]]:
    """Return pairs of a group and one that is reached from it."""
    if not groups:
        return []
    if vendor_of(using).orm_only:
        return _step_by_step(using, groups, start, to)
    keys, parameters = listed(using, groups)
    sql = _walk_sql(using, start, to, fresh=fresh).format(keys=keys)
    rows = fetch_all(using, sql, parameters, varies=len(groups) > 1)
    # Drivers give keys as UUIDs, as 32 digits, or as 36 characters.
    return [(UUID(str(top)), UUID(str(group))) for top, group in rows]


def _step_by_step(
    using: str, groups: Collection[UUID], start: str, to: str
) -> set[tuple[UUID, UUID]]:
    """Walk by a statement for each level, whatever the number of groups.

    No pair is followed twice, so that a cycle ends.
    """
    reached: set[tuple[UUID, UUID]] = set()
    tops: dict[UUID, set[UUID]] = {group: {group} for group in groups}
    while tops:
        found: dict[UUID, set[UUID]] = {}
        for near, far in edges(using, tops, start, to):
            new = {top for top in tops[near] if (top, far) not in reached}
            reached |= {(top, far) for top in new}
            if new:
                found.setdefault(far, set()).update(new)
        tops = found
    return reached


def edges(using: str, groups: Iterable[UUID], start: str, to: str) -> Iterator[tuple[UUID, UUID]]:
    """Yield pairs of a group and one beside it, by the ORM; see ``above`` and ``below``."""
    members = GroupMember.objects.using(using).filter(child_id__isnull=False).order_by()
    for some in batched(sorted(groups)):
        yield from members.filter(**{f"{start}__in": some}).values_list(start, to)


@lru_cache(maxsize=16)
def _walk_sql(using: str, start: str, to: str, *, fresh: bool) -> str:
    vendor, quote = vendor_of(using), connections[using].ops.quote_name
    members = quote(GroupMember._meta.db_table)
    first = (
        f"SELECT m.{start}, m.{to} FROM {members} m "  # noqa: S608 - names of the model
        f"WHERE m.{start} IN ({{keys}}) AND m.child_id IS NOT NULL"
    )
    further = (
        f"SELECT reached.top, m.{to} FROM reached JOIN {members} m "  # noqa: S608 - names of the model
        f"ON m.{start} = reached.id AND m.child_id IS NOT NULL"
    )
    # Whether groups would hold each other is decided by what is there now, not by a snapshot.
    if fresh:
        first, further = vendor.read_current(first), vendor.read_current(further)
    # UNION, not UNION ALL: what was reached before is not followed again, so that a group within
    # many costs once, and a cycle ends.
    return (
        f"{vendor.recursion_prefix} WITH RECURSIVE reached(top, id) AS ({first} UNION {further}) "  # noqa: S608 - as above
        "SELECT top, id FROM reached"
    )
