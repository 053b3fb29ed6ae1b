"""What a bulk request costs, and how it ends in time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import GroupMember, LinkedAccount, ProvisioningEvent
from django_scim_provider.storage.sql.vendors import vendor_of
from tests.people import post
from tests.scim_client import CORE, GROUP, PATCH, SCIMTestClient
from tests.test_bulk import bulk, create, create_group, patch, statuses

pytestmark = pytest.mark.django_db

Settings = Callable[..., None]


@pytest.fixture
def no_time(scim_settings: Settings) -> None:
    """Let the time of a bulk request be used up before it begins."""
    scim_settings(BULK_TIME_LIMIT=1e-9)


@pytest.mark.usefixtures("no_time")
def test_what_the_time_limit_leaves_is_503_and_the_rest_is_kept(
    scim_client: SCIMTestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "django_scim_provider"):
        answer = bulk(scim_client, *(create(f"u{n}", f"user{n}") for n in range(30)))

    assert statuses(answer) == ["201", *["503"] * 29]
    assert "send this operation again" in answer.json["Operations"][1]["response"]["detail"]
    assert LinkedAccount.objects.count() == 1
    told = ProvisioningEvent.objects.exclude(action="generate_token").order_by("pk")
    assert [(event.action, event.status) for event in told] == [("create", 201), ("bulk", 503)]
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "29 operations were not done" in line


@pytest.mark.usefixtures("no_time")
def test_client_that_sends_the_rest_again_comes_to_an_end(scim_client: SCIMTestClient) -> None:
    left = [
        create_group("g", "team", *(f"bulkId:u{n}" for n in range(5))),
        *(create(f"u{n}", f"user{n}") for n in range(5)),
    ]
    ids: dict[str, str] = {}
    for _ in range(6):
        results = bulk(scim_client, *left).json["Operations"]
        done = {r["bulkId"]: r["location"][-36:] for r in results if r["status"] == "201"}
        ids |= done
        left = [operation for operation in left if operation["bulkId"] not in done]
        for operation in left:  # what was created is known by its id from now on
            for member in operation["data"].get("members", ()):
                member["value"] = ids.get(member["value"].removeprefix("bulkId:"), member["value"])

    assert left == []
    assert GroupMember.objects.filter(group=UUID(ids["g"])).count() == 5


def captured(client: SCIMTestClient, method: str, path: str, body: Any) -> int:
    with CaptureQueriesContext(connection) as made:
        answer = client.request(method, path, body)
    assert answer.status < 300, answer.text
    return len(made)


def patched(value: Any) -> dict[str, Any]:
    operation = {"op": "add", "path": "members", "value": value}
    return {"schemas": [PATCH], "Operations": [operation]}


def works(client: SCIMTestClient, kind: str, count: int) -> list[tuple[str, str, Any]]:
    """Return so many requests of a kind: method, path, body."""
    users = [post(client, f"{kind}{count}-{n}").json["id"] for n in range(count)]
    groups = [
        client.request("POST", "/Groups", {"schemas": [GROUP], "displayName": kind}).json["id"]
        for _ in range(count)
    ]
    title = {"op": "replace", "path": "title", "value": "T"}
    made: dict[str, list[tuple[str, str, Any]]] = {
        "create": [("POST", "/Users", {"schemas": [CORE], "userName": f"n{u}"}) for u in users],
        "replace": [
            ("PUT", f"/Users/{u}", {"schemas": [CORE], "userName": f"n{u}"}) for u in users
        ],
        "patch": [
            ("PATCH", f"/Users/{u}", {"schemas": [PATCH], "Operations": [title]}) for u in users
        ],
        "delete": [("DELETE", f"/Users/{u}", None) for u in users],
        "create-group": [
            ("POST", "/Groups", {"schemas": [GROUP], "displayName": u, "members": [{"value": u}]})
            for u in users
        ],
        "add-member": [
            ("PATCH", f"/Groups/{g}", patched([{"value": u}]))
            for g, u in zip(groups, users, strict=True)
        ],
        "delete-group": [("DELETE", f"/Groups/{g}", None) for g in groups],
    }
    return made[kind]


@pytest.mark.parametrize(
    "kind",
    ["create", "replace", "patch", "delete", "create-group", "add-member", "delete-group"],
)
def test_operation_takes_fewer_statements_than_the_request(
    scim_client: SCIMTestClient, kind: str
) -> None:
    # A request also reads the token, and begins and ends a transaction; an operation a savepoint.
    fewer = 1
    # It writes its event, where that is not joined to what it writes anyway.
    joins = vendor_of("default").together(["", ""], None) is not None
    fewer += not joins
    # It holds the connection open, where nothing else that it asks or writes does.
    fewer += kind == "create-group" and not vendor_of("default").writes_in_with
    (single,) = works(scim_client, kind, 1)
    alone = captured(scim_client, *single)

    def of_bulk(count: int) -> int:
        operations = [
            {"method": method, "path": path, "data": body, "bulkId": f"b{n}"}
            for n, (method, path, body) in enumerate(works(scim_client, kind, count))
        ]
        with CaptureQueriesContext(connection) as made:
            answer = bulk(scim_client, *operations)
        assert all(status < "300" for status in statuses(answer)), answer.text
        return len(made)

    few, many = of_bulk(2), of_bulk(12)
    each, rest = divmod(many - few, 10)

    # People who are new share all but the statement that saves the project's user.
    assert (each, rest) == (1 if kind == "create" else alone - fewer, 0)


@pytest.mark.parametrize("id", ["a%00b", "%ED%A0%80", "x" * 300])
def test_id_that_no_database_may_be_asked_for_fails_its_operation_alone(
    scim_client: SCIMTestClient, id: str
) -> None:
    title = {"op": "replace", "path": "title", "value": "T"}

    answer = bulk(
        scim_client,
        patch(f"/Users/{id}", title),
        {"method": "DELETE", "path": f"/Groups/{id}"},
        create("a", "ann"),
    )

    assert statuses(answer) == ["404", "404", "201"]
