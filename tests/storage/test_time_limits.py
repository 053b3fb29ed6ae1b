"""Queries that no index serves end in time, those that one serves run as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from django_scim_provider.checks import check_settings
from django_scim_provider.models import LinkedAccount
from django_scim_provider.storage.sql.documents import account_documents
from django_scim_provider.storage.sql.time_limits import time_limit
from django_scim_provider.storage.sql.vendors.mysql import (
    mariadb_beginning,
    mysql_beginning,
)
from django_scim_provider.storage.users.account_rows import insert_account
from tests.factories import account_row, make_token
from tests.planning import gather_statistics
from tests.scim_client import CORE, SEARCH, Answer, SCIMTestClient

SLOW = " or ".join(f'phoneNumbers[value co "{number:03}-"]' for number in range(63))
BRIEF = 0.001
"""Seconds; the filter above takes far longer for the people below."""
LIMIT_SQL = re.compile("statement_timeout|max_statement_time|MAX_EXECUTION_TIME")


def fill(count: int = 1500) -> SCIMTestClient:
    """Store people with telephones and return the client of their connection."""
    token = make_token(provider_id="acme")
    users = get_user_model()._default_manager
    name = users.model.USERNAME_FIELD
    users.bulk_create([users.model(**{name: f"user{n}@x.example"}) for n in range(count)])
    phones = [{"value": f"+1 555 {number:07}"} for number in range(4)]
    rows = [
        account_row(
            "acme",
            {"schemas": [CORE], "userName": user.get_username(), "phoneNumbers": phones},
            user,
        )
        for user in users.order_by("pk")
    ]
    for start in range(0, count, 500):
        insert_account.run("default", rows[start : start + 500])
        account_documents.insert("default", rows[start : start + 500])
    gather_statistics()
    return SCIMTestClient(token)


def session_limit() -> Any:
    """Return the time limit of the session itself, in the words of the database."""
    asked = {
        "postgresql": "SHOW statement_timeout",
        "mysql": "SELECT @@max_statement_time",
        "sqlite": "SELECT 0",
    }
    with connection.cursor() as cursor:
        cursor.execute(asked[connection.vendor])
        return cursor.fetchone()[0]


@contextmanager
def own_limit(seconds: int) -> Iterator[None]:
    """Give the session a time limit as a project does by its database's configuration."""
    statements = {
        "postgresql": ("SET statement_timeout = '{}s'", "SET statement_timeout = 0"),
        "mysql": ("SET SESSION max_statement_time = {}", "SET SESSION max_statement_time = 0"),
    }
    begin, end = statements.get(connection.vendor, ("SELECT {}", "SELECT 0"))
    with connection.cursor() as cursor:
        cursor.execute(begin.format(seconds))
    yield
    with connection.cursor() as cursor:
        cursor.execute(end)


def assert_too_many(answer: Answer) -> None:
    assert (answer.status, answer.json["scimType"]) == (400, "tooMany"), answer.text
    assert "0.001 seconds of QUERY_TIME_LIMIT" in answer.json["detail"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"filter": SLOW}, id="filter"),
        pytest.param({"filter": SLOW, "count": 0}, id="count"),
        pytest.param({"filter": SLOW, "cursor": ""}, id="cursor"),
        pytest.param({"filter": f'userName sw "u" and ({SLOW})'}, id="behind-a-wide-index"),
        pytest.param({"filter": f"not ({SLOW})"}, id="not"),
        pytest.param({"sortBy": "phoneNumbers"}, id="sort"),
    ],
)
def test_query_that_no_index_serves_ends_in_time(
    scim_settings: Callable[..., None], query: dict[str, Any]
) -> None:
    client = fill()
    scim_settings(QUERY_TIME_LIMIT=BRIEF)
    body = {"schemas": [SEARCH], **query}

    assert_too_many(client.request("POST", "/Users/.search", body))
    if "cursor" not in query:
        assert_too_many(client.request("POST", "/.search", body))
    scim_settings(QUERY_TIME_LIMIT=None)
    assert client.request("POST", "/Users/.search", {**body, "count": 1}).status == 200


@pytest.mark.django_db
def test_groups_end_in_time(scim_settings: Callable[..., None]) -> None:
    client = fill(3)
    groups = [client.request("POST", "/Groups", _group(number)) for number in range(40)]
    assert {answer.status for answer in groups} == {201}
    with transaction.atomic():
        slow = " or ".join(f'members.display co "{number:03}-"' for number in range(64))
        scim_settings(QUERY_TIME_LIMIT=BRIEF)

        assert_too_many(client.find(slow, "Groups"))

    scim_settings(QUERY_TIME_LIMIT=None)
    assert client.find(slow, "Groups").json["totalResults"] == 0


def _group(number: int) -> dict[str, Any]:
    members = [{"value": str(key)} for key in LinkedAccount.objects.values_list("pk", flat=True)]
    urn = "urn:ietf:params:scim:schemas:core:2.0:Group"
    return {"schemas": [urn], "displayName": f"g{number}", "members": members}


@pytest.mark.django_db(transaction=True)
def test_limit_of_the_session_is_as_before(scim_settings: Callable[..., None]) -> None:
    client = fill()
    with own_limit(77):
        before = session_limit()
        found = client.find('title co "x"')
        after_success = session_limit()
        scim_settings(QUERY_TIME_LIMIT=BRIEF)
        assert_too_many(client.find(SLOW))
        after_error = session_limit()
        with transaction.atomic():
            assert_too_many(client.find(SLOW))
            after_error_inside = session_limit()
            scim_settings(QUERY_TIME_LIMIT=5)
            assert client.find('title co "x"').status == 200
            after_success_inside = session_limit()
        after = session_limit()

    assert found.json["totalResults"] == 0
    seen = [after_success, after_error, after_error_inside, after_success_inside, after]
    assert seen == [before] * 5


@pytest.mark.django_db(transaction=True)
def test_shorter_limit_of_the_database_stays(scim_settings: Callable[..., None]) -> None:
    fill(1)
    scim_settings(QUERY_TIME_LIMIT=60)
    with own_limit(1), time_limit("default"), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        inside = session_limit()

    assert inside == {"postgresql": "1s", "mysql": 1}.get(connection.vendor, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/Users?count=2",
        "/Users?count=2&startIndex=3",
        "/Users?cursor&count=2",
        '/Users?filter=userName eq "user1@x.example"',
        '/Users?filter=userName eq "user1@x.example" and phoneNumbers.value co "1"',
        '/Users?filter=userName sw "user" and active eq true&count=2',
        '/Users?filter=userName eq "a" or externalId eq "b"',
        '/Users?filter=emails.value eq "user1@x.example"',
        '/Users?filter=emails[type eq "work" and value eq "user1@x.example"]',
        '/Users?filter=meta.lastModified gt "2020-01-01T00:00:00Z"&count=2',
        "/Users?sortBy=userName&sortOrder=descending&count=2",
        '/Groups?filter=displayName eq "g"',
        '/Groups?filter=members.value eq "018f0000-0000-7000-8000-000000000001"',
    ],
)
def test_query_that_an_index_serves_has_no_limit(
    scim_settings: Callable[..., None], path: str
) -> None:
    client = fill(5)
    client.get("/Users?count=0")
    address, _, parameters = path.partition("filter=")
    quoted = parameters.replace(" ", "+").replace('"', "%22").replace("[", "%5B")

    def statements(limit: float | None) -> list[str]:
        scim_settings(QUERY_TIME_LIMIT=limit)
        with CaptureQueriesContext(connection) as context:
            answer = client.get(address + ("filter=" + quoted if parameters else ""))
        assert answer.status == 200, answer.text
        return [query["sql"] for query in context]

    limited = statements(5)

    assert len(limited) == len(statements(None))
    assert not any(LIMIT_SQL.search(sql) for sql in limited)


@pytest.mark.django_db
def test_limit_costs_statements_only_where_the_database_needs_them() -> None:
    client = fill(5)
    client.get("/Users?count=0")

    with CaptureQueriesContext(connection) as context:
        assert client.find('title co "x"').json["totalResults"] == 0

    statements = [query["sql"] for query in context]
    # The token; the page, which shows that it is all; PostgreSQL: a savepoint, the limit, and back.
    assert len(statements) == {"postgresql": 6}.get(connection.vendor, 2)
    assert any(LIMIT_SQL.search(sql) for sql in statements) == (connection.vendor != "sqlite")


def test_limit_in_a_statement_never_lengthens_that_of_the_session() -> None:
    assert mysql_beginning(5, own=0) == "SELECT /*+ MAX_EXECUTION_TIME(5000) */"
    assert mysql_beginning(5, own=70) == "SELECT /*+ MAX_EXECUTION_TIME(70) */"
    assert "LEAST(@@max_statement_time, 0.250)" in mariadb_beginning(0.25)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), True, "5"])
def test_useless_limit_is_refused(scim_settings: Callable[..., None], value: Any) -> None:
    scim_settings(QUERY_TIME_LIMIT=value)

    found: list[CheckMessage] = check_settings()

    assert [message.id for message in found] == ["scim_provider.E002"]
    assert "QUERY_TIME_LIMIT" in found[0].msg


@pytest.mark.parametrize("value", [None, 0.5, 30])
def test_useful_limit_is_accepted(scim_settings: Callable[..., None], value: Any) -> None:
    scim_settings(QUERY_TIME_LIMIT=value)

    assert check_settings() == []
