"""Who replaces all members of a group writes what differs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import GroupMember
from tests.scim_client import SCIMTestClient
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("stays", [0, 1, 2])
def test_rows_of_who_stays_are_not_written(scim_client: SCIMTestClient, stays: int) -> None:
    people = [scim_client.create_user(f"u{number}@x.example")["id"] for number in range(4)]
    inner = make_group(scim_client, "Inner")["id"]
    group = make_group(scim_client, "Team", *people[:2], inner)["id"]
    before = rows_of(group)
    kept = people[:stays] + [inner] * bool(stays)
    wanted = [{"value": id} for id in (*kept, *people[2:])]

    with CaptureQueriesContext(connection) as made:
        operation = {"op": "replace", "path": "members", "value": wanted}
        assert scim_client.patch(f"/Groups/{group}", operation).status == 204

    after = rows_of(group)
    assert after.keys() == {UUID(each["value"]) for each in wanted}
    assert all(after[UUID(id)] == before[UUID(id)] for id in kept)
    inserts = [query["sql"] for query in made if query["sql"].startswith("INSERT")]
    named = " ".join(inserts).replace("-", "")
    assert not [id for id in people[:stays] if UUID(id).hex in named]


def test_same_members_write_nothing(scim_client: SCIMTestClient) -> None:
    ann = scim_client.create_user("ann@x.example")["id"]
    group = make_group(scim_client, "Team", ann)
    operation = {"op": "replace", "path": "members", "value": [{"value": ann}]}

    with CaptureQueriesContext(connection) as made:
        scim_client.patch(f"/Groups/{group['id']}", operation)

    writing = ("INSERT", "DELETE", "UPDATE", "BEGIN NOT")
    assert not [query["sql"] for query in made if query["sql"].startswith(writing)]
    assert scim_client.get(f"/Groups/{group['id']}").json["meta"] == group["meta"]


def rows_of(group: Any) -> dict[UUID, UUID]:
    """Return the rows of members by whom they are about."""
    return dict(GroupMember.objects.filter(group_id=group).values_list("member_key", "pk"))
