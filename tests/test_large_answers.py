"""Answers that are sent piece by piece: whole, in order, and in memory that does not grow."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.api import list_scim_users
from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup
from django_scim_provider.models.keys import uuid7
from django_scim_provider.storage.sql.documents import account_documents
from django_scim_provider.storage.sql.large_pages import MAX_AT_ONCE
from django_scim_provider.storage.users.account_rows import insert_account
from tests.factories import account_row, make_account, make_token
from tests.large_content import LONG, people, pieces_of
from tests.scim_client import CORE, GROUP, SCIM_JSON, SEARCH, SCIMTestClient

MANY = MAX_AT_ONCE + 2_500


@pytest.fixture
def token(db: None) -> str:
    return make_token(provider_id="acme")


@pytest.fixture
def client(token: str) -> SCIMTestClient:
    return SCIMTestClient(token)


@pytest.fixture
def crowd(token: str) -> list[str]:
    """Return the ids of more users than a group shows at once."""
    users = get_user_model()._default_manager
    name = users.model.USERNAME_FIELD
    users.bulk_create([users.model(**{name: f"user{n}@x.example"}) for n in range(MANY)])
    rows = [
        account_row("acme", {"schemas": [CORE], "userName": name, "displayName": name}, user)
        for user in users.order_by("pk")
        for name in (user.get_username(),)
    ]
    for start in range(0, len(rows), 1000):
        insert_account.run("default", rows[start : start + 1000])
        account_documents.insert("default", rows[start : start + 1000])
    return [str(row["id"]) for row in rows]


def make_group(client: SCIMTestClient, name: str, ids: Sequence[str]) -> str:
    """Store a group with these users in a few statements; return its path."""
    answer = client.request("POST", "/Groups", {"schemas": [GROUP], "displayName": name})
    id = answer.json["id"]
    members = [GroupMember(group_id=UUID(id), account_id=UUID(member)) for member in ids]
    GroupMember.objects.bulk_create(members, batch_size=5000)
    return f"/Groups/{id}"


def peak_memory(token: str, path: str) -> tuple[int, int]:
    """Return the bytes that an answer has, and those that were held at once to send it."""
    tracemalloc.start()
    try:
        size = sum(map(len, pieces_of(token, path)))
        return size, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def ids_of(values: Sequence[dict[str, Any]]) -> set[str]:
    return {value["value"] for value in values}


def test_memory_does_not_grow_with_the_groups_of_a_page(
    token: str, client: SCIMTestClient, crowd: list[str]
) -> None:
    make_group(client, "g0", crowd)
    peak_memory(token, "/Groups")
    small, held_for_small = peak_memory(token, "/Groups")
    for number in range(1, 6):
        make_group(client, f"g{number}", crowd)

    large, held_for_large = peak_memory(token, "/Groups")

    assert large > 5 * small
    assert held_for_large < 1.3 * held_for_small
    assert held_for_large < large


def test_memory_does_not_grow_with_the_texts_of_a_page(token: str) -> None:
    for number in range(24):
        content = {"schemas": [CORE], "userName": f"u{number}", "displayName": "x" * LONG}
        make_account("acme", content, number)
    peak_memory(token, "/Users?count=1")
    small, held_for_small = peak_memory(token, "/Users?count=4")

    large, held_for_large = peak_memory(token, "/Users?count=24")

    assert large > 5 * small
    assert held_for_large < 1.3 * held_for_small


def test_list_shows_each_group_with_all_its_members(
    client: SCIMTestClient, crowd: list[str]
) -> None:
    shares = [crowd, crowd[:3], [], crowd[:2100], crowd[5:9], crowd[7:]]
    paths = [make_group(client, f"g{n}", share) for n, share in enumerate(shares)]
    inner = {"op": "add", "path": "members", "value": [{"value": paths[1].rpartition("/")[2]}]}
    assert client.patch(paths[0], inner).status == 204

    answer = client.get("/Groups?count=6")

    assert "Content-Length" not in answer.headers
    assert answer.headers["Content-Type"] == SCIM_JSON
    assert (answer.json["totalResults"], answer.json["itemsPerPage"]) == (6, 6)
    shown = answer.json["Resources"]
    assert [group["displayName"] for group in shown] == [f"g{n}" for n in range(6)]
    wanted = [set(share) for share in shares]
    wanted[0].add(paths[1].rpartition("/")[2])
    assert [ids_of(group.get("members", [])) for group in shown] == wanted
    assert "members" not in shown[2]
    first = shown[0]
    assert first == client.get(paths[0]).json
    assert {member["type"] for member in first["members"]} == {"User", "Group"}
    assert first["members"][0] == {
        "value": crowd[0],
        "$ref": f"http://testserver/scim/v2/Users/{crowd[0]}",
        "type": "User",
        "display": "user0@x.example",
    }
    assert [list(group) for group in shown[1:2]] == [list(client.get(paths[1]).json)]


def test_every_way_to_a_large_group_shows_it_whole(
    client: SCIMTestClient, crowd: list[str]
) -> None:
    path = make_group(client, "g", crowd)
    values = [{"value": id} for id in crowd]
    body = {"schemas": [GROUP], "displayName": "h", "members": values}
    by_body = {"schemas": [SEARCH], "filter": 'displayName eq "h"', "attributes": ["members.value"]}

    put = client.request("PUT", path, body)
    rename = {"op": "replace", "path": "displayName", "value": "h"}
    patched = client.patch(f"{path}?attributes=members", rename)
    posted = client.request("POST", "/Groups", {**body, "displayName": "i"})
    projected = client.get(f"{path}?attributes=members.value")
    excluded = client.get(f"{path}?excludedAttributes=members.display,members.$ref,displayName")
    searched = client.request("POST", "/Groups/.search", by_body)
    anywhere = client.request(
        "POST", "/.search", {"schemas": [SEARCH], "filter": 'displayName eq "h"'}
    )

    assert [answer.status for answer in (put, patched, posted)] == [200, 200, 201]
    assert put.headers["ETag"] == put.json["meta"]["version"]
    assert posted.headers["Location"] == posted.json["meta"]["location"]
    (found,), (root,) = searched.json["Resources"], anywhere.json["Resources"]
    everything = (put.json, patched.json, posted.json, projected.json, excluded.json, found, root)
    assert all(ids_of(group["members"]) == set(crowd) for group in everything)
    assert put.json["members"] == root["members"]
    assert {tuple(member) for member in projected.json["members"]} == {("value",)}
    assert {tuple(member) for member in found["members"]} == {("value",)}
    assert {tuple(sorted(member)) for member in excluded.json["members"]} == {("type", "value")}
    assert "displayName" not in excluded.json
    assert set(projected.json) == {"schemas", "id", "members"}
    assert anywhere.json["totalResults"] == anywhere.json["itemsPerPage"] == 1


def test_preconditions_and_head_read_no_members(client: SCIMTestClient, crowd: list[str]) -> None:
    path = make_group(client, "g", crowd)

    unchanged = client.get(path, HTTP_IF_NONE_MATCH='W/"1"')
    head = client.request("HEAD", path)
    head_of_list = client.request("HEAD", "/Groups")

    assert (unchanged.status, unchanged.text) == (304, "")
    assert (head.status, head.text, head.headers["ETag"]) == (200, "", 'W/"1"')
    assert (head_of_list.status, head_of_list.text) == (200, "")
    assert "Content-Length" not in head.headers


def names_of(answer: Any) -> list[str]:
    return [user["userName"] for user in answer.json["Resources"]]


def test_page_of_long_texts_is_never_shorter_than_its_count(client: SCIMTestClient) -> None:
    names = people(14)

    pages = [client.get(f"/Users?startIndex={start}&count=5") for start in (1, 6, 11)]
    descending = client.get("/Users?sortBy=userName&sortOrder=descending")
    filtered = client.find('title ew "u" and title sw "1"')
    first = client.get("/Users?cursor&count=9")
    second = client.get(f"/Users?cursor={first.json['nextCursor']}")
    projected = client.get("/Users?attributes=userName,displayName")

    assert [names_of(page) for page in pages] == [names[:5], names[5:10], names[10:]]
    assert [page.json["itemsPerPage"] for page in pages] == [5, 5, 4]
    assert {page.json["totalResults"] for page in pages} == {14}
    assert names_of(descending) == names[::-1]
    assert names_of(filtered) == ["u001", "u011"]
    assert names_of(first) + names_of(second) == names
    assert "nextCursor" not in second.json
    shown = projected.json["Resources"]
    assert [len(user.get("displayName", "")) for user in shown] == [0, LONG] * 7
    assert descending.json["Resources"][::-1] == [
        client.get(f"/Users/{user['id']}").json for user in shown
    ]


def test_function_of_the_api_returns_a_large_answer_whole(token: str) -> None:
    names = people(8)

    listed = list_scim_users("acme")

    assert [user["userName"] for user in listed["Resources"]] == names
    assert [len(user.get("displayName", "")) for user in listed["Resources"]] == [0, LONG] * 4


def test_groups_of_users_with_long_texts_are_shown(client: SCIMTestClient) -> None:
    names = people(4)
    keys = LinkedAccount.objects.order_by("pk").values_list("pk", flat=True)
    make_group(client, "g", [str(key) for key in keys[1:3]])

    users = client.get("/Users").json["Resources"]

    assert [user["userName"] for user in users] == names
    shown = [[group["display"] for group in user.get("groups", [])] for user in users]
    assert shown == [[], ["g"], ["g"], []]


def test_user_in_very_many_groups_is_shown_whole(client: SCIMTestClient) -> None:
    first, second = (client.create_user(f"u{number}")["id"] for number in range(2))
    make_group(client, "template", [])
    template = ProvisionedGroup.objects.get()
    groups = []
    for number in range(MANY):
        key = uuid7()
        text = template.resource.replace(str(template.pk), str(key))
        groups.append((key, text, number))
    ProvisionedGroup.objects.bulk_create(
        [
            ProvisionedGroup(
                id=key,
                provider_id="acme",
                display_name=f"n{number}",
                display_name_key=f"n{number}",
                resource=text,
                created_at=template.created_at,
                last_modified=template.last_modified,
            )
            for key, text, number in groups
        ],
        batch_size=1000,
    )
    memberships = [GroupMember(group_id=key, account_id=UUID(first)) for key, _, _ in groups]
    memberships += [GroupMember(group_id=groups[0][0], account_id=UUID(second))]
    memberships += [GroupMember(group_id=template.pk, child_id=groups[1][0])]
    GroupMember.objects.bulk_create(memberships, batch_size=5000)

    alone = client.get(f"/Users/{first}").json
    listed = client.get("/Users?count=5").json["Resources"]
    patched = client.patch(f"/Users/{first}", {"op": "replace", "path": "title", "value": "T"}).json

    wanted = [str(key) for key, _, _ in groups]
    assert [group["value"] for group in alone["groups"]] == [*wanted, str(template.pk)]
    assert alone["groups"][-1]["type"] == "indirect"
    assert {group["type"] for group in alone["groups"][:-1]} == {"direct"}
    assert listed[0]["groups"] == alone["groups"] == patched["groups"]
    assert [group["value"] for group in listed[1]["groups"]] == wanted[:1]


def test_answer_that_is_not_large_has_its_length(client: SCIMTestClient, crowd: list[str]) -> None:
    path = make_group(client, "g", crowd[:MAX_AT_ONCE])

    answers = [client.get(path), client.get("/Groups"), client.get("/Users?count=100")]

    assert [int(answer.headers["Content-Length"]) for answer in answers] == [
        len(answer.text.encode()) for answer in answers
    ]
    assert len(answers[0].json["members"]) == MAX_AT_ONCE
