"""Of a group with too many members to hold at once, all who are seen are shown."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.storage.groups import rendering
from tests.people import connect, host_user
from tests.portable.both_ways import by_orm
from tests.scim_client import GROUP, SCIMTestClient
from tests.tenancy.models import Membership

pytestmark = pytest.mark.django_db
MEMBERS = 8


def shown(client: SCIMTestClient, id: str) -> list[set[str]]:
    """Return the members that the group and the list of groups show."""
    answers = [client.get(f"/Groups/{id}"), client.get("/Groups")]
    groups = [answers[0].json, *answers[1].json["Resources"]]
    return [{member["value"] for member in group["members"]} for group in groups]


@pytest.mark.parametrize("most", [MEMBERS - 4, MEMBERS - 1, MEMBERS])
def test_nobody_is_missing_beside_those_out_of_sight(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    client = connect(organization_id="o1")
    users: list[dict[str, Any]] = [client.create_user(f"user{n}") for n in range(MEMBERS)]
    ids = {user["id"] for user in users}
    body = {"schemas": [GROUP], "displayName": "g", "members": [{"value": id} for id in ids]}
    group = client.request("POST", "/Groups", body).json["id"]
    monkeypatch.setattr(rendering, "MAX_AT_ONCE", most)

    for user in users:  # whoever is read first
        hidden = Membership.objects.get(user=host_user(user).pk)
        hidden.delete()
        expected = [ids - {user["id"]}] * 2

        assert shown(client, group) == expected
        with by_orm():
            assert shown(client, group) == expected

        hidden.save()
