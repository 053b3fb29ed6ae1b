"""Locks for databases that have none: whoever writes the same row second begins again.

Such a database (MongoDB) lets two transactions read a row, and refuses the second one that writes
it. So who needs a row to stay as it is writes another one that stands for it. There are few of
these, so that none is left behind when somebody goes: now and then two meet for nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import TypeVar
from uuid import uuid4
from zlib import crc32

from django.db import IntegrityError, connections
from django.db.models import Model, QuerySet

from django_scim_provider.models import Turn
from django_scim_provider.models.moments import utc_now
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.causes import Overtaken

Row = TypeVar("Row", bound=Model)
Returned = TypeVar("Returned")

ROWS = 4096
"""How many rows stand for all that is locked."""
SHARES = 128
"""Rows that stand for one connection: a write takes one of them, and who closes it all."""


class LocksWholeTable(Exception):
    """A fault of the app: rows are to be locked before it is said which."""


def take_turns(using: str, names: Iterable[str]) -> None:
    """Have the transaction fail if another one takes one of these turns before it ends.

    Raises:
        Overtaken: another one has just done so.
    """
    wanted = sorted({f"lock:{crc32(name.encode()) % ROWS}" for name in names})
    if not wanted:
        return
    rows = Turn.objects.using(using)
    if rows.filter(name__in=wanted).update(holder=uuid4()) == len(wanted):
        return
    there = set(rows.filter(name__in=wanted).values_list("name", flat=True))
    now = utc_now()
    try:
        rows.bulk_create(
            [Turn(name=n, until=now, holder=uuid4()) for n in wanted if n not in there]
        )
    except IntegrityError as error:
        raise Overtaken from error


def share_connection(using: str, provider_id: str) -> None:
    """Keep everybody from having a connection to themselves until the transaction ends."""
    take_turns(using, [_share(provider_id, random.randrange(SHARES))])  # noqa: S311 - no secret


def hold_connection(using: str, provider_id: str) -> None:
    """Keep everybody else from writing through a connection until the transaction ends."""
    take_turns(using, (_share(provider_id, number) for number in range(SHARES)))


def hold_owners(using: str, organization_ids: Iterable[str]) -> None:
    """Keep everybody else from asking who is the last owner of these until the transaction ends.

    Two owners who go at the same time would each see the other one stay, as neither writes the
    other's row. Where there are locks, the organization backend has taken them, and nobody looks
    into ``organization_ids``.
    """
    if vendor_of(using).is_optimistic:
        take_turns(using, (f"owners:{id}" for id in organization_ids))


def _share(provider_id: str, number: int) -> str:
    return f"connection:{provider_id}:{number}"


def locked(rows: QuerySet[Row, Returned]) -> QuerySet[Row, Returned]:
    """Return rows that stay as they are until the transaction ends, but for what refers to them.

    They are narrowed down already: without locks their keys are read now, and a filter that comes
    later spares nobody. PostgreSQL's lock for rows whose keys stay leaves rows that refer to them
    be inserted.

    Raises:
        LocksWholeTable: nothing narrows them, on the portable way.
    """
    features, vendor = connections[rows.db].features, vendor_of(rows.db)
    if vendor.orm_only and not rows.query.where:
        raise LocksWholeTable(f"{rows.model._meta.label}: filter the rows before they are locked.")
    if vendor.is_optimistic:
        keys = rows.order_by().values_list("pk", flat=True)
        take_turns(rows.db, [f"{rows.model._meta.label_lower}:{key}" for key in keys])
        return rows
    return rows.select_for_update(no_key=bool(features.has_select_for_no_key_update))
