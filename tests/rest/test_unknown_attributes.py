"""What no schema knows is left out with an event that names it, or refused (``strict``)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from django_scim_provider.models import ProvisioningEvent
from tests.events.listing import exported
from tests.inventory.scim import PRINTER_URN
from tests.people import connect, host_user, make_user, post
from tests.scim_client import CORE, ENTERPRISE, GROUP
from tests.test_bulk import bulk, create, patch, statuses

pytestmark = pytest.mark.django_db

CUSTOM = "urn:okta:custom_app:1.0:user:custom"
TOLERANT = ["generic", "entra", "okta", "google", "authentik"]


def left_out() -> list[str]:
    """Return what the events say was left out, in their order."""
    events = ProvisioningEvent.objects.filter(action="leave_out").order_by("pk")
    return [name for event in events for name in event.left_out.split(",")]


UNKNOWN: list[tuple[dict[str, Any], str]] = [
    ({CUSTOM: {"team": "x"}}, CUSTOM),
    ({f"{CUSTOM}:team": "x"}, f"{CUSTOM}:team"),
    ({"team": "x"}, "team"),
    ({"team.name": "x"}, "team.name"),
    ({"name.team": "x"}, "name.team"),
    ({"Cost center: old": "x"}, "Cost center: old"),
    ({"name": {"team": "x"}}, "name.team"),
    ({"phoneNumbers": [{"value": "1", "team": "x"}]}, "phoneNumbers.team"),
    ({ENTERPRISE: {"shoeSize": "44"}}, f"{ENTERPRISE}:shoeSize"),
    ({ENTERPRISE: {"manager": {"shoeSize": "44"}}}, f"{ENTERPRISE}:manager.shoeSize"),
    ({f"{ENTERPRISE}:shoeSize": "44"}, f"{ENTERPRISE}:shoeSize"),
    ({f"{CORE}:team": "x"}, f"{CORE}:team"),
]
KINDS = pytest.mark.parametrize(("unknown", "name"), UNKNOWN, ids=[name for _, name in UNKNOWN])


@pytest.mark.parametrize("profile", TOLERANT)
@pytest.mark.parametrize("op", ["add", "replace"])
@KINDS
def test_deactivation_is_not_lost(
    profile: str, op: str, unknown: dict[str, Any], name: str
) -> None:
    client = connect(profile=profile)
    ann = post(client, "ann").json

    answer = client.patch(f"/Users/{ann['id']}", {"op": op, "value": {"active": False, **unknown}})

    assert (answer.status, answer.json["active"]) == (200, False)
    assert not host_user(ann).is_active
    assert left_out() == [name[:64]]


@KINDS
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_bodies_are_stored_without_it(method: str, unknown: dict[str, Any], name: str) -> None:
    client = connect()
    path = "/Users" if method == "POST" else f"/Users/{post(client, 'ann').json['id']}"
    body = {"schemas": [CORE, ENTERPRISE], "userName": "ann", "title": "T", **unknown}

    answer = client.request(method, path, body)

    assert answer.status in (200, 201), answer.text
    assert answer.json["title"] == "T"
    assert "team" not in answer.text.lower()
    assert "shoeSize" not in answer.text
    assert left_out() == [name[:64]]


@pytest.mark.parametrize("method", ["POST", "PUT"])
@KINDS
def test_strict_refuses_bodies_with_it(method: str, unknown: dict[str, Any], name: str) -> None:
    client = connect(profile="strict")
    path = "/Users" if method == "POST" else f"/Users/{post(client, 'ann').json['id']}"
    body = {"schemas": [CORE, ENTERPRISE], "userName": "bob", **unknown}

    answer = client.request(method, path, body)

    assert (answer.status, answer.json["scimType"]) == (400, "invalidSyntax")
    assert name in answer.json["detail"]
    assert left_out() == []


@KINDS
def test_strict_refuses_values_with_it(unknown: dict[str, Any], name: str) -> None:
    client = connect(profile="strict")
    ann = post(client, "ann").json

    answer = client.patch(
        f"/Users/{ann['id']}", {"op": "replace", "value": {"active": False, **unknown}}
    )

    assert answer.status == 400
    assert answer.json["scimType"] in ("invalidSyntax", "invalidPath")
    assert client.get(f"/Users/{ann['id']}").json["active"] is True


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_strict_wants_extensions_declared(method: str) -> None:
    client = connect(profile="strict")
    path = "/Users" if method == "POST" else f"/Users/{post(client, 'ann').json['id']}"
    body = {"schemas": [CORE], "userName": "bob", ENTERPRISE: {"department": "D"}}

    undeclared = client.request(method, path, body)
    unknown = client.request(method, path, {**body, "schemas": [CORE, ENTERPRISE, CUSTOM]})
    declared = client.request(method, path, {**body, "schemas": [CORE, ENTERPRISE]})

    assert (undeclared.status, undeclared.json["scimType"]) == (400, "invalidSyntax")
    assert ENTERPRISE in undeclared.json["detail"]
    assert (unknown.status, unknown.json["scimType"]) == (400, "invalidSyntax")
    assert CUSTOM in unknown.json["detail"]
    assert declared.json["schemas"] == [CORE, ENTERPRISE]


PATHS = [
    ("team", "x", "team"),
    ("name.team", "x", "name.team"),
    (f"{ENTERPRISE}:shoeSize", "44", f"{ENTERPRISE}:shoeSize"),
    (f"{CUSTOM}:team", "x", f"{CUSTOM}:team"),
    ('emails[type eq "work"].team', "x", "emails.team"),
    ('emails[team eq "secret"].value', "x@x.example", "emails.team"),
]


@pytest.mark.parametrize(("path", "value", "name"), PATHS, ids=[path for path, _, _ in PATHS])
@pytest.mark.parametrize("op", ["add", "replace", "remove"])
def test_paths_are_left_out_where_a_switch_says_so(
    op: str, path: str, value: str, name: str
) -> None:
    for profile in ("entra", "okta", "generic", "strict"):
        client = connect(profile, profile=profile)
        ann = post(client, f"ann@{profile}").json
        unknown = {"op": op, "path": path, **({} if op == "remove" else {"value": value})}
        off = {"op": "replace", "path": "active", "value": False}

        answer = client.patch(f"/Users/{ann['id']}", unknown, off)
        now = client.get(f"/Users/{ann['id']}").json

        if profile in ("entra", "okta"):
            assert (answer.status, now["active"]) == (200, False)
            assert left_out().pop() == name[:64]
            assert len(left_out()) == ("entra", "okta").index(profile) + 1
        else:
            assert (answer.status, answer.json["scimType"]) == (400, "invalidPath")
            assert now["active"] is True
    assert "secret" not in str(list(ProvisioningEvent.objects.values()))


@pytest.mark.parametrize("profile", ["generic", "entra"])
def test_what_is_malformed_stays_an_error(profile: str) -> None:
    client = connect(profile=profile)
    ann = post(client, "ann").json

    for wrong in (
        {"op": "replace", "value": {'emails[type eq "work".value': "x@x.example"}},
        {"op": "replace", "path": 'emails[type eq "work".value', "value": "x@x.example"},
        {"op": "replace", "value": {"active": "maybe"}},
    ):
        assert client.patch(f"/Users/{ann['id']}", wrong).status == 400


def test_nothing_but_unknown_changes_nothing() -> None:
    client = connect(profile="entra")
    ann = post(client, "ann").json
    group = client.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "g"}).json
    unknown: list[dict[str, Any]] = [
        {"op": "replace", "path": "team", "value": "x"},
        {"op": "add", "value": {"a": 1}},
    ]

    user_answer = client.patch(f"/Users/{ann['id']}", *unknown)
    group_answer = client.patch(f"/Groups/{group['id']}", *unknown)

    assert (user_answer.status, user_answer.json) == (200, ann)
    assert group_answer.status == 204
    assert client.get(f"/Groups/{group['id']}").json == group
    assert left_out() == ["team", "a"] * 2


def test_groups_and_their_members() -> None:
    client = connect(profile="entra")
    ann = post(client, "ann").json
    members = [{"value": ann["id"], "team": "x"}]
    body = {"schemas": [GROUP], "displayName": "g", "members": members, "owner": "x"}

    group = client.request("POST", "/Groups", body).json
    for operation in (
        {"op": "add", "path": "members", "value": members},
        {"op": "replace", "value": {"displayName": "h", "members": members, "owner": "x"}},
        {"op": "remove", "path": 'members[team eq "x"]'},
        {"op": "replace", "path": "members.team", "value": "x"},
    ):
        assert client.patch(f"/Groups/{group['id']}", operation).status == 204

    now = client.get(f"/Groups/{group['id']}").json
    assert now["displayName"] == "h"
    assert [member["value"] for member in now["members"]] == [ann["id"]]
    assert left_out() == [
        *("members.team", "owner"),
        "members.team",
        *("members.team", "owner"),
        *("members.team", "members.team"),
    ]


def test_bulk_notes_what_it_keeps() -> None:
    client = connect()
    ann = post(client, "ann").json

    answer = bulk(
        client,
        create("b", "bob", team="x"),
        patch(f"/Users/{ann['id']}", {"op": "replace", "value": {"active": False, "rank": 1}}),
        create("c", "bob", lost="x"),
    )

    assert statuses(answer) == ["201", "200", "409"]
    assert not host_user(ann).is_active
    assert left_out() == ["team", "rank"]


def test_me(scim_settings: Callable[..., None]) -> None:
    scim_settings(ADAPTER="tests.test_me.FirstIsMe")
    client = connect()
    ann = post(client, "ann").json

    answer = client.patch("/Me", {"op": "replace", "value": {"title": "T", "team.name": "x"}})

    assert (answer.status, answer.json["title"]) == (200, "T")
    event = ProvisioningEvent.objects.get(action="leave_out")
    assert (event.resource_type, event.resource_id, event.left_out) == (
        "User",
        ann["id"],
        "team.name",
    )


def test_own_types(scim_settings: Callable[..., None], settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.inventory.urls"
    scim_settings(RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"])
    body = {"schemas": [PRINTER_URN], "serialNumber": "S-1", "shelf": 1, "colour": "red"}

    made = connect().request("POST", "/Printers", body)
    refused = connect("other", profile="strict").request("POST", "/Printers", body)

    assert (made.status, refused.status) == (201, 400)
    event = ProvisioningEvent.objects.get(action="leave_out")
    assert (event.resource_type, event.resource_id) == ("Printer", made.json["id"])
    assert event.left_out == "colour"


def test_names_are_cut_and_ten_at_most(caplog: pytest.LogCaptureFixture) -> None:
    many: dict[str, Any] = {f"{number:02}{'x' * 100}": "secret" for number in range(30)}
    caplog.set_level(logging.INFO, "django_scim_provider")

    answer = post(connect(), "ann", **{"a,b\nc": "secret", "null": None}, **many)

    assert answer.status == 201
    names = left_out()
    assert names == ["a?b?c", *(f"{number:02}{'x' * 62}" for number in range(9))]
    (line,) = [r.getMessage() for r in caplog.records if "left out" in r.getMessage()]
    assert line.endswith(f"User {answer.json['id']}: {','.join(names)}")
    assert "secret" not in caplog.text + str(list(ProvisioningEvent.objects.values()))


def test_what_is_refused_for_another_reason_leaves_no_such_event() -> None:
    client = connect()
    post(client, "ann")

    assert post(client, "ann", team="x").status == 409
    assert left_out() == []


def test_people_see_it(root: Client) -> None:
    owner = make_user("owner")
    client = connect(owner=owner)
    post(client, "bob", team="x", rank=1)
    event = ProvisioningEvent.objects.get(action="leave_out")
    address = f"/admin/scim_provider/provisioningevent/{event.pk}/change/"
    list_address = "/admin/scim_provider/provisioningevent/?action=leave_out"
    member = Client()
    member.force_login(owner)

    listed = member.get("/scim/list-events?action=leave_out").json()["events"]

    assert "team, rank" in root.get(address).content.decode()
    assert "team, rank" in root.get(list_address).content.decode()
    assert [row["left_out"] for row in exported(root, "?action=leave_out")] == ["team,rank"]
    assert [each["leftOut"] for each in listed] == [["team", "rank"]]
    assert listed[0]["changed"] == []
