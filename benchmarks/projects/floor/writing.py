"""What the floor does with writes of users: the fewest statements that keep the whole profile."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from benchmarks.projects.floor.documents import (
    Answer,
    columns,
    emails,
    encoded,
    missing,
    now,
    person,
)
from benchmarks.projects.floor.reading import COLUMNS
from benchmarks.projects.floor.tables import POSTGRESQL

INSERT = (
    "INSERT INTO floor_person (id, name_key, external_id, family_key, active, created, modified,"
    " version, document) VALUES (%s, %s, %s, %s, %s, %s, %s, 1, %s) RETURNING number"
)
WITH_EMAILS = (
    f"WITH made AS ({INSERT}) INSERT INTO floor_email SELECT made.number, sent.value, sent.type"
    " FROM made, unnest(%s::text[], %s::text[]) AS sent (value, type)"
)
UPDATE = (
    "UPDATE floor_person SET name_key = %s, external_id = %s, family_key = %s, active = %s,"
    " document = %s, modified = %s, version = version + 1 WHERE number = %s"
)
INSERT_EMAIL = "INSERT INTO floor_email VALUES (%s, %s, %s)"


def create(resource: dict[str, Any]) -> Answer:
    """Insert a user."""
    id, moment, document = str(uuid4()), now(), encoded(resource)
    values = [id, *columns(resource), moment, moment, document]
    sent = emails(resource)
    if POSTGRESQL:
        parts = [list(part) for part in zip(*sent, strict=True)] if sent else [[], []]
        with connection.cursor() as cursor:
            cursor.execute(WITH_EMAILS, [*values, *parts])
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(INSERT, values)
            number = cursor.fetchone()[0]
            cursor.executemany(INSERT_EMAIL, [(number, *each) for each in sent])
    return 201, person((id, resource.get("active", True), moment, moment, 1, document))


def replace(id: str, resource: dict[str, Any]) -> Answer:
    """Update a user; addresses are written again only where they changed."""
    moment, document, sent = now(), encoded(resource), emails(resource)
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, created, version FROM floor_person WHERE id = %s", [id])
        if (row := cursor.fetchone()) is None:
            return missing()
        number, created, version = row
        with nullcontext() if POSTGRESQL else transaction.atomic():
            cursor.execute(UPDATE, [*columns(resource), document, moment, number])
            cursor.execute("SELECT value_key, type FROM floor_email WHERE person = %s", [number])
            if sorted(cursor.fetchall()) != sorted(sent):
                cursor.execute("DELETE FROM floor_email WHERE person = %s", [number])
                cursor.executemany(INSERT_EMAIL, [(number, *each) for each in sent])
    active = resource.get("active", True)
    return 200, person((id, active, created, moment, version + 1, document))


def change_active(id: str, sent: dict[str, Any]) -> Answer:
    """Apply a PATCH that sets ``active``."""
    active, moment = sent["Operations"][0]["value"], now()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS}, number FROM floor_person WHERE id = %s", [id])
        if (row := cursor.fetchone()) is None:
            return missing()
        cursor.execute(
            "UPDATE floor_person SET active = %s, version = version + 1, modified = %s"
            " WHERE number = %s",
            [active, moment, row[6]],
        )
    return 200, person((row[0], active, row[2], moment, row[4] + 1, row[5]))


def delete(id: str) -> Answer:
    """Delete a user; the database deletes what refers to it."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM floor_person WHERE id = %s", [id])
        return (204, None) if cursor.rowcount else missing()
