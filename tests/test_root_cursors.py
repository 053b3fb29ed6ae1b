"""Cursors over all resource types (RFC 9865), in the order of index pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.core.listing import cursors
from django_scim_provider.registry import Registration
from tests.factories import make_token
from tests.inventory import scim
from tests.inventory.scim import PRINTER_URN
from tests.people import post
from tests.scim_client import Answer, SCIMTestClient
from tests.test_groups import make_group
from tests.test_root_search import names, search

pytestmark = pytest.mark.django_db

EVERYBODY = ["ann", "bob", "eve", "one", "two"]


@pytest.fixture
def client(scim_client: SCIMTestClient) -> SCIMTestClient:
    for name in ("ann", "bob", "eve"):
        post(scim_client, name, displayName=name.upper())
    for name in ("one", "two"):
        make_group(scim_client, name)
    return scim_client


def get(client: SCIMTestClient, **query: Any) -> Answer:
    return client.get(f"/?{urlencode(query)}")


def walk(ask: Callable[..., Answer], client: SCIMTestClient, **query: Any) -> list[Answer]:
    pages = [ask(client, cursor="", **query)]
    while cursor := pages[-1].json.get("nextCursor"):
        pages.append(ask(client, cursor=cursor, **query))
    return pages


@pytest.mark.rfc("9865", "2", "MUST")
@pytest.mark.parametrize("ask", [get, search])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"sortBy": "displayName", "sortOrder": "descending"},
        {"filter": 'displayName sw "o" or displayName sw "e" or userName eq "ann"'},
        {"filter": "userName pr"},
        {"filter": "members pr or displayName pr", "sortBy": "userName"},
    ],
)
def test_pages_by_cursor_are_those_by_index(
    client: SCIMTestClient, ask: Any, count: int, query: dict[str, str]
) -> None:
    expected = names(search(client, **query))

    pages = walk(ask, client, count=count, **query)

    assert [name for page in pages for name in names(page)] == expected
    assert [len(names(page)) for page in pages[:-1]] == [count] * (len(pages) - 1)
    assert 0 < len(names(pages[-1])) <= count
    assert {page.json["totalResults"] for page in pages} == {len(expected)}
    assert not any("startIndex" in page.json for page in pages)


@pytest.mark.rfc("9865", "2", "MUST")
def test_types_with_nothing_in_them_are_passed_over(
    scim_settings: Callable[..., None], settings: Any
) -> None:
    settings.ROOT_URLCONF = "tests.inventory.urls"
    scim_settings(RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"])
    client = SCIMTestClient(make_token())
    nothing = get(client, cursor="", count=1)
    post(client, "ann")
    printer = {"schemas": [PRINTER_URN], "serialNumber": "S-1", "shelf": 1}
    client.request("POST", "/Printers", printer)

    pages = walk(get, client, count=1)

    assert (nothing.json["totalResults"], nothing.json["Resources"]) == (0, [])
    assert "nextCursor" not in nothing.json
    assert [page.json["Resources"][0]["meta"]["resourceType"] for page in pages] == [
        "User",
        "Printer",
    ]


@pytest.mark.rfc("9865", "2", "MAY")
def test_what_comes_and_goes_meanwhile_moves_nobody(client: SCIMTestClient) -> None:
    first = get(client, cursor="", count=2)
    for user in first.json["Resources"]:
        client.request("DELETE", f"/Users/{user['id']}")
    make_group(client, "three")

    second = get(client, cursor=first.json["nextCursor"], count=2)
    third = get(client, cursor=second.json["nextCursor"], count=2)

    assert [names(page) for page in (second, third)] == [["eve", "one"], ["two", "three"]]
    assert "nextCursor" not in third.json


@pytest.mark.rfc("9865", "2.1", "SHOULD")
@pytest.mark.parametrize(
    ("changed", "scim_type"),
    [
        ({"filter": "userName pr"}, "invalidCursor"),
        ({"sortBy": "displayName"}, "invalidCursor"),
        ({"sortOrder": "descending"}, "invalidCursor"),
        ({"count": 3}, "invalidCount"),
        ({"count": 0}, "invalidCount"),
    ],
)
def test_cursor_belongs_to_its_query(
    client: SCIMTestClient, changed: dict[str, Any], scim_type: str
) -> None:
    cursor = get(client, cursor="", count=2).json["nextCursor"]

    answer = get(client, **{"cursor": cursor, "count": 2, **changed})

    assert (answer.status, answer.json["scimType"]) == (400, scim_type)


@pytest.mark.rfc("9865", "2.1", "SHOULD")
def test_cursor_is_of_no_other_list_connection_or_scope(client: SCIMTestClient) -> None:
    cursor = get(client, cursor="", count=2).json["nextCursor"]
    of_users = client.get("/Users?cursor&count=2").json["nextCursor"]
    less = SCIMTestClient(
        make_token(provider_id="acme", scopes=["scim.users.read"], overlap=timedelta(hours=1))
    )
    other = SCIMTestClient(make_token(provider_id="other"))

    answers = [
        client.get(f"/Users?cursor={cursor}&count=2"),
        get(client, cursor=of_users, count=2),
        get(less, cursor=cursor, count=2),
        get(other, cursor=cursor, count=2),
        get(client, cursor=cursor[:-4] + "AAAA", count=2),
    ]

    assert {(each.status, each.json["scimType"]) for each in answers} == {(400, "invalidCursor")}
    assert get(client, cursor=cursor, count=2).status == 200


@pytest.mark.rfc("9865", "2.1", "SHOULD")
def test_cursor_ends_in_time(client: SCIMTestClient, scim_settings: Any) -> None:
    scim_settings(CURSOR_TIMEOUT=-1)
    cursor = get(client, cursor="", count=2).json["nextCursor"]

    answer = get(client, cursor=cursor, count=2)

    assert (answer.status, answer.json["scimType"]) == (400, "expiredCursor")


@pytest.mark.rfc("9865", "2", "MAY")
@pytest.mark.parametrize("path", ["/", "/Users"])
@pytest.mark.parametrize("count", [0, -1, -7])
def test_count_of_none_asks_for_the_total(client: SCIMTestClient, path: str, count: int) -> None:
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}
    answers = [
        client.get(f"{path}?cursor&count={count}"),
        client.request(
            "POST", f"{path.rstrip('/')}/.search", {**body, "cursor": "", "count": count}
        ),
        client.get(f"{path}?count={count}"),
    ]

    total = 5 if path == "/" else 3
    assert [(each.status, each.json["totalResults"]) for each in answers] == [(200, total)] * 3
    assert [each.json["Resources"] for each in answers] == [[], [], []]
    assert not any("nextCursor" in each.json for each in answers)


def test_later_pages_ask_what_they_show_and_what_follows(client: SCIMTestClient) -> None:
    get(client, cursor="", count=2)  # from now on it is known which indexes there are
    counted, cursors_seen = [], [""]
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            page = get(client, cursor=cursors_seen[-1], count=2)
        cursors_seen.append(page.json.get("nextCursor", "none"))
        counted.append(len(queries))

    # The token, and: users, their total, that of groups; users, groups, members; groups, members.
    assert (cursors_seen[-1], counted) == ("none", [4, 4, 3])


def test_cursor_holds_the_list_and_the_place() -> None:
    key = cursors.CursorKey(secret=b"k" * 32, tenant="acme", lifetime=60)
    start = cursors.Start(None, 5, 9, "Group")

    text = cursors.encode(start, query="q", now=0, key=key)

    assert cursors.decode(text, query="q", count=5, now=0, key=key) == start


def test_types_of_one_name_are_two_lists(
    scim_settings: Callable[..., None], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ROOT_URLCONF = "tests.inventory.urls"
    monkeypatch.setattr(scim, "PRINTERS", _named(scim.PRINTERS, "Group"))
    scim_settings(RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"])
    client = SCIMTestClient(make_token())
    make_group(client, "g")
    for number in range(2):
        printer = {"schemas": [PRINTER_URN], "serialNumber": f"S-{number}", "shelf": 1}
        client.request("POST", "/Printers", printer)

    ids = [page.json["Resources"][0]["id"] for page in walk(get, client, count=1)]

    assert len(set(ids)) == len(ids) == 3


def _named(registration: Registration, name: str) -> Registration:
    return replace(registration, resource_type=replace(registration.resource_type, name=name))
