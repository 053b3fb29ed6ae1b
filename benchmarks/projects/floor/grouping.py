"""What the floor does with groups; members are rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any
from uuid import uuid4

import orjson
from django.db import connection, transaction

from benchmarks.projects.floor.documents import ROOT, Answer, encoded, group, missing, now
from benchmarks.projects.floor.tables import MYSQL, POSTGRESQL

INSERT = (
    "INSERT INTO floor_group (id, name_key, external_id, created, modified, version, document)"
    " VALUES (%s, %s, %s, %s, %s, 1, %s)"
)
ONE_OF = "id = ANY(%s::uuid[])"
if MYSQL:
    ONE_OF = "id IN (SELECT id FROM JSON_TABLE(%s, '$[*]' COLUMNS (id char(36) PATH '$')) sent)"
elif not POSTGRESQL:
    ONE_OF = "id IN (SELECT value FROM json_each(%s))"
KEPT = f"SELECT number FROM floor_person WHERE {ONE_OF}"
IGNORING = {"sqlite": "INSERT OR IGNORE", "mysql": "INSERT IGNORE"}.get(connection.vendor, "INSERT")
ADD = f"{IGNORING} INTO floor_member SELECT %s, number FROM floor_person WHERE {ONE_OF}"
if POSTGRESQL:
    ADD += " ON CONFLICT DO NOTHING"
LIMIT_TO = f"DELETE FROM floor_member WHERE in_group = %s AND person NOT IN ({KEPT})"
REMOVE = f"DELETE FROM floor_member WHERE in_group = %s AND person IN ({KEPT})"
MEMBERS = (
    "SELECT p.id FROM floor_member m JOIN floor_person p ON p.number = m.person"
    " WHERE m.in_group = %s ORDER BY m.person"
)


def create(resource: dict[str, Any]) -> Answer:
    """Insert a group, with members where some are sent."""
    id, moment = str(uuid4()), now()
    members = resource.pop("members", ())
    document = encoded(resource)
    name, external_id = resource["displayName"].lower(), resource.get("externalId")
    with transaction.atomic() if members else nullcontext(), connection.cursor() as cursor:
        cursor.execute(INSERT, [id, name, external_id, moment, moment, document])
        if members:
            number = _number(cursor, id)
            cursor.execute(ADD, [number, _ids(members)])
    return 201, group((id, moment, moment, 1, document))


def read(id: str, query: Mapping[str, str]) -> Answer:
    """Return a group."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, created, modified, version, document, number FROM floor_group"
            " WHERE id = %s",
            [id],
        )
        if (row := cursor.fetchone()) is None:
            return missing()
        found = group(row[:5])
        if "members" not in query.get("excludedAttributes", ""):
            cursor.execute(MEMBERS, [row[5]])
            found["members"] = [
                {"value": str(id), "$ref": f"{ROOT}/Users/{id}", "type": "User"}
                for (id,) in cursor.fetchall()
            ]
    return 200, found


def change(id: str, sent: dict[str, Any]) -> Answer:
    """Apply a PATCH that adds, removes or replaces members."""
    operation = sent["Operations"][0]
    # In one transaction but on PostgreSQL, where the floor takes none.
    atomic = nullcontext() if POSTGRESQL else transaction.atomic()
    with atomic, connection.cursor() as cursor:
        if (number := _touch(cursor, id)) is None:
            return missing()
        if operation["op"] == "remove":
            removed = operation["path"].partition('"')[2].partition('"')[0]
            cursor.execute(REMOVE, [number, _ids([{"value": removed}])])
            return 204, None
        members = _ids(operation["value"])
        if operation["op"] == "replace" and MYSQL:
            _replace_by_difference(cursor, number, operation["value"])
            return 204, None
        if operation["op"] == "replace":
            cursor.execute(LIMIT_TO, [number, members])
        cursor.execute(ADD, [number, members])
    return 204, None


def _replace_by_difference(cursor: Any, number: int, members: Sequence[dict[str, Any]]) -> None:
    """Delete and insert what differs: MariaDB reads a JSON table again for every row."""
    ids = [member["value"] for member in members]
    cursor.execute("SELECT number FROM floor_person WHERE id IN %s", [ids or [""]])
    wanted = {row[0] for row in cursor.fetchall()}
    cursor.execute("SELECT person FROM floor_member WHERE in_group = %s", [number])
    kept = {row[0] for row in cursor.fetchall()}
    if gone := list(kept - wanted):
        cursor.execute(
            "DELETE FROM floor_member WHERE in_group = %s AND person IN %s", [number, gone]
        )
    rows = [(number, person) for person in wanted - kept]
    cursor.executemany("INSERT IGNORE INTO floor_member VALUES (%s, %s)", rows)


def _touch(cursor: Any, id: str) -> int | None:
    """Count the version up and return the group's number."""
    update = "UPDATE floor_group SET version = version + 1, modified = %s WHERE id = %s"
    if not MYSQL:
        cursor.execute(f"{update} RETURNING number", [now(), id])
        row = cursor.fetchone()
        return None if row is None else int(row[0])
    cursor.execute(update, [now(), id])
    return _number(cursor, id) if cursor.rowcount else None


def _number(cursor: Any, id: str) -> int:
    cursor.execute("SELECT number FROM floor_group WHERE id = %s", [id])
    return int(cursor.fetchone()[0])


def _ids(members: Sequence[dict[str, Any]]) -> Any:
    ids = [member["value"] for member in members]
    return ids if POSTGRESQL else orjson.dumps(ids).decode()
