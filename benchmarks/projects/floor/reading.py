"""What the floor answers to reads of users."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from django.db import connection

from benchmarks.projects.floor.documents import Answer, Row, listed, missing, person
from benchmarks.projects.floor.tables import SQLITE

COLUMNS = "id, active, created, modified, version, document"
OF_PERSON = ", ".join(f"p.{name}" for name in COLUMNS.split(", "))

BY_KEY = re.compile(r'(userName|externalId) eq "([^"]*)"$')
BY_PART = re.compile(r'emails\.value co "([^"]*)"$')
BY_FAMILY = re.compile(r'name\.familyName sw "([^"]*)" and active eq true$')
REMEMBERED = 2.0
"""Seconds that a count is taken for exact."""

_counted: dict[str, float] = {"at": 0.0, "total": 0}


def read(id: str) -> Answer:
    """Return a user."""
    rows = _rows(f"SELECT {COLUMNS} FROM floor_person WHERE id = %s", [id])
    return (200, person(rows[0])) if rows else missing()


def read_list(query: Mapping[str, str]) -> Answer:
    """Return the users of a filter, a page by its cursor, or one by its index."""
    if "filter" in query:
        rows = _found(query["filter"])
        return listed(rows, len(rows), startIndex=1)
    count = int(query.get("count", 100))
    if "cursor" in query:
        return _page_after(int(query["cursor"] or 0), count)
    return _page_from(int(query.get("startIndex", 1)), count)


def total() -> int:
    """Return how many users there are; counted at most once in two seconds."""
    moment = time.monotonic()
    if moment - _counted["at"] > REMEMBERED:
        _counted["total"] = _rows("SELECT count(*) FROM floor_person", [])[0][0]
        _counted["at"] = moment
    return int(_counted["total"])


def _found(expression: str) -> list[Row]:
    if match := BY_KEY.match(expression):
        named = match[1] == "userName"
        column, value = ("name_key", match[2].lower()) if named else ("external_id", match[2])
        return _rows(f"SELECT {COLUMNS} FROM floor_person WHERE {column} = %s", [value])
    if match := BY_PART.match(expression):
        found = (
            f"SELECT {OF_PERSON} FROM floor_person p WHERE p.number IN"
            " (SELECT person FROM floor_email WHERE value_key LIKE %s)"
            " ORDER BY p.number LIMIT 100"
        )
        return _rows(found, [f"%{match[1].lower()}%"])
    if match := BY_FAMILY.match(expression):
        start = match[1].lower()
        condition, values = "family_key LIKE %s", [f"{start}%"]
        if SQLITE:  # LIKE is not served by an index that tells case apart
            condition, values = "family_key >= %s AND family_key < %s", [start, f"{start}\uffff"]
        where = f"WHERE {condition} AND active ORDER BY number LIMIT 10"
        return _rows(f"SELECT {COLUMNS} FROM floor_person {where}", values)
    raise ValueError(expression)


def _page_after(number: int, count: int) -> Answer:
    found = f"SELECT {COLUMNS}, number FROM floor_person WHERE number > %s ORDER BY number LIMIT %s"
    rows = _rows(found, [number, count])
    following = {"nextCursor": str(rows[-1][6])} if len(rows) == count else {}
    return listed([row[:6] for row in rows], total(), **following)


def _page_from(index: int, count: int) -> Answer:
    first = "SELECT number FROM floor_person ORDER BY number LIMIT 1 OFFSET %s"
    found = f"SELECT {COLUMNS} FROM floor_person WHERE number >= ({first}) ORDER BY number LIMIT %s"
    return listed(_rows(found, [index - 1, count]), total(), startIndex=index)


def _rows(statement: str, values: list[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[Row] = cursor.fetchall()
        return found
