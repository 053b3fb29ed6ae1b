"""Queries over all resource types, and groups that hold groups."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.factories import make_token
from tests.people import post
from tests.scim_client import SEARCH, Answer, SCIMTestClient
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db


def search(client: SCIMTestClient, **request: Any) -> Answer:
    return client.request("POST", "/.search", {"schemas": [SEARCH], **request})


def names(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    return [found.get("userName", found.get("displayName")) for found in answer.json["Resources"]]


@pytest.fixture
def client(scim_client: SCIMTestClient) -> SCIMTestClient:
    for name in ("ann", "bob", "eve"):
        post(scim_client, name, displayName=name.upper())
    for name in ("one", "two"):
        make_group(scim_client, name)
    return scim_client


@pytest.mark.rfc("7644", "3.4.2.1", "MUST")
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (None, ["ann", "bob", "eve", "one", "two"]),
        ('meta.resourceType eq "Group"', ["one", "two"]),
        ('displayName eq "ann" or displayName eq "two"', ["ann", "two"]),
        ('userName eq "bob"', ["bob"]),
        ('not (userName eq "bob")', ["ann", "eve", "one", "two"]),
        ('(userName pr and displayName sw "E") or members pr', ["eve"]),
        ('emails[type eq "work"]', []),
    ],
)
def test_filter_means_for_each_type_what_it_can(
    client: SCIMTestClient, expression: str | None, expected: list[str]
) -> None:
    query = "" if expression is None else f"?filter={quote(expression)}"
    body = {} if expression is None else {"filter": expression}

    assert names(client.get(f"/{query}")) == expected
    assert names(search(client, **body)) == expected


@pytest.mark.rfc("7644", "3.4.2.4", "MUST")
def test_pages_go_from_one_type_to_the_next(client: SCIMTestClient) -> None:
    pages = [search(client, startIndex=start, count=2) for start in (1, 3, 5, 7)]

    assert [names(page) for page in pages] == [["ann", "bob"], ["eve", "one"], ["two"], []]
    assert {page.json["totalResults"] for page in pages} == {5}
    assert [page.json["startIndex"] for page in pages] == [1, 3, 5, 7]
    assert names(search(client, count=0)) == []


@pytest.mark.rfc("7644", "3.4.2.3", "MAY")
def test_sort_is_within_each_type(client: SCIMTestClient) -> None:
    answer = search(client, sortBy="displayName", sortOrder="descending")

    assert names(answer) == ["eve", "bob", "ann", "two", "one"]


@pytest.mark.rfc("7644", "3.4.2.2", "MUST")
@pytest.mark.parametrize(
    ("request_", "scim_type"),
    [
        ({"filter": "nothing pr"}, "invalidFilter"),
        ({"filter": "userName eq"}, "invalidFilter"),
        ({"sortBy": "no thing"}, "invalidPath"),
        ({"sortBy": "password"}, "invalidPath"),
        ({"cursor": "x"}, "invalidCursor"),
    ],
)
def test_what_no_type_can_answer_is_refused(
    client: SCIMTestClient, request_: dict[str, Any], scim_type: str
) -> None:
    answer = search(client, **request_)

    assert (answer.status, answer.json["scimType"]) == (400, scim_type)


@pytest.mark.rfc("7644", "2", "MUST")
def test_token_sees_what_it_may_read(client: SCIMTestClient) -> None:
    groups = SCIMTestClient(make_token(provider_id="acme", scopes=["scim.groups.read"]))
    writer = SCIMTestClient(make_token(provider_id="other", scopes=["scim.users.write"]))

    assert names(search(groups)) == ["one", "two"]
    assert search(writer).status == 403


@pytest.mark.rfc("7644", "3.4.2.5", "MUST")
def test_projection_holds_for_all(client: SCIMTestClient) -> None:
    answer = search(client, attributes=["displayName"], filter='displayName eq "one"')

    (found,) = answer.json["Resources"]
    assert found.keys() == {"schemas", "id", "displayName"}


@pytest.mark.rfc("7643", "4.1.2", "MUST")
def test_groups_of_a_user_are_direct_and_indirect(scim_client: SCIMTestClient) -> None:
    ann, bob = (post(scim_client, name).json["id"] for name in ("ann", "bob"))
    inner = make_group(scim_client, "inner", ann)
    middle = make_group(scim_client, "middle", inner["id"], bob)
    outer = make_group(scim_client, "outer", middle["id"], ann)

    shown = scim_client.get(f"/Users/{ann}").json["groups"]
    listed = scim_client.get("/Users").json["Resources"]

    assert [(group["display"], group["type"]) for group in shown] == [
        ("inner", "direct"),
        ("outer", "direct"),
        ("middle", "indirect"),
    ]
    assert [[group["display"] for group in user["groups"]] for user in listed] == [
        ["inner", "outer", "middle"],
        ["middle", "outer"],
    ]
    for group, expected in ((inner, "ann"), (middle, "ann bob"), (outer, "ann bob")):
        found = scim_client.find(f'groups.value eq "{group["id"]}"')
        assert names(found) == expected.split()


@pytest.mark.rfc("7644", "3.4.2.2", "MUST")
def test_groups_of_users_take_the_same_queries(
    scim_client: SCIMTestClient, django_assert_num_queries: Any
) -> None:
    users = [post(scim_client, f"user{number}").json["id"] for number in range(6)]
    inner = make_group(scim_client, "inner", *users)
    for number in range(3):
        make_group(scim_client, f"g{number}", inner["id"])

    for query in ("?count=2", "?count=5"):
        with django_assert_num_queries(4):  # token, page, total, groups
            scim_client.get(f"/Users{query}")
