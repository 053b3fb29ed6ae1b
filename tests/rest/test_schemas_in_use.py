"""``schemas`` names what defines the attributes that are there (RFC 7643 section 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scim_provider.models import LinkedAccount
from tests.extensions import BADGE_URN
from tests.people import connect, post
from tests.scim_client import CORE, ENTERPRISE, GROUP, SCIMTestClient

pytestmark = [pytest.mark.django_db, pytest.mark.rfc("7643", "3", "MUST")]

DEPARTMENT = {ENTERPRISE: {"department": "D"}}


@pytest.fixture
def client() -> SCIMTestClient:
    return connect()


def schemas_of(client: SCIMTestClient, user: dict[str, Any], query: str = "") -> list[str]:
    """Return what GET, a list and a search say, which is the same."""
    path = f"/Users/{user['id']}"
    one = client.get(path + query).json["schemas"]
    listed = client.get(f"/Users{query}").json["Resources"][0]["schemas"]
    assert listed == one
    found: list[str] = one
    return found


def test_extension_without_attributes_is_not_named(client: SCIMTestClient) -> None:
    both = {"schemas": [CORE, ENTERPRISE], "userName": "ann"}
    made = client.request("POST", "/Users", both).json
    put = client.request("PUT", f"/Users/{made['id']}", both | {ENTERPRISE: {}}).json

    assert made["schemas"] == put["schemas"] == schemas_of(client, made) == [CORE]
    assert client.find(f'schemas eq "{ENTERPRISE}"').json["totalResults"] == 0


def test_it_comes_and_goes_with_its_attributes(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    path = f"/Users/{ann['id']}"
    steps: list[tuple[dict[str, Any], list[str]]] = [
        ({"op": "add", "path": "schemas", "value": [ENTERPRISE]}, [CORE]),
        ({"op": "add", "value": DEPARTMENT}, [CORE, ENTERPRISE]),
        ({"op": "remove", "path": f"{ENTERPRISE}:department"}, [CORE]),
        ({"op": "add", "path": f"{ENTERPRISE}:department", "value": "D"}, [CORE, ENTERPRISE]),
        ({"op": "replace", "path": ENTERPRISE, "value": {}}, [CORE]),
        (
            {"op": "replace", "value": {"schemas": [CORE, ENTERPRISE], **DEPARTMENT}},
            [CORE, ENTERPRISE],
        ),
        ({"op": "replace", "path": "schemas", "value": [CORE]}, [CORE, ENTERPRISE]),
        ({"op": "remove", "path": ENTERPRISE}, [CORE]),
    ]
    for operation, expected in steps:
        assert client.patch(path, operation).json["schemas"] == expected, operation
        assert schemas_of(client, ann) == expected


def test_replacing_without_it_takes_it_away(client: SCIMTestClient) -> None:
    ann = post(client, "ann", **DEPARTMENT).json
    body = {"schemas": ann["schemas"], "userName": "ann"}

    put = client.request("PUT", f"/Users/{ann['id']}", body).json

    assert (ann["schemas"], put["schemas"]) == ([CORE, ENTERPRISE], [CORE])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [CORE, ENTERPRISE]),
        ("?attributes=userName", [CORE]),
        (f"?attributes={ENTERPRISE}:department", [CORE, ENTERPRISE]),
        (f"?attributes={ENTERPRISE}:division", [CORE]),
        (f"?excludedAttributes={ENTERPRISE}", [CORE]),
        (f"?excludedAttributes={ENTERPRISE}:department", [CORE]),
        ("?excludedAttributes=userName", [CORE, ENTERPRISE]),
    ],
)
def test_what_is_not_shown_is_not_named(
    client: SCIMTestClient, query: str, expected: list[str]
) -> None:
    ann = post(client, "ann", **DEPARTMENT).json

    assert schemas_of(client, ann, query) == expected


def test_extension_of_secrets_alone(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(EXTENSIONS={"User": ["tests.extensions.BADGE"]})
    ann = post(client, "ann", **{BADGE_URN: {"pin": "1234"}}).json
    hinted = client.patch(f"/Users/{ann['id']}", {"op": "add", "value": {BADGE_URN: {"hint": "h"}}})

    assert (ann["schemas"], BADGE_URN in ann) == ([CORE], False)
    assert hinted.json["schemas"] == [CORE, BADGE_URN]  # shown to who has written it
    assert schemas_of(client, ann) == [CORE]
    assert schemas_of(client, ann, f"?attributes={BADGE_URN}") == [CORE, BADGE_URN]
    assert "1234" not in LinkedAccount.objects.get().resource


def test_group_with_a_urn_of_entra(client: SCIMTestClient) -> None:
    own = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
    body = {"schemas": [GROUP, own], "displayName": "g"}

    assert client.request("POST", "/Groups", body).json["schemas"] == [GROUP]


def test_extension_that_the_project_took_away(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(EXTENSIONS={"User": ["tests.extensions.BADGE"]})
    ann = post(client, "ann", **{BADGE_URN: {"level": 1}}).json
    assert schemas_of(client, ann) == [CORE, BADGE_URN]

    scim_settings(EXTENSIONS={})

    assert schemas_of(client, ann, "?excludedAttributes=title") == [CORE]
    patched = client.patch(f"/Users/{ann['id']}", {"op": "add", "path": "title", "value": "T"})
    assert (patched.json["schemas"], patched.json[BADGE_URN]) == ([CORE, BADGE_URN], {"level": 1})
    body = {"schemas": ann["schemas"], "userName": "ann", BADGE_URN: {"level": 2}}
    put = client.request("PUT", f"/Users/{ann['id']}", body).json
    assert (put["schemas"], BADGE_URN in put) == ([CORE], False)
    assert schemas_of(client, ann) == [CORE]
