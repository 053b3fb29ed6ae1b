"""``sortBy`` with a name that no schema defines: ignored, or 400 where the profile says so."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.core.profiles import PROFILES
from tests.people import connect, post
from tests.scim_client import SEARCH, Answer, SCIMTestClient

pytestmark = [pytest.mark.django_db, pytest.mark.rfc("7644", "3.4.2.3", "MAY")]

UNKNOWN = [
    "unknownField",
    "name.unknown",
    "emails.unknown",
    "urn:acme:User:unknown",
    "title.unknown",
]
UNSORTABLE = ["password", "name", "user Name", "userName eq", "members["]


def answers(client: SCIMTestClient, name: str) -> list[Answer]:
    body = {"schemas": [SEARCH], "sortBy": name, "sortOrder": "descending"}
    return [
        *(client.get(f"{path}?sortBy={name}&sortOrder=descending") for path in ("/Users", "/")),
        *(client.request("POST", f"{path}/.search", body) for path in ("/Users", "")),
        client.get(f"/Users?sortBy={name}&sortOrder=descending&cursor&count=2"),
        client.get(f"/?sortBy={name}&sortOrder=descending&cursor&count=2"),
    ]


def people(client: SCIMTestClient) -> list[str]:
    return [post(client, name).json["id"] for name in ("bob", "ann")]


@pytest.mark.parametrize("name", UNKNOWN)
def test_order_is_as_without_it(name: str) -> None:
    client = connect()
    ids = people(client)

    found = [[user["id"] for user in each.json["Resources"]] for each in answers(client, name)]

    assert found == [ids] * 6


@pytest.mark.parametrize("name", UNKNOWN)
def test_strict_refuses_it(name: str) -> None:
    client = connect(profile="strict")

    refused = {(each.status, each.json["scimType"]) for each in answers(client, name)}

    assert refused == {(400, "invalidPath")}


@pytest.mark.parametrize("name", UNSORTABLE)
def test_what_is_known_and_has_no_order_is_refused(name: str) -> None:
    client = connect()
    people(client)

    refused = {(each.status, each.json["scimType"]) for each in answers(client, name)}

    assert refused == {(400, "invalidPath")}


@pytest.mark.parametrize("order", ["up", "asc"])
def test_order_that_is_none_is_refused(order: str) -> None:
    answer: Any = connect().get(f"/Users?sortBy=unknownField&sortOrder={order}")

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")


def test_all_profiles_but_strict_ignore_it() -> None:
    off = [name for name, profile in PROFILES.items() if not profile.ignore_unknown_sort]

    assert off == ["strict"]
