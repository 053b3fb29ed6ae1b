"""The tables that the initial migration makes on SQL Server."""

from __future__ import annotations

import re

import pytest

from django_scim_provider.models import LinkedAccount
from tests.portable.sql_server.driver import reason_against

pytestmark = pytest.mark.skipif(bool(reason_against()), reason=reason_against())
LONGEST_KEY = 1700
"""Bytes of an index that is not clustered, since SQL Server 2016.

https://learn.microsoft.com/sql/sql-server/maximum-capacity-specifications-for-sql-server"""


@pytest.fixture(scope="module")
def statements() -> list[str]:
    from tests.portable.sql_server.database import migration_statements

    return migration_statements("scim_provider", "0001_initial")


@pytest.fixture(scope="module")
def columns(statements: list[str]) -> dict[tuple[str, str], str]:
    """Return the type of each column, by its table and name."""
    found: dict[tuple[str, str], str] = {}
    for statement in statements:
        if match := re.match(r"CREATE TABLE \[(\w+)\] \((.*)\);$", statement):
            for name, kind in re.findall(r"\[(\w+)\] (\w+(?:\(\w+\))?)", match[2]):
                found.setdefault((match[1], name), kind)
    return found


def indexes(statements: list[str]) -> list[tuple[str, str, list[str], str]]:
    """Return the name, the table, the columns and what stands behind them, of each index."""
    found = []
    for statement in statements:
        pattern = r"CREATE (?:UNIQUE )?INDEX \[(\w+)\] ON \[(\w+)\] \(([^)]*)\)(.*);$"
        if match := re.match(pattern, statement):
            found.append((match[1], match[2], re.findall(r"\[(\w+)\]", match[3]), match[4]))
    return found


def size(kind: str) -> int:
    """Return how many bytes a value of a type takes at most in an index."""
    if match := re.match(r"nvarchar\((\w+)\)", kind):
        return 2 * int(match[1]) if match[1] != "max" else LONGEST_KEY + 1
    if match := re.match(r"char\((\d+)\)", kind):
        return int(match[1])
    return {"int": 4, "smallint": 2, "bit": 1, "date": 3, "datetimeoffset": 10}[kind]


def test_no_unique_index_is_filtered(statements: list[str]) -> None:
    # A filter is how the backend leaves NULLs out, and no unique constraint of ours holds one.
    assert [each for each in statements if re.search(r"UNIQUE INDEX|WHERE", each, re.I)] == [
        each for each in statements if "sys.default_constraints" in each
    ]
    unique = [each for each in statements if re.search(r"UNIQUE \(|NOT NULL UNIQUE", each)]
    assert len(unique) >= 10


def test_each_index_can_be_made(statements: list[str], columns: dict[tuple[str, str], str]) -> None:
    too_long = {
        name: bytes_of_key
        for name, table, keys, _ in indexes(statements)
        if (bytes_of_key := sum(size(columns[table, key]) for key in keys)) > LONGEST_KEY
    }
    assert too_long == {}


def test_names_are_short_enough(statements: list[str]) -> None:
    names = {name for each in statements for name in re.findall(r"\[(\w+)\]", each)}
    assert len(names) > 200
    assert [name for name in names if len(name) > 128] == []


def test_exact_texts_compare_as_they_are(statements: list[str]) -> None:
    table = f"CREATE TABLE [{LinkedAccount._meta.db_table}]"
    accounts = next(each for each in statements if each.startswith(table))
    assert re.search(r"\[scim_id\] nvarchar\(255\)\s+COLLATE Latin1_General_100_BIN2", accounts)
