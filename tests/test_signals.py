"""What signals carry beside their subject: the connection, and the names of what changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.contrib.auth.models import Group

from django_scim_provider import signals
from django_scim_provider.models import ProviderConnection, RoleMapping
from tests.people import connect, make_organization, post
from tests.scim_client import CORE, ENTERPRISE, GROUP, SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)

Heard = list[tuple[str, dict[str, Any]]]
NAMES = (
    "user_provisioned",
    "user_updated",
    "user_deactivated",
    "user_deprovisioned",
    "group_changed",
    "role_granted",
    "role_revoked",
)


@pytest.fixture
def client() -> SCIMTestClient:
    make_organization("org")
    return connect("acme", "org", name="Acme")


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Yield the names of the signals with what they carry."""
    found: Heard = []
    with ExitStack() as ends:
        for name in NAMES:

            def note(name: str = name, **sent: Any) -> None:
                found.append((name, sent))

            signal = getattr(signals, name)
            signal.connect(note, weak=False)
            ends.callback(signal.disconnect, note)
        yield found


def test_signals_of_users_carry_the_connection_and_the_changed_names(
    client: SCIMTestClient, heard: Heard
) -> None:
    id = post(client, "ann", title="Chief").json["id"]
    path = f"/Users/{id}"
    body = {
        "schemas": [CORE, ENTERPRISE],
        "userName": "ann",
        "nickName": "A",
        ENTERPRISE: {"department": "Sales"},
    }
    client.request("PUT", path, body)
    off = {"op": "replace", "path": "active", "value": False}
    client.patch(path, off, {"op": "remove", "path": "nickName"})
    client.request("DELETE", path)

    assert [(name, sent.get("changed")) for name, sent in heard] == [
        ("user_provisioned", None),
        ("user_updated", {"title", "nickName", f"{ENTERPRISE}:department"}),
        ("user_deactivated", {"active", "nickName"}),
        ("user_deprovisioned", None),
    ]
    assert {type(sent["changed"]) for _, sent in heard if "changed" in sent} == {frozenset}
    for _, sent in heard:
        assert isinstance(sent["connection"], ProviderConnection)
        assert sent["connection"].organization_id == "org"
        assert str(sent["account"].pk) == id


def test_signals_of_groups_and_roles_carry_the_connection(
    client: SCIMTestClient, heard: Heard
) -> None:
    id = post(client, "ann").json["id"]
    own = {"provider": ProviderConnection.objects.get(), "match_by": "display_name"}
    role = Group.objects.create(name="Editors")
    RoleMapping.objects.create(**own, value="Team", django_group=role)
    heard.clear()

    made = client.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "Team"}).json
    path = f"/Groups/{made['id']}"
    client.patch(path, {"op": "add", "path": "members", "value": [{"value": id}]})
    client.patch(path, {"op": "replace", "path": "displayName", "value": "Crew"})
    client.request("DELETE", path)

    assert [(name, sent.get("changed")) for name, sent in heard] == [
        ("group_changed", {"displayName"}),
        ("role_granted", None),
        ("group_changed", {"members"}),
        ("role_revoked", None),
        ("group_changed", {"displayName"}),
        ("group_changed", set()),
    ]
    assert [sent["connection"].name for _, sent in heard] == ["Acme"] * 6
    granted = heard[1][1]
    assert (granted["provider_id"], granted["django_group_id"]) == ("acme", role.pk)
