"""People and groups of many connections, in chunks: memory stays as it is for any number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, QuerySet

from django_scim_provider.conf import get_settings
from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup

CHUNK = 2000
"""Rows that are in memory at once."""
COUNTED = 500
"""Connections whose rows are counted by one statement."""
PEOPLE = (
    "provider_id",
    "scim_id",
    "external_id",
    "user_name",
    "display_name",
    "active",
    "user_id",
    "created_user",
    "created_at",
    "last_modified",
    "released_at",
)
GROUPS = (
    "provider_id",
    "scim_id",
    "external_id",
    "display_name",
    "created_at",
    "last_modified",
    "members",
)
"""``members`` is how many direct ones there are."""


def people_rows(provider_ids: Sequence[str]) -> Iterator[Sequence[Any]]:
    """Yield the accounts of connections, as ``PEOPLE`` has their columns."""
    rows = LinkedAccount.objects.using(get_settings().DATABASE)
    for chunk in _chunks(rows, provider_ids, PEOPLE):
        for row in chunk:
            yield row[1:]


def group_rows(provider_ids: Sequence[str]) -> Iterator[Sequence[Any]]:
    """Yield the groups of connections, as ``GROUPS`` has their columns."""
    using = get_settings().DATABASE
    members = GroupMember.objects.using(using).order_by()
    columns = GROUPS[:-1]  # the last one is counted
    for chunk in _chunks(ProvisionedGroup.objects.using(using), provider_ids, columns):
        own = members.filter(group__in=[row[0] for row in chunk])
        sizes = dict(own.values_list("group").annotate(n=Count("pk")))
        for row in chunk:
            yield (*row[1:], sizes.get(row[0], 0))


def _chunks(
    rows: QuerySet[Any], provider_ids: Sequence[str], columns: Sequence[str]
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield rows with their key before the columns.

    Small connections are read together, as many as fit; a large one by pages of its own, which
    begin behind the last row of the one before. So each statement is answered by the index of the
    connection, and there are about as many of them as chunks.
    """
    for start in range(0, len(provider_ids), COUNTED):
        ids = provider_ids[start : start + COUNTED]
        counted = rows.filter(provider__in=ids).order_by().values_list("provider")
        sizes = dict(counted.annotate(n=Count("pk")))
        together: list[str] = []
        room = CHUNK
        for id in ids:
            size = sizes.get(id, 0)
            if size > room and together:
                yield _read(rows.filter(provider__in=together), columns)
                together, room = [], CHUNK
            if size > CHUNK:
                yield from _pages(rows.filter(provider=id), columns)
            elif size:
                together.append(id)
                room -= size
        if together:
            yield _read(rows.filter(provider__in=together), columns)


def _read(rows: QuerySet[Any], columns: Sequence[str]) -> list[tuple[Any, ...]]:
    return list(rows.order_by("provider_id", "pk").values_list("pk", *columns))


def _pages(rows: QuerySet[Any], columns: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
    ordered = rows.order_by("provider_id", "pk").values_list("pk", *columns)
    page = list(ordered[:CHUNK])
    while page:
        yield page
        behind = ordered.filter(pk__gt=page[-1][0])
        page = list(behind[:CHUNK]) if len(page) == CHUNK else []
