"""What single vendors send and need, played under their profile and under the generic one."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.core.profiles import GENERIC, GENERIC_PRODUCTS, PROFILES, STRICT
from django_scim_provider.models import ProviderConnection
from tests.interop.run_cases import run_case
from tests.judges.test_interop_cases import CASES, MORE_CASES, transport_to
from tests.live import LiveSCIM
from tests.people import connect, post
from tests.scim_client import GROUP

TWO_ADDRESSES = [
    {"value": "ann@x.example", "type": "work", "primary": True},
    {"value": "ann@x.example", "type": "home", "primary": True},
]
"""PingOne for a person with one address (PingOne, SCIM provisioning known limitations)."""


def on(name: str) -> set[str]:
    return {switch for switch, is_on in PROFILES[name].switches().items() if is_on}


def test_every_shipped_profile_differs_from_every_other() -> None:
    found = [tuple(profile.switches().values()) for profile in PROFILES.values()]

    assert len(set(found)) == len(found) == 6


def test_strict_has_no_switch_and_vendors_have_those_of_generic_and_their_own() -> None:
    generic = on("generic")

    assert on("strict") == set()
    assert {name: on(name) - generic for name in PROFILES if name not in ("generic", "strict")} == {
        "entra": {
            "leave_out_unknown_paths",
            "missing_op_is_replace",
            "reprovision_inactive",
            "texts_as_addresses",
            "unquoted_filter_values",
        },
        "okta": {"leave_out_unknown_paths", "reprovision_inactive"},
        "ping": {"several_primaries"},
        "authentik": {"unquoted_filter_values", "unique_group_names"},
    }
    assert all(on(name) >= generic for name in PROFILES if name != "strict")


def test_no_name_stands_for_two_vendors() -> None:
    assert not GENERIC_PRODUCTS.keys() & PROFILES.keys()
    assert all(PROFILES[name].title for name in PROFILES)


def test_switches_over_a_profile_leave_it_as_it_is() -> None:
    changed = STRICT.with_switches({"empty_operations": True})

    assert (changed.empty_operations, STRICT.empty_operations) == (True, False)
    assert changed.name == "strict"
    assert GENERIC.with_switches({}) is GENERIC
    with pytest.raises(TypeError):
        GENERIC.with_switches({"nonsense": True})


@pytest.mark.django_db
def test_ping_marks_both_addresses_and_the_first_stays_primary() -> None:
    answer = post(connect(profile="ping"), "ann", emails=TWO_ADDRESSES)

    assert answer.status == 201
    assert [email["primary"] for email in answer.json["emails"]] == [True, False]


@pytest.mark.django_db
def test_ping_updates_by_put_with_both_addresses_primary() -> None:
    client = connect(profile="ping")
    ann = post(client, "ann").json
    body = {"schemas": ann["schemas"], "userName": "ann", "emails": TWO_ADDRESSES}

    answer = client.request("PUT", f"/Users/{ann['id']}", body)

    assert [email["primary"] for email in answer.json["emails"]] == [True, False]


@pytest.mark.django_db
@pytest.mark.parametrize("profile", ["generic", "strict", "entra", "okta", "authentik", "google"])
def test_two_primary_addresses_are_refused_elsewhere(profile: str) -> None:
    answer = post(connect(profile=profile), "ann", emails=TWO_ADDRESSES)

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")


@pytest.mark.django_db
def test_authentik_finds_the_user_that_is_there_without_quotes() -> None:
    client = connect(profile="authentik")
    ann = post(client, "ann@x.example").json

    again = post(client, "ann@x.example")
    found = client.find("userName eq ann@x.example").json["Resources"]

    assert again.status == 409
    assert [user["id"] for user in found] == [ann["id"]]


@pytest.mark.django_db
def test_filter_without_quotes_is_refused_elsewhere() -> None:
    answer = connect().find("userName eq akadmin")

    assert (answer.status, answer.json["scimType"]) == (400, "invalidFilter")


@pytest.mark.django_db
def test_authentik_adds_and_removes_members_one_operation_each() -> None:
    client = connect(profile="authentik")
    ids = [post(client, f"user{number}").json["id"] for number in range(3)]
    body = {"schemas": [GROUP], "displayName": "Team", "externalId": "g1"}
    group = client.request("POST", "/Groups", body).json
    added = [{"op": "add", "path": "members", "value": [{"value": id}]} for id in ids]
    removed = [{"op": "remove", "path": "members", "value": [{"value": id}]} for id in ids[:2]]

    statuses = [client.patch(f"/Groups/{group['id']}", *each).status for each in (added, removed)]

    members = client.get(f"/Groups/{group['id']}").json["members"]
    assert statuses == [204, 204]
    assert [member["value"] for member in members] == ids[2:]


OWN: dict[str, list[dict[str, Any]]] = {
    vendor: [case for case in CASES + MORE_CASES if case["idp"] in names]
    for vendor, names in {
        "authentik": {"authentik"},
        "entra": {"entra", "azure"},
        "google": {"google"},
        "jumpcloud": {"jumpcloud"},
        "okta": {"okta"},
        "onelogin": {"onelogin"},
        "ping": {"ping"},
        "rippling": {"rippling"},
    }.items()
}
"""The recorded cases by the profile of their vendor; all others are played as ``generic``."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("vendor", OWN)
def test_recorded_traffic_is_answered_under_the_name_of_its_vendor(
    scim: LiveSCIM, vendor: str
) -> None:
    ProviderConnection.objects.update(profile=vendor)

    with transport_to(scim.url) as send:
        problems = {case["id"]: run_case(case, scim.token, send) for case in OWN[vendor]}

    assert problems
    assert {id: found for id, found in problems.items() if found} == {}


def test_every_vendor_with_cases_and_a_profile_is_played() -> None:
    """``generic`` and ``strict`` are no vendors."""
    recorded = {case["idp"] for case in CASES + MORE_CASES}

    assert recorded & (PROFILES.keys() | GENERIC_PRODUCTS.keys()) - {"generic"} == OWN.keys()
