"""An address that the database keeps for one; run by ``tests.projects.test_host_projects``."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.models import LinkedAccount
from tests.factories import make_token
from tests.parallel import in_parallel
from tests.people import connect, post
from tests.scim_client import SCIMTestClient
from tests.verbs import Ask, by_bulk, by_post

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = 10


def body(name: str, address: str) -> dict[str, Any]:
    return {"userName": name, "emails": [{"value": address, "primary": True}]}


def schemas() -> dict[str, Any]:
    return {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}


@pytest.mark.parametrize("connections", [["acme"], ["acme", "other"]])
def test_one_of_equal_addresses_at_once_is_stored(connections: list[str]) -> None:
    tokens = [make_token(provider_id=id) for id in connections]

    def create(number: int) -> tuple[int, Any]:
        client = SCIMTestClient(tokens[number % len(tokens)])
        sent = schemas() | body(f"user{number}", "desk@corp.example")
        answer = client.request("POST", "/Users", sent)
        return answer.status, answer.json.get("detail")

    found = Counter(in_parallel(TIMES, create))

    assert found == {(201, None): 1, (409, "emails.value is already in use."): TIMES - 1}
    assert LinkedAccount.objects.count() == get_user_model()._default_manager.count() == 1


@pytest.mark.parametrize("ask", [by_post, by_bulk])
def test_person_of_the_same_connection_keeps_the_address(ask: Ask, scim_settings: Any) -> None:
    scim_settings(UNIQUE_EMAILS=False)
    client = connect()
    assert post(client, **_named("ann", "desk@corp.example")).status == 201

    answer = ask(client, "/Users", schemas() | body("bob", "Desk@corp.example"))

    assert (answer.status, answer.json["detail"]) == (409, "emails.value is already in use.")


def test_changed_address_is_refused_where_it_is_somebodys() -> None:
    client = connect()
    post(client, **_named("ann", "desk@corp.example"))
    bob = post(client, **_named("bob", "bob@corp.example")).json

    value = body("bob", "DESK@corp.example")["emails"]
    answer = client.patch(
        f"/Users/{bob['id']}", {"op": "replace", "path": "emails", "value": value}
    )

    assert (answer.status, answer.json["detail"]) == (409, "emails.value is already in use.")


def test_person_without_an_address_is_told_that_one_is_needed() -> None:
    answer = post(connect(), "ann")

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
    assert answer.json["detail"] == "emails.value: An e-mail address is required."


def _named(name: str, address: str) -> dict[str, Any]:
    sent = body(name, address)
    return {"user_name": sent.pop("userName"), **sent}
