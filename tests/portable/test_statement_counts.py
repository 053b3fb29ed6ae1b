"""How many statements the portable way takes, where each is a command to a server far away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.portable.watching.watch import Watch
from tests.scim_client import GROUP, SCIMTestClient
from tests.test_query_budgets import statements

pytestmark = pytest.mark.django_db
ACCOUNTS = 'FROM "scim_provider_linkedaccount"'
TITLE = {"op": "replace", "path": "title", "value": "New"}


@pytest.fixture
def user(portable: Watch, scim_client: SCIMTestClient) -> dict[str, Any]:
    """Return a user who is in a group; the first use of the token is noted."""
    made = scim_client.create_user("ann")
    group = {"schemas": [GROUP], "displayName": "g", "members": [{"value": made["id"]}]}
    assert scim_client.request("POST", "/Groups", group).status == 201
    return made


def of_accounts(sent: list[str]) -> list[str]:
    return [sql for sql in sent if ACCOUNTS in sql.replace("`", '"')]


@pytest.mark.parametrize("path", ["/Users/{id}", "/Users?filter=userName eq {name}", "/Users"])
def test_account_is_read_once_with_its_groups(
    scim_client: SCIMTestClient, user: dict[str, Any], path: str
) -> None:
    asked = path.format(id=user["id"], name='"ann"').replace(" ", "%20").replace('"', "%22")

    with statements() as sent:
        answer = scim_client.get(asked).json

    (shown,) = answer.get("Resources", [answer])
    assert shown["groups"][0]["display"] == "g"
    assert len(of_accounts(sent)) == 1


def test_reading_asks_nothing_that_a_change_alone_needs(
    scim_client: SCIMTestClient, user: dict[str, Any]
) -> None:
    with statements() as sent:
        assert scim_client.get(f"/Users/{user['id']}").status == 200

    assert [sql for sql in sent if "_failure" in sql or "_webhook" in sql] == []


def test_change_reads_the_account_before_its_user_and_behind(
    scim_client: SCIMTestClient, user: dict[str, Any]
) -> None:
    with statements() as sent:
        answer = scim_client.patch(f"/Users/{user['id']}", TITLE)

    assert answer.json["groups"][0]["display"] == "g"
    assert len(of_accounts(sent)) == 2
