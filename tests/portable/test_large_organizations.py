"""Of a large organization only those members are looked for whom a request is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from tests.drift.comparing import compare
from tests.people import connect, host_user, make_organization
from tests.portable.watching.watch import Watch
from tests.scim_client import GROUP, SCIMTestClient
from tests.tenancy.models import Membership

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portable")]
MEMBERS = 300
"""Of the organization, beside the few whom its connection brought."""
FEW = 40
"""Values in one statement, of whatever a row or a page holds."""
TITLE = {"op": "replace", "path": "title", "value": "New"}


@contextmanager
def values_sent() -> Iterator[list[int]]:
    """Yield a list of how many values each statement has."""
    sent: list[int] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(len(params or ()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield sent


@pytest.fixture
def client(portable: Watch) -> SCIMTestClient:
    organization = make_organization("o1")
    users = get_user_model()._default_manager
    people = users.bulk_create(
        [get_user_model()(username=f"own{number}") for number in range(MEMBERS)], batch_size=50
    )
    Membership.objects.bulk_create(
        [Membership(organization=organization, user=user) for user in people], batch_size=50
    )
    return connect(organization_id="o1")


@pytest.fixture
def users(client: SCIMTestClient) -> list[dict[str, Any]]:
    return [client.create_user(name, externalId=name) for name in ("ann", "bob", "eve")]


@pytest.fixture
def group(client: SCIMTestClient, users: list[dict[str, Any]]) -> str:
    """Return the id of a group of all three, of whom the last is no member any more."""
    members = [{"value": user["id"]} for user in users]
    made = client.request(
        "POST", "/Groups", {"schemas": [GROUP], "displayName": "g", "members": members}
    )
    Membership.objects.filter(user=host_user(users[-1]).pk).delete()
    return str(made.json["id"])


Ask = Callable[[SCIMTestClient, str, str], Any]
ASKED: dict[str, tuple[Ask, Any]] = {
    "get": (lambda client, user, _: client.get(f"/Users/{user}").status, 200),
    "find": (lambda client, *_: client.find('userName eq "ann"').json["totalResults"], 1),
    "scan": (lambda client, *_: client.find('userName co "n"').json["totalResults"], 1),
    "list": (lambda client, *_: client.get("/Users").json["totalResults"], 2),
    "sort": (lambda client, *_: client.get("/Users?sortBy=userName").json["totalResults"], 2),
    "cursor": (lambda client, *_: len(client.get("/Users?cursor&count=1").json["Resources"]), 1),
    "patch": (lambda client, user, _: client.patch(f"/Users/{user}", TITLE).status, 200),
    "delete": (lambda client, user, _: client.request("DELETE", f"/Users/{user}").status, 204),
    "group": (lambda client, _, id: len(client.get(f"/Groups/{id}").json["members"]), 2),
    "groups": (lambda client, *_: len(client.get("/Groups").json["Resources"][0]["members"]), 2),
    "by member": (
        lambda client, user, _: client.find(f'members eq "{user}"', "Groups").json["totalResults"],
        1,
    ),
    "add": (
        lambda client, user, id: (
            client.patch(
                f"/Groups/{id}", {"op": "add", "path": "members", "value": [{"value": user}]}
            ).status
        ),
        204,
    ),
    "remove by name": (
        lambda client, _, id: (
            client.patch(
                f"/Groups/{id}", {"op": "remove", "path": 'members[display eq "x"]'}
            ).status
        ),
        204,
    ),
    "drift": (lambda *_: compare("acme")[0].compared, 4),
}


@pytest.mark.parametrize("asked", ASKED)
def test_keys_are_sent_of_those_alone_who_are_asked_for(
    client: SCIMTestClient, users: list[dict[str, Any]], group: str, asked: str
) -> None:
    ask, expected = ASKED[asked]

    with values_sent() as sent:
        answer = ask(client, users[0]["id"], group)

    assert answer == expected
    assert max(sent) < FEW
