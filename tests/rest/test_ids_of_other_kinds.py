"""UUIDs that a database does not store are ids that nothing has."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scim_client import CORE, GROUP, PATCH, SCIMTestClient

UNSTORED = "d4019f91-051d-8f9b-80bb-3ee3a788463d"
"""Of version 8; MariaDB 10.11 refuses one in 64 of these."""

pytestmark = pytest.mark.django_db

MEMBERS: list[dict[str, Any]] = [{"value": UNSTORED}]


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("kind", ["Users", "Groups"])
def test_nothing_is_found_by_it(scim_client: SCIMTestClient, kind: str, method: str) -> None:
    bodies = {
        ("Users", "PUT"): {"schemas": [CORE], "userName": "x"},
        ("Groups", "PUT"): {"schemas": [GROUP], "displayName": "x"},
    }
    change = {"op": "replace", "path": "externalId", "value": "x"}
    body = bodies.get((kind, method), {"schemas": [PATCH], "Operations": [change]})

    answer = scim_client.request(method, f"/{kind}/{UNSTORED}", body)

    assert answer.status == 404, answer.text


@pytest.mark.parametrize("op", ["add", "replace"])
def test_it_is_no_member(scim_client: SCIMTestClient, op: str) -> None:
    made = scim_client.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "g"})
    change = {"op": op, "path": "members", "value": MEMBERS}

    answer = scim_client.patch(f"/Groups/{made.json['id']}", change)
    created = scim_client.request(
        "POST", "/Groups", {"schemas": [GROUP], "displayName": "h", "members": MEMBERS}
    )
    removed = scim_client.patch(
        f"/Groups/{made.json['id']}", {"op": "remove", "path": f'members[value eq "{UNSTORED}"]'}
    )

    assert (answer.status, created.status) == (400, 400), (answer.text, created.text)
    assert removed.status in (204, 200, 400), removed.text


@pytest.mark.parametrize("query", [f'id eq "{UNSTORED}"', f'members.value eq "{UNSTORED}"'])
def test_filter_finds_nothing(scim_client: SCIMTestClient, query: str) -> None:
    assert scim_client.find(query, "Groups").json["totalResults"] == 0
