"""One class knows a database vendor, and nothing else asks which one it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import NotSupportedError, OperationalError, connection
from django.test.utils import CaptureQueriesContext

import django_scim_provider
from django_scim_provider.storage.sql import vendors
from django_scim_provider.storage.sql.vendors import error_codes, vendor_of
from django_scim_provider.storage.sql.vendors.base import Vendor
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.fragments.literals import text_array
from django_scim_provider.storage.sql.vendors.mysql import MariaDB, MySQL
from django_scim_provider.storage.sql.vendors.portable import MongoDB, Portable, SQLServer
from django_scim_provider.storage.sql.vendors.postgresql import PostgreSQL
from django_scim_provider.storage.sql.vendors.sqlite import SQLite

PACKAGE = Path(django_scim_provider.__file__).parent
ROOM = "storage/sql/vendors/"
ALLOWED = (ROOM, "models/fields.py", "migrations/")
"""Collations and column types lie beneath the storage, which migrations may not import."""
ATTRIBUTES = {"vendor", "mysql_is_mariadb"}
NAMES = {"postgresql", "mysql", "mariadb", "sqlite", *ATTRIBUTES}


def questions(source: str) -> set[str]:
    """Return how a module asks for the vendor of a database."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
            found.add(f".{node.attr}")
        elif isinstance(node, ast.Constant) and node.value in NAMES:
            found.add(str(node.value))
    return found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('if connection.vendor == "sqlite": pass', {".vendor", "sqlite"}),
        ('SHARE = {"mysql": "LOCK IN SHARE MODE"}', {"mysql"}),
        ("connections[using].mysql_is_mariadb", {".mysql_is_mariadb"}),
        ('getattr(connection, "vendor")', {"vendor"}),
        ("vendor = vendor_of(using)", set()),
    ],
)
def test_every_way_to_ask_is_found(source: str, found: set[str]) -> None:
    assert questions(source) == found


def test_nothing_else_asks_for_the_vendor() -> None:
    asking = {}
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith(ALLOWED) and (found := questions(path.read_text())):
            asking[name] = found
    for path in PACKAGE.rglob("*.html"):
        if re.search(r"\.vendor\b", path.read_text()):
            asking[path.name] = {".vendor"}

    assert asking == {}


def imports(path: Path) -> Iterator[str]:
    """Yield the modules of the app that a module imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        named = [node.module] if isinstance(node, ast.ImportFrom) else []
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        yield from (name for name in named if name and name.startswith("django_scim_provider"))


def test_vendors_import_nothing_of_the_app_but_what_lies_beneath() -> None:
    own, core = f"django_scim_provider.{ROOM[:-1].replace('/', '.')}", "django_scim_provider.core"
    found = {name for path in (PACKAGE / ROOM).glob("*.py") for name in imports(path)}

    others = {name for name in found if not name.startswith((own, core))}

    assert others == {"django_scim_provider.models.fields"}


def made_up(vendor: str, **more: Any) -> Any:
    """Return what a connection says of itself."""
    return SimpleNamespace(alias=f"made-up-{vendor}-{more}", vendor=vendor, **more)


@pytest.mark.parametrize(
    ("database", "kind", "collation"),
    [
        (made_up("sqlite"), SQLite, None),
        (made_up("postgresql"), PostgreSQL, "C"),
        (made_up("mysql", mysql_is_mariadb=False), MySQL, "utf8mb4_0900_bin"),
        (made_up("mysql", mysql_is_mariadb=True), MariaDB, "utf8mb4_nopad_bin"),
        (made_up("mongodb"), MongoDB, None),
        (made_up("microsoft"), SQLServer, "Latin1_General_100_BIN2_UTF8"),
        (made_up("oracle"), Portable, None),
    ],
)
def test_class_is_that_of_the_server(
    database: Any, kind: type[Vendor], collation: str | None
) -> None:
    found = vendor_of(database)

    assert type(found) is kind
    assert found.collation == collation


def test_alias_and_connection_are_the_same_database() -> None:
    assert vendor_of("default") is vendor_of(connection)


def test_server_is_asked_once_what_it_is() -> None:
    database = made_up("mysql", mysql_is_mariadb=True, number=1)
    found = vendor_of(database)
    del database.mysql_is_mariadb

    assert vendor_of(database) is found


def test_portable_vendor_has_no_sql() -> None:
    with pytest.raises(NotSupportedError, match="no SQL of its own"):
        vendor_of(made_up("oracle")).raw("folded", ["title"])


class Cousin(SQLite):
    """A vendor that somebody adds."""

    @classmethod
    def serves(cls, connection: Any) -> bool:
        return bool(connection.vendor == "cousin")

    @classmethod
    def code_of(cls, error: BaseException) -> str | None:
        return str(error.args[0]) if error.args and str(error.args[0]).startswith("COU") else None

    @classmethod
    def cause_of(cls, error: BaseException) -> Cause | None:
        return None if cls.code_of(error) is None else Cause.CONFLICT


def test_a_vendor_is_added_by_its_class(monkeypatch: pytest.MonkeyPatch) -> None:
    error = OperationalError("COU-1")
    assert error_codes.cause_of(error) is Cause.OUTAGE
    for module in (vendors, error_codes):
        monkeypatch.setattr(module, "VENDORS", (Cousin, *vendors.VENDORS))

    assert type(vendor_of(made_up("cousin"))) is Cousin
    assert (error_codes.cause_of(error), error_codes.code_of(error)) == (Cause.CONFLICT, "COU-1")


@pytest.mark.parametrize(
    ("mode", "holds"),
    [("IMMEDIATE", True), ("exclusive", True), ("DEFERRED", False), (None, False)],
)
def test_write_lock_of_sqlite_follows_the_mode(mode: str | None, holds: bool) -> None:
    database = made_up("sqlite", settings_dict={"OPTIONS": {"transaction_mode": mode}})

    assert vendor_of(made_up("sqlite")).holds_write_lock(database) is holds
    assert vendor_of(made_up("postgresql")).holds_write_lock(database) is False


@pytest.mark.django_db
def test_only_one_writer_is_not_waited_for_in_the_block() -> None:
    vendor = vendor_of(connection)
    one_writer = type(vendor) is SQLite
    with CaptureQueriesContext(connection) as noted, vendor.not_waiting(connection):
        inside = patience() if one_writer else 0

    assert inside == 0
    assert bool(noted.captured_queries) is one_writer
    assert not one_writer or patience() > 0


def patience() -> int:
    """Return for how many milliseconds SQLite waits for its lock."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_literal_of_an_array_holds_each_text_as_it_is() -> None:
    texts = ['{"a": "\\\\ \\" b"}', "", "NULL", None, "{x},y", "ü \n'", "\\"]
    literal = text_array(texts)

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT unnest(%s::text[])", [literal])
            assert [text for (text,) in cursor.fetchall()] == texts
    assert text_array([*texts, 1]) is None
