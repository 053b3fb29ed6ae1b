"""How many SQL queries a request may make, whatever the number of users."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.storage.sql.vendors import vendor_of
from tests.scim_client import CORE, GROUP, SCIMTestClient

Budget = Callable[[int], Any]

pytestmark = pytest.mark.django_db


@contextmanager
def statements() -> Iterator[list[str]]:
    """Yield a list that in the end holds the SQL that was run, without transaction marks."""
    made: list[str] = []
    with CaptureQueriesContext(connection) as context:
        yield made
    marks = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    sent = [query["sql"].replace("BEGIN NOT ATOMIC", "") for query in context]
    made += [sql for sql in sent if not sql.startswith(marks)]


@pytest.fixture
def users(scim_client: SCIMTestClient) -> list[dict[str, Any]]:
    """Return users; the first use of the token is noted, and whether rows are counted is known."""
    made = [
        scim_client.create_user(
            f"user{number}@x.example",
            externalId=f"e{number}",
            emails=[{"value": f"user{number}@x.example", "type": "work"}],
        )
        for number in range(12)
    ]
    scim_client.get("/Users?count=0")
    return made


def put_in_groups(client: SCIMTestClient, users: list[dict[str, Any]]) -> None:
    for name in ("g", "h"):
        members = [{"value": user["id"]} for user in users]
        group = {"schemas": [GROUP], "displayName": name, "members": members}
        assert client.request("POST", "/Groups", group).status == 201


@pytest.fixture(params=[False, True], ids=["in-no-group", "in-two-groups"])
def in_groups(
    request: pytest.FixtureRequest, scim_client: SCIMTestClient, users: list[dict[str, Any]]
) -> int:
    """Return in how many groups each user is."""
    if not request.param:
        return 0
    put_in_groups(scim_client, users)
    return 2


def groups_in(answer: Any) -> set[int]:
    shown = answer.json.get("Resources", [answer.json])
    return {len(user.get("groups", ())) for user in shown}


def test_get_takes_two(
    scim_client: SCIMTestClient,
    users: list[Any],
    in_groups: int,
    django_assert_num_queries: Budget,
) -> None:
    with django_assert_num_queries(2):
        answer = scim_client.get(f"/Users/{users[0]['id']}")

    assert groups_in(answer) == {in_groups}


@pytest.mark.parametrize("path", ["/Users/{id}", "/Users", "/Users?sortBy=userName"])
def test_groups_that_are_not_shown_are_not_read(
    scim_client: SCIMTestClient, users: list[dict[str, Any]], path: str
) -> None:
    put_in_groups(scim_client, users)
    path = path.format(id=users[0]["id"])

    with statements() as made:
        answer = scim_client.get(f"{path}{'&' if '?' in path else '?'}excludedAttributes=groups")

    assert groups_in(answer) == {0}
    assert not any("scim_provider_groupmember" in each for each in made)


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        pytest.param("/Users?count=5", 3, id="page"),
        pytest.param("/Users?count=10", 3, id="larger-page"),
        pytest.param("/Users", 2, id="page-that-is-not-full"),
        pytest.param("/Users?count=5&startIndex=4", 3, id="page-by-index"),
        pytest.param("/Users?count=5&startIndex=8", 2, id="last-page-by-index"),
        pytest.param("/Users?filter=userName+eq+%22user3@x.example%22", 2, id="find-by-name"),
        pytest.param("/Users?filter=externalId+eq+%22e3%22", 2, id="find-by-external-id"),
        pytest.param("/Users?filter=emails.value+eq+%22user3@x.example%22", 2, id="find-by-mail"),
        pytest.param("/Users?filter=userName+sw+%22user%22&count=3", 3, id="filter"),
        pytest.param("/Users?sortBy=userName&count=3&startIndex=4", 3, id="sorted-page"),
        pytest.param("/Users?cursor&count=5", 3, id="first-cursor-page"),
        pytest.param("/Users?count=0", 2, id="count-only"),
    ],
)
def test_list_takes_the_same_for_any_page_size(
    scim_client: SCIMTestClient,
    users: list[Any],
    in_groups: int,
    django_assert_num_queries: Budget,
    path: str,
    queries: int,
) -> None:
    with django_assert_num_queries(queries):
        answer = scim_client.get(path)

    assert answer.json["totalResults"] in (1, 12)
    assert groups_in(answer) <= {in_groups}


def test_next_cursor_page_does_not_count_again(
    scim_client: SCIMTestClient,
    users: list[Any],
    in_groups: int,
    django_assert_num_queries: Budget,
) -> None:
    cursor = scim_client.get("/Users?cursor&count=5").json["nextCursor"]

    with django_assert_num_queries(2):
        answer = scim_client.get(f"/Users?cursor={cursor}&count=5")

    assert answer.json["totalResults"] == 12


@pytest.mark.parametrize(
    ("operation", "queries"),
    [
        pytest.param({"op": "replace", "path": "title", "value": "T"}, 6, id="title"),
        pytest.param({"op": "replace", "path": "active", "value": False}, 10, id="active"),
        pytest.param(
            {"op": "add", "path": "emails", "value": [{"value": "n@x.example"}]}, 9, id="mail"
        ),
    ],
)
def test_patch_takes_few(
    scim_client: SCIMTestClient,
    scim_settings: Any,
    users: list[Any],
    operation: dict[str, Any],
    queries: int,
) -> None:
    # Revokers have queries of their own; two of those for "active" ask for organizations and roles,
    # one of those for the address asks for protected users.
    scim_settings(REVOKERS=[])
    with statements() as made:
        assert scim_client.patch(f"/Users/{users[0]['id']}", operation).status == 200

    assert len(made) <= queries, made


def test_change_that_changes_nothing_takes_two(
    scim_client: SCIMTestClient, users: list[Any]
) -> None:
    operation = {"op": "replace", "path": "active", "value": True}

    with statements() as made:
        scim_client.patch(f"/Users/{users[0]['id']}", operation)

    assert len(made) == 2, made


def test_create_takes_few(scim_client: SCIMTestClient, users: list[Any]) -> None:
    body = {
        "schemas": [CORE],
        "userName": "new@x.example",
        "emails": [{"value": "a@x.example"}, {"value": "b@x.example"}],
    }

    with statements() as made:
        assert scim_client.request("POST", "/Users", body).status == 201

    # One of them is the row of allauth's. One asks for all that may be in the way, and holds the
    # connection open where the database can do both at once.
    assert len(made) <= 8 + (connection.vendor == "mysql"), made


def test_rename_takes_few(scim_client: SCIMTestClient, users: list[Any]) -> None:
    operation = {"op": "replace", "path": "userName", "value": "other@x.example"}

    with statements() as made:
        assert scim_client.patch(f"/Users/{users[0]['id']}", operation).status == 200

    # One asks whether another connection has the user, one for organizations, and one for all that
    # may be in the way of the name.
    assert len(made) <= 10, made


@pytest.mark.parametrize("held", [1, 9])
@pytest.mark.parametrize(
    ("operation", "joined", "apart"),
    [
        pytest.param({"op": "add", "path": "members"}, 4, 8, id="add"),
        pytest.param({"op": "remove", "path": "members"}, 4, 8, id="remove"),
        pytest.param({"op": "replace", "path": "members"}, 4, 10, id="replace"),
    ],
)
def test_change_of_members_takes_the_same_for_any_size_of_group(
    scim_client: SCIMTestClient,
    users: list[Any],
    operation: dict[str, Any],
    joined: int,
    apart: int,
    held: int,
) -> None:
    members = [{"value": user["id"]} for user in users]
    group = {"schemas": [GROUP], "displayName": "g", "members": members[:held]}
    id = scim_client.request("POST", "/Groups", group).json["id"]
    value = members[held - 1 : held] if operation["op"] == "remove" else members[held : held + 2]

    with statements() as made:
        assert scim_client.patch(f"/Groups/{id}", {**operation, "value": value}).status == 204

    assert len(made) <= (joined if vendor_of("default").writes_in_with else apart), made


@pytest.mark.parametrize(
    ("method", "joined", "apart"),
    [
        pytest.param("POST", 4, 10, id="create"),
        pytest.param("PUT", 5, 12, id="replace"),
        pytest.param("DELETE", 4, 9, id="delete"),
    ],
)
def test_write_of_a_group_takes_few(
    scim_client: SCIMTestClient, users: list[Any], method: str, joined: int, apart: int
) -> None:
    members = [{"value": user["id"]} for user in users]
    body = {"schemas": [GROUP], "displayName": "g", "members": members[:6]}
    group = scim_client.request("POST", "/Groups", body).json
    path = "/Groups" if method == "POST" else f"/Groups/{group['id']}"

    with statements() as made:
        sent = {**body, "members": members[4:]}
        assert scim_client.request(method, path, sent).status < 300

    assert len(made) <= (joined if vendor_of("default").writes_in_with else apart), made


def test_group_without_members_takes_one_beside_the_token(
    scim_client: SCIMTestClient, users: list[Any]
) -> None:
    with statements() as made:
        body = {"schemas": [GROUP], "displayName": "g"}
        assert scim_client.request("POST", "/Groups", body).status == 201

    assert len(made) <= (2 if vendor_of("default").writes_in_with else 6), made
