"""Fills the floor."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db import connection, transaction

from benchmarks.people import GROUP, whole_person
from benchmarks.projects.floor.documents import columns, emails, encoded, now
from benchmarks.projects.floor.tables import POSTGRESQL, create_tables

BATCH = 2000
PERSON = (
    "number, id, name_key, external_id, family_key, active, created, modified, version, document"
)


def fill(people: int, sizes: Sequence[int], *, indexes: bool) -> dict[str, Any]:
    """Return the ids of people, and of groups by size."""
    create_tables()
    moment = now()
    with transaction.atomic():
        for start in range(0, people, BATCH):
            persons, addresses = [], []
            for number in range(start, min(people, start + BATCH)):
                resource = whole_person(number)
                kept = (moment, moment, 1, encoded(resource))
                persons.append((number + 1, _id("user", number), *columns(resource), *kept))
                addresses += [(number + 1, *each) for each in emails(resource)]
            insert("floor_person", PERSON, persons)
            insert("floor_email", "person, value_key, type", addresses)
        groups = {size: _fill_group(number, size) for number, size in enumerate(sizes, 1)}
        _go_on_counting()
    return {"people": [_id("user", number) for number in range(people)], "groups": groups}


def insert(table: str, names: str, rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows in the way that the database takes fastest."""
    with connection.cursor() as cursor:
        if POSTGRESQL:
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        places = ", ".join(["%s"] * len(names.split(", ")))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", list(rows))


def _fill_group(number: int, size: int) -> str:
    id, moment, name = _id("group", number), now(), f"group-{size}"
    document = encoded({"schemas": [GROUP], "displayName": name, "externalId": f"gext-{size}"})
    row = (number, id, name, f"gext-{size}", moment, moment, 1, document)
    columns = "number, id, name_key, external_id, created, modified, version, document"
    insert("floor_group", columns, [row])
    members = zip(itertools.repeat(number), range(1, size + 1), strict=False)
    insert("floor_member", "in_group, person", members)
    return id


def _id(kind: str, number: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"{kind}:{number}"))


def _go_on_counting() -> None:
    """Let the tables' own numbers begin after those that were given."""
    if not POSTGRESQL:
        return
    with connection.cursor() as cursor:
        for table in ("floor_person", "floor_group"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'number'),"
                f" (SELECT max(number) FROM {table}))"
            )
