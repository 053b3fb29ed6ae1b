"""Databases that are read-only, locked or gone: reads go on, writes are 503, nobody waits twice."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, Error, InternalError, OperationalError, connection
from django.db.backends.signals import connection_created

from django_scim_provider.models import ProvisioningEvent, SCIMToken
from django_scim_provider.storage.transactions import in_transaction
from tests.administration import logged_in, staff
from tests.database_errors import of_mysql, of_postgresql, of_sqlite
from tests.factories import make_token
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)

needs_server = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has no connection that could be lost"
)
WRITES = re.compile(r"INSERT INTO|DELETE FROM|UPDATE [\"`]")
Sent = list[str]


@pytest.fixture
def client() -> SCIMTestClient:
    """Return a client with a user, whose token seems unused."""
    client = SCIMTestClient(make_token())
    client.create_user("ann")
    SCIMToken.objects.update(last_used_at=None)
    return client


@contextmanager
def refusing(make: Callable[[], DatabaseError], *, only: str = "") -> Iterator[Sent]:
    """Let each statement that writes fail, or those about one table; yield them."""
    refused: Sent = []

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if WRITES.search(sql) and only in sql:
            refused.append(sql)
            raise make()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(run):
        yield refused


@contextmanager
def read_only() -> Iterator[None]:
    """Make the database refuse what writes, as a replica does after a failover."""
    connection.ensure_connection()
    begin, end = {
        "sqlite": ("PRAGMA query_only = 1", "PRAGMA query_only = 0"),
        "postgresql": (
            "SET default_transaction_read_only = on",
            "SET default_transaction_read_only = off",
        ),
        "mysql": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION TRANSACTION READ WRITE"),
    }[connection.vendor]

    def run(*, connection: Any, statement: str = begin, **_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    connection_created.connect(run)
    run(connection=connection)
    try:
        yield
    finally:
        connection_created.disconnect(run)
        run(connection=connection, statement=end)


def test_reads_go_on_while_the_database_is_read_only(
    client: SCIMTestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with read_only():
        answers = [client.get("/Users"), client.find('userName eq "ann"')]

    assert [answer.status for answer in answers] == [200, 200]
    assert [answer.json["totalResults"] for answer in answers] == [1, 1]
    assert SCIMToken.objects.get().last_used_at is None
    told = [r for r in caplog.records if r.getMessage().startswith("When a SCIM token was used")]
    assert len(told) == 2
    assert all(record.exc_info is None for record in told)
    assert client.get("/Users").status == 200
    assert SCIMToken.objects.get().last_used_at is not None


def test_writes_are_503_while_the_database_is_read_only(client: SCIMTestClient) -> None:
    with read_only():
        answer = client.request("POST", "/Users", {"schemas": [CORE], "userName": "bob"})

    assert answer.status == 503
    assert answer.headers["Retry-After"] == "5"
    assert client.create_user("bob")["userName"] == "bob"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: of_postgresql("25006", InternalError), id="read-only"),
        pytest.param(lambda: of_postgresql("25P03", InternalError), id="idle-in-transaction"),
        pytest.param(lambda: of_mysql(1290), id="mysql-read-only"),
        pytest.param(lambda: of_mysql(1205), id="mysql-lock-wait"),
        pytest.param(lambda: of_sqlite(sqlite3.SQLITE_BUSY), id="sqlite-busy"),
        pytest.param(lambda: of_sqlite(sqlite3.SQLITE_READONLY), id="sqlite-read-only"),
        pytest.param(lambda: of_postgresql("53100"), id="postgresql-disk-full"),
        pytest.param(lambda: of_mysql(1021), id="mysql-disk-full"),
        pytest.param(lambda: of_sqlite(sqlite3.SQLITE_FULL), id="sqlite-full"),
        pytest.param(lambda: OperationalError("closed"), id="lost"),
    ],
)
def test_outage_is_503_after_one_wait(
    client: SCIMTestClient, make: Callable[[], DatabaseError]
) -> None:
    """The write itself waits, and once; its event does not wait behind it."""
    client.get("/Users")  # so that the use of the token is noted
    events = ProvisioningEvent.objects.count()

    with refusing(make) as refused:
        answer = client.request("POST", "/Users", {"schemas": [CORE], "userName": "bob"})

    assert answer.status == 503
    assert answer.headers["Retry-After"] == "5"
    assert len(refused) == 1
    assert ProvisioningEvent.objects.count() == events


@pytest.mark.parametrize("make", [lambda: of_sqlite(sqlite3.SQLITE_ERROR), lambda: of_mysql(1054)])
def test_statement_that_is_wrong_is_500_whatever_its_class(
    client: SCIMTestClient, make: Callable[[], DatabaseError]
) -> None:
    with refusing(make, only="linkedaccount"):
        answer = client.request("POST", "/Users", {"schemas": [CORE], "userName": "bob"})

    assert answer.status == 500


def test_event_of_a_refusal_that_cannot_be_written_leaves_the_refusal(
    client: SCIMTestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with refusing(lambda: of_postgresql("25006", InternalError), only="provisioningevent"):
        answer = client.patch("/Users/0", {"op": "replace", "path": "title", "value": "T"})

    assert answer.status == 404
    (told,) = [r for r in caplog.records if "The event of a failed SCIM request" in r.getMessage()]
    assert told.levelno == logging.WARNING
    assert "25006" in told.getMessage()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the only write lock is SQLite's")
def test_sqlite_that_is_locked_is_waited_for_once(client: SCIMTestClient) -> None:
    """The use of the token, the write and its event: only the write waits."""
    waits: list[int] = []

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("BEGIN") or WRITES.search(sql):
            waits.append(connection.connection.execute("PRAGMA busy_timeout").fetchone()[0])
        return execute(sql, params, many, context)

    holder = sqlite3.connect(
        connection.settings_dict["NAME"], uri=True, isolation_level=None, timeout=0
    )
    holder.execute("BEGIN IMMEDIATE")
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 1")
        with connection.execute_wrapper(run):
            answer = client.request("POST", "/Users", {"schemas": [CORE], "userName": "bob"})
    finally:
        holder.execute("ROLLBACK")
        holder.close()

    assert answer.status == 503
    assert waits == [0, 1]


@needs_server
def test_connection_that_was_lost_is_not_used_again(client: SCIMTestClient) -> None:
    """Commands and workers have no end of a request at which Django would look."""

    def work() -> int:
        return ProvisioningEvent.objects.count()

    connection.ensure_connection()
    connection.connection.close()

    with pytest.raises(Error):
        in_transaction("default", "acme", work)
    assert in_transaction("default", "acme", work) > 0


@needs_server
def test_token_noted_on_a_lost_connection_leaves_one_that_works(client: SCIMTestClient) -> None:
    lost: list[str] = []

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE") and not lost:
            lost.append(sql)
            connection.connection.close()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(run):
        answer = client.get("/Users")

    assert lost
    assert answer.status == 200


def test_people_are_told_503_as_well() -> None:
    owner = staff("root", is_superuser=True)
    make_token(owner=owner)
    browser = logged_in(owner)

    with read_only():
        answer = browser.post(
            "/scim/delete-provider-connection",
            {"provider_id": "acme"},
            content_type="application/json",
        )

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
