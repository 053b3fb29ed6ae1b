"""An account whose ``active`` was taken away is closed, wherever one looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core.management import call_command

from django_scim_provider.models import LinkedAccount, ProvisioningEvent, RoleMapping
from tests.people import connect, host_user, post, set_active
from tests.scim_client import CORE, GROUP, SCIMTestClient
from tests.tenancy.models import Membership

pytestmark = pytest.mark.django_db

PROFILES = ["generic", "strict", "entra", "okta"]
TAKES_AWAY: list[dict[str, Any]] = [
    {"op": "remove", "path": "active"},
    {"op": "replace", "path": "active", "value": None},
    {"op": "add", "path": "active", "value": None},
    {"op": "replace", "value": {"active": None}},
]


def found(client: SCIMTestClient, user: dict[str, Any]) -> dict[str, Any]:
    """Return what every way to look at the user says of ``active``."""
    one = client.get(f"/Users/{user['id']}").json.get("active")
    (listed,) = client.find(f'userName eq "{user["userName"]}"').json["Resources"]
    assert listed.get("active") == one

    def matches(expression: str) -> bool:
        whole = f'id eq "{user["id"]}" and {expression}'
        return bool(client.find(whole).json["totalResults"] == 1)

    return {
        "shown": one,
        "pr": matches("active pr"),
        "eq true": matches("active eq true"),
        "eq false": matches("active eq false"),
        "ne true": matches("active ne true"),
        "ne false": matches("active ne false"),
        "null": matches("active eq null"),
        "log-in": host_user(user).is_active,
    }


UNASSIGNED = {
    "shown": None,
    "pr": False,
    "eq true": False,
    "eq false": False,
    "ne true": True,
    "ne false": True,
    "null": True,
    "log-in": False,
}
INACTIVE = UNASSIGNED | {
    "shown": False,
    "pr": True,
    "eq false": True,
    "ne false": False,
    "null": False,
}
ACTIVE = UNASSIGNED | {
    "shown": True,
    "pr": True,
    "eq true": True,
    "ne true": False,
    "null": False,
    "log-in": True,
}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("operation", TAKES_AWAY, ids=repr)
@pytest.mark.parametrize("active", [True, False])
def test_it_is_closed_everywhere(profile: str, operation: dict[str, Any], active: bool) -> None:
    client = connect(profile=profile)
    ann = post(client, "ann", active=active).json
    assert found(client, ann) == (ACTIVE if active else INACTIVE | {"log-in": False})

    answer = client.patch(f"/Users/{ann['id']}", operation)

    assert answer.status == 200
    assert "active" not in answer.json
    assert found(client, ann) == UNASSIGNED
    action = "deactivate" if active else "update"
    event = ProvisioningEvent.objects.exclude(action="create").latest("pk")
    assert (event.action, event.changed) == (action, "active")
    assert client.patch(f"/Users/{ann['id']}", operation).json["meta"] == answer.json["meta"]


@pytest.mark.parametrize("body", [{}, {"active": None}], ids=repr)
@pytest.mark.parametrize("profile", PROFILES)
def test_put_without_it_changes_nothing(profile: str, body: dict[str, Any]) -> None:
    client = connect(profile=profile)
    for name, before in (("ann", ACTIVE), ("bob", INACTIVE), ("eve", UNASSIGNED)):
        user = post(client, name).json
        if before is INACTIVE:
            set_active(client, user, False)
        elif before is UNASSIGNED:
            client.patch(f"/Users/{user['id']}", TAKES_AWAY[0])

        path = f"/Users/{user['id']}"
        put = client.request(
            "PUT", path, {"schemas": [CORE], "userName": name, "title": "T", **body}
        )

        assert (put.status, put.json["title"]) == (200, "T")
        assert found(client, user) == before


@pytest.mark.parametrize("body", [{}, {"active": None}], ids=repr)
def test_post_without_it_makes_an_active_account(body: dict[str, Any]) -> None:
    client = connect()

    assert found(client, post(client, "ann", **body).json) == ACTIVE


def test_other_changes_do_not_open_it_and_true_does() -> None:
    client = connect()
    ann = post(client, "ann").json
    path = f"/Users/{ann['id']}"
    client.patch(path, TAKES_AWAY[0])

    client.patch(path, {"op": "replace", "path": "title", "value": "T"})
    assert found(client, ann) == UNASSIGNED
    set_active(client, ann, False)
    assert found(client, ann) == INACTIVE
    client.patch(path, TAKES_AWAY[0])
    set_active(client, ann, True)
    assert found(client, ann) == ACTIVE


def test_creation_brings_it_back_where_the_profile_says_so() -> None:
    entra, generic = connect("entra", profile="entra"), connect("generic")
    for client in (entra, generic):
        user = post(client, f"ann@{client is entra}").json
        client.patch(f"/Users/{user['id']}", TAKES_AWAY[0])

    assert post(entra, "ann@True").status == 200
    assert found(entra, post(entra, "bob").json) == ACTIVE
    assert post(generic, "ann@False").status == 409


def test_sessions_end_and_log_in_is_refused() -> None:
    client = connect()
    ann = post(client, "ann").json
    user = host_user(ann)
    user.set_password("secret")
    user.save()
    assert authenticate(username="ann", password="secret") == user

    client.patch(f"/Users/{ann['id']}", TAKES_AWAY[0])

    assert authenticate(username="ann", password="secret") is None


def test_another_source_keeps_the_user_open(scim_settings: Callable[..., None]) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    first, second = connect("first"), connect("second")
    ann = post(first, "ann").json
    again = post(second, "ann").json

    first.patch(f"/Users/{ann['id']}", TAKES_AWAY[0])
    assert host_user(ann).is_active
    second.patch(f"/Users/{again['id']}", TAKES_AWAY[0])

    assert not host_user(ann).is_active


def test_membership_of_the_organization_goes() -> None:
    client = connect("org", "o1")
    ann = post(client, "ann").json
    user = host_user(ann)
    assert Membership.objects.filter(user=user, is_active=True).exists()

    client.patch(f"/Users/{ann['id']}", TAKES_AWAY[0])

    assert not Membership.objects.filter(user=user, is_active=True).exists()
    assert client.get(f"/Users/{ann['id']}").status == 200


def test_it_sorts_with_what_has_no_value() -> None:
    client = connect()
    users = {name: post(client, name).json for name in ("ann", "bob", "eve")}
    set_active(client, users["bob"], False)
    client.patch(f"/Users/{users['ann']['id']}", TAKES_AWAY[0])

    for order, expected in (("ascending", "bob eve ann"), ("descending", "ann eve bob")):
        listed = client.get(f"/Users?sortBy=active&sortOrder={order}").json["Resources"]
        assert " ".join(user["userName"] for user in listed) == expected


def test_drift_is_measured_by_it(capsys: pytest.CaptureFixture[str]) -> None:
    client = connect()
    ann = post(client, "ann").json
    client.patch(f"/Users/{ann['id']}", TAKES_AWAY[0])
    call_command("scim_drift", "--provider", "acme")
    assert ann["id"] not in capsys.readouterr().out

    user = host_user(ann)
    user.is_active = True
    user.save()
    LinkedAccount.objects.update(active=True)
    call_command("scim_drift", "--provider", "acme", "--repair")

    assert ann["id"] in capsys.readouterr().out
    assert found(client, ann) == UNASSIGNED


def test_roles_go() -> None:
    client = connect()
    ann = post(client, "ann").json
    role = Group.objects.create(name="staff")
    RoleMapping.objects.create(
        **{"provider_id": "acme"}, match_by="displayName", value="team", django_group=role
    )
    members = [{"value": ann["id"]}]
    body = {"schemas": [GROUP], "displayName": "team", "members": members}
    client.request("POST", "/Groups", body)
    assert list(role.user_set.all()) == [host_user(ann)]

    client.patch(f"/Users/{ann['id']}", TAKES_AWAY[0])

    assert list(role.user_set.all()) == []
