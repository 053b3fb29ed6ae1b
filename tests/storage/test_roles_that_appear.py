"""Roles that a connection begins to give after a write has locked its group."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection as database

from django_scim_provider.storage.groups import store
from django_scim_provider.storage.groups.group_rows import GroupRow, lock_group
from tests.people import connect, post
from tests.scim_client import GROUP, SCIMTestClient
from tests.test_groups import make_group
from tests.test_roles import groups_of, map_to

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _seen_too_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the statement that locks a group see none, as if it had waited since before."""
    if not database.features.has_select_for_update:
        pytest.skip("SQLite has one writer at a time, so the lock sees what is")

    def locking(*args: Any) -> GroupRow | None:
        row = lock_group(*args)
        return row and row._replace(has_roles=False)

    monkeypatch.setattr(store, "lock_group", locking)


def replace(client: SCIMTestClient, id: str, name: str, *members: str) -> None:
    body = {
        "schemas": [GROUP],
        "displayName": name,
        "members": [{"value": member} for member in members],
    }
    assert client.request("PUT", f"/Groups/{id}", body).status == 200


@pytest.mark.parametrize("way", ["PATCH", "PUT"])
def test_members_who_come_and_go_follow(way: str) -> None:
    client = connect()
    ann, bea = (post(client, name).json for name in ("ann@x.example", "bea@x.example"))
    group = make_group(client, "g", ann["id"])
    map_to(group["id"])

    if way == "PUT":
        replace(client, group["id"], "g", bea["id"])
    else:
        operation = {"op": "add", "path": "members", "value": [{"value": bea["id"]}]}
        assert client.patch(f"/Groups/{group['id']}", operation).status == 204

    assert groups_of(bea) == ["staff"]

    replace(client, group["id"], "g")

    assert groups_of(bea) == []


@pytest.mark.parametrize("moves", [False, True])
def test_members_of_a_group_with_a_new_name_follow(moves: bool) -> None:
    client = connect()
    ann, bea = (post(client, name).json for name in ("ann@x.example", "bea@x.example"))
    group = make_group(client, "old", ann["id"])
    map_to("new", "displayName")

    replace(client, group["id"], "new", ann["id"], *([bea["id"]] if moves else []))

    assert groups_of(ann) == ["staff"]
    assert groups_of(bea) == (["staff"] if moves else [])


def test_members_of_a_deleted_group_follow() -> None:
    client = connect()
    ann = post(client, "ann@x.example").json
    group = make_group(client, "g", ann["id"])
    map_to(group["id"])
    replace(client, group["id"], "g")
    replace(client, group["id"], "g", ann["id"])
    assert groups_of(ann) == ["staff"]

    assert client.request("DELETE", f"/Groups/{group['id']}").status == 204

    assert groups_of(ann) == []
