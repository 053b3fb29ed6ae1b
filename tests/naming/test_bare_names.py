"""The URN of an extension may be left out where nothing else can be meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests.extensions import BADGE_URN
from tests.naming.schemas import PLACE_URN, TEAM_URN
from tests.people import post
from tests.scim_client import ENTERPRISE, GROUP, SEARCH, Answer, SCIMTestClient

pytestmark = [pytest.mark.django_db, pytest.mark.rfc("7644", "3.10", "MAY")]


def names(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    return [user["userName"] for user in answer.json["Resources"]]


@pytest.fixture
def people(client: SCIMTestClient) -> dict[str, Any]:
    return {
        "ann": client.create_user("ann", **{ENTERPRISE: {"department": "B"}}),
        "bob": client.create_user("bob", **{ENTERPRISE: {"manager": {"value": "m1"}}}),
        "eve": client.create_user(
            "eve", **{ENTERPRISE: {"department": "A"}, TEAM_URN: {"lead": {"value": "l1"}}}
        ),
    }


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('department eq "a"', ["eve"]),
        ('Manager.Value eq "m1"', ["bob"]),
        ('manager eq "m1"', ["bob"]),
        ("department pr", ["ann", "eve"]),
        ('not (department eq "A")', ["ann", "bob"]),
        ('lead[value eq "l1"]', ["eve"]),
    ],
)
def test_filters_find_by_bare_names(
    client: SCIMTestClient, people: dict[str, Any], expression: str, expected: list[str]
) -> None:
    body = {"schemas": [SEARCH], "filter": expression}

    assert names(client.find(expression)) == expected
    assert names(client.request("POST", "/Users/.search", body)) == expected


def test_lists_are_sorted_by_bare_names(client: SCIMTestClient, people: dict[str, Any]) -> None:
    assert names(client.get("/Users?sortBy=department&filter=department%20pr")) == ["eve", "ann"]


@pytest.mark.parametrize("name", ["department", f"{ENTERPRISE}:department"])
def test_projections_show_and_leave_out_bare_names(
    client: SCIMTestClient, people: dict[str, Any], name: str
) -> None:
    path = f"/Users/{people['ann']['id']}"

    shown = client.get(f"{path}?attributes={name}").json
    without = client.get(f"{path}?excludedAttributes={name}").json

    assert shown.keys() == {"schemas", "id", ENTERPRISE}
    assert ENTERPRISE not in without
    assert without["userName"] == "ann"


@pytest.mark.parametrize("query", ["attributes", "excludedAttributes", "sortBy", "filter"])
def test_name_of_two_extensions_is_400_with_both(client: SCIMTestClient, query: str) -> None:
    value = 'costCenter eq "1"' if query == "filter" else "costCenter"

    answer = client.get(f"/Users?{query}={quote(value)}")

    assert (answer.status, answer.json["scimType"]) == (
        400,
        "invalidFilter" if query == "filter" else "invalidPath",
    )
    assert f"{ENTERPRISE}:costCenter or {TEAM_URN}:costCenter" in answer.json["detail"]


@pytest.mark.parametrize("query", ["attributes", "excludedAttributes", "sortBy", "filter"])
def test_strict_profile_takes_no_bare_names(strict: SCIMTestClient, query: str) -> None:
    head = f"/Users?{query}="
    tail = quote(' eq "1"') if query == "filter" else ""

    refused = strict.get(f"{head}department{tail}")

    assert refused.status == 400
    assert f"name it {ENTERPRISE}:department" in refused.json["detail"]
    assert strict.get(f"{head}{ENTERPRISE}:department{tail}").status == 200


def test_paths_name_what_extensions_of_groups_have(client: SCIMTestClient) -> None:
    group = client.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "g"}).json
    path = f"/Groups/{group['id']}"

    changed = client.patch(
        path,
        {"op": "add", "path": "city", "value": "Bern"},
        {"op": "add", "path": "owner.value", "value": "o1"},
    )

    assert changed.status == 204
    assert client.get(path).json[PLACE_URN] == {"city": "Bern", "owner": {"value": "o1"}}


def test_at_the_root_a_core_attribute_of_any_type_comes_first(client: SCIMTestClient) -> None:
    client.create_user("ann", **{TEAM_URN: {"trays": ["A4"]}, ENTERPRISE: {"department": "d"}})
    printer = {"schemas": ["urn:example:params:scim:schemas:core:2.0:Printer"], "trays": ["A4"]}
    client.request("POST", "/Printers", {**printer, "serialNumber": "P-1", "shelf": 1})

    found = client.get(f"/?filter={quote('trays pr')}").json["Resources"]
    shown = client.get("/?attributes=trays").json["Resources"]
    by_urn = client.get(f"/?attributes={TEAM_URN}").json["Resources"]

    assert [each.get("serialNumber") for each in found] == ["P-1"]
    assert [set(each) - {"schemas", "id"} for each in shown] == [set(), {"trays"}]
    assert [set(each) - {"schemas", "id"} for each in by_urn] == [{TEAM_URN}, set()]
    assert len(client.get(f"/?filter={quote('department pr')}").json["Resources"]) == 1
    assert len(client.get(f"/?filter={quote('department pr or trays pr')}").json["Resources"]) == 2


def test_at_the_root_strict_takes_the_core_attribute_of_one_type(strict: SCIMTestClient) -> None:
    post(strict, "ann")

    for query in (f"filter={quote('trays pr')}", "attributes=trays", "sortBy=trays"):
        assert strict.get(f"/?{query}").status == 200
    for query in (f"filter={quote('city pr')}", "attributes=city", "sortBy=city"):
        assert strict.get(f"/?{query}").status == 400


@pytest.mark.rfc("7643", "7", "MUST")
def test_secrets_stay_secret_under_their_bare_names(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(EXTENSIONS={"User": ["tests.extensions.BADGE"]})

    ann = client.create_user("ann", pin="1234", hint="h")

    assert ann[BADGE_URN] == {"hint": "h"}
    assert BADGE_URN not in client.get(f"/Users/{ann['id']}").json
    assert client.find('pin eq "1234"').json["scimType"] == "invalidFilter"
    assert client.get("/Users?sortBy=pin").status == 400
    shown = client.get(f"/Users/{ann['id']}?attributes=pin,hint").json
    assert shown[BADGE_URN] == {"hint": "h"}
