"""A filter in ``attributes`` asks for the attribute that it filters."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.people import connect
from tests.scim_client import SEARCH, SCIMTestClient

pytestmark = pytest.mark.django_db

FILTERED = 'emails[type eq "work"]'
MAILS = [{"value": "ann@x.example", "type": "work"}, {"value": "b@x.example", "type": "home"}]


@pytest.fixture
def ann(scim_client: SCIMTestClient) -> str:
    return str(scim_client.create_user("ann", emails=MAILS)["id"])


def test_the_whole_attribute_is_shown(scim_client: SCIMTestClient, ann: str) -> None:
    query = f"attributes={quote(FILTERED)}"
    body = {"schemas": [SEARCH], "attributes": [FILTERED]}

    shown = scim_client.get(f"/Users/{ann}?{query}").json
    listed = scim_client.get(f"/Users?{query}").json["Resources"]
    found = scim_client.request("POST", "/Users/.search", body).json["Resources"]

    assert shown["emails"] == MAILS
    assert set(shown) == {"schemas", "id", "emails"}
    assert listed == found == [shown]


def test_a_sub_attribute_behind_the_filter_is_shown_alone(
    scim_client: SCIMTestClient, ann: str
) -> None:
    shown = scim_client.get(f"/Users/{ann}?attributes={quote(FILTERED + '.value')}").json

    assert shown["emails"] == [{"value": "ann@x.example"}, {"value": "b@x.example"}]


def test_nothing_is_left_out_by_a_filter(scim_client: SCIMTestClient, ann: str) -> None:
    shown = scim_client.get(f"/Users/{ann}?excludedAttributes={quote(FILTERED)}").json

    assert shown["emails"] == MAILS


@pytest.mark.parametrize("name", ["emails[", "emails]", '[type eq "work"]', "emails[[a]]"])
def test_half_a_filter_names_nothing(scim_client: SCIMTestClient, ann: str, name: str) -> None:
    answer = scim_client.get(f"/Users/{ann}?attributes=userName,{quote(name)}")

    assert answer.status == 200
    assert set(answer.json) == {"schemas", "id", "userName"}


def test_strict_knows_no_such_name() -> None:
    client = connect(profile="strict")
    ann = client.create_user("ann", emails=MAILS)["id"]

    assert "emails" not in client.get(f"/Users/{ann}?attributes={quote(FILTERED)}").json
