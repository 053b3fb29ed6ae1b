"""What people and commands do, or are refused, leaves one event with who it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client

from django_scim_provider.api import create_scim_user
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisioningEvent,
    RoleMapping,
    SCIMToken,
)
from tests.administration import confirmed, url
from tests.factories import make_connection, make_token
from tests.management.conftest import Person
from tests.people import make_user, post
from tests.scim_client import CORE, GROUP, SCIMTestClient

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db


def actions() -> list[tuple[str, str]]:
    """Return the actions and outcomes of all events, in the order of their keys."""
    return list(ProvisioningEvent.objects.order_by("pk").values_list("action", "outcome"))


def test_tokens_and_connections_have_events_with_the_person(ann: Person) -> None:
    token_id = ann.generate().json["tokenId"]
    ann.post("rotate-token", providerId="acme")
    ann.post("revoke-token", tokenId=str(SCIMToken.objects.get(revoked_at=None).pk))
    ann.post("delete-provider-connection", providerId="acme")
    ann.generate()

    assert actions() == [
        ("generate_token", "done"),
        ("revoke_token", "done"),
        ("generate_token", "done"),
        ("revoke_token", "done"),
        ("delete_connection", "done"),
        ("revive_connection", "done"),
        ("generate_token", "done"),
    ]
    events = ProvisioningEvent.objects.all()
    assert {event.actor for event in events} == {ann.user}
    assert str(events.filter(action="revoke_token").last().token_id) == token_id  # type: ignore[union-attr]  # there is one


@pytest.mark.parametrize(
    ("path", "action"),
    [
        ("generate-token", "generate_token"),
        ("rotate-token", "generate_token"),
        ("delete-provider-connection", "delete_connection"),
        ("revoke-token", "revoke_token"),
    ],
)
def test_member_without_the_role_leaves_an_event(person: Any, path: str, action: str) -> None:
    admin, member = person("admin", acme="admin"), person("member", acme="member")
    token_id = admin.generate("p1", "acme").json["tokenId"]
    ProvisioningEvent.objects.all().delete()
    body = {"tokenId": token_id} if path == "revoke-token" else {"providerId": "p1"}

    reply = member.post(path, **body)

    event = ProvisioningEvent.objects.get()
    assert reply.status == 403
    assert (event.action, event.outcome, event.status) == (action, "refused", 403)
    assert (event.provider_id, event.actor) == ("p1", member.user)


@pytest.mark.django_db(transaction=True)
def test_what_is_refused_is_told_where_requests_are_transactions(
    person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, member = person("admin", acme="admin"), person("member", acme="member")
    client = SCIMTestClient(admin.generate("p1", "acme").json["scimToken"])
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

    member.post("rotate-token", providerId="p1")
    post(client, "")

    assert actions() == [
        ("generate_token", "done"),
        ("generate_token", "refused"),
        ("create", "refused"),
    ]


def test_stranger_leaves_no_event(ann: Person, person: Any) -> None:
    token_id = ann.generate().json["tokenId"]
    before = ProvisioningEvent.objects.count()
    eve = person("eve")

    replies = [
        eve.generate().status,
        eve.post("rotate-token", providerId="acme").status,
        eve.post("revoke-token", tokenId=token_id).status,
        eve.post("delete-provider-connection", providerId="acme").status,
    ]

    assert set(replies) <= {403, 404}
    assert ProvisioningEvent.objects.count() == before


def refuse(**asked: Any) -> bool:
    """The project's last word (``CAN_GENERATE_TOKEN``): no."""
    return False


def test_project_that_refuses_a_token_leaves_an_event(ann: Person, scim_settings: Any) -> None:
    ann.generate()
    scim_settings(CAN_GENERATE_TOKEN=f"{__name__}.refuse")

    assert ann.post("rotate-token", providerId="acme").status == 403
    assert actions() == [("generate_token", "done"), ("generate_token", "refused")]


def test_admin_leaves_events_with_the_person(root: Client) -> None:
    root.post(url(ProviderConnection, "add"), {"provider_id": "acme", "profile": "okta"})
    made = ProviderConnection.objects.get()
    change = {"profile": "okta", "name": "Secret name", "owner": ""}
    root.post(url(ProviderConnection, "change", made.pk), change)
    root.post(url(ProviderConnection, "change", made.pk), change)
    root.post(url(ProviderConnection, "switch", made.pk))
    root.post(url(ProviderConnection, "switch", made.pk))
    ann = create_scim_user("acme", {"schemas": [CORE], "userName": "ann"})
    group = Group.objects.create(name="g")
    mapping = {"provider": "acme", "match_by": "id", "group_name": "1", "django_group": group.pk}
    confirmed(root, url(RoleMapping, "add"), mapping)
    found = RoleMapping.objects.get()
    confirmed(root, url(RoleMapping, "change", found.pk), {**mapping, "group_name": "2"})
    confirmed(root, url(RoleMapping, "delete", found.pk), {"post": "yes"})
    root.post(url(LinkedAccount, "delete", ann["id"]), {"post": "yes"})

    events = ProvisioningEvent.objects.exclude(action="create").order_by("pk")
    assert [(e.action, e.resource_type, e.resource_id, e.changed) for e in events] == [
        ("create_connection", "", "", "profile,provider_id"),
        ("generate_token", "", "", ""),
        ("update_connection", "", "", "name"),
        ("disable_connection", "", "", ""),
        ("enable_connection", "", "", ""),
        ("create_mapping", "RoleMapping", str(found.pk), ""),
        ("update_mapping", "RoleMapping", str(found.pk), "match_by,value"),
        ("delete_mapping", "RoleMapping", str(found.pk), ""),
        ("unlink", "User", ann["id"], ""),
    ]
    assert {event.actor.username for event in events if event.actor} == {"root"}
    assert "Secret name" not in str(ProvisioningEvent.objects.values())


def test_admin_deletes_many_with_an_event_each(root: Client) -> None:
    make_connection()
    users = [create_scim_user("acme", {"schemas": [CORE], "userName": n}) for n in ("a", "b")]
    chosen = {"action": "delete_selected", "_selected_action": [user["id"] for user in users]}

    root.post(url(LinkedAccount, "changelist"), {**chosen, "post": "yes"})

    told_of = ProvisioningEvent.objects.filter(action="unlink").values_list("resource_id")
    assert {id for (id,) in told_of} == {user["id"] for user in users}
    assert not LinkedAccount.objects.exists()


def test_admin_revokes_with_the_person(root: Client) -> None:
    make_token()

    root.post(url(SCIMToken, "revoke", SCIMToken.objects.get().pk))

    event = ProvisioningEvent.objects.get(action="revoke_token")
    assert event.actor is not None
    assert event.actor.get_username() == "root"


def test_commands_leave_events(scim_client: SCIMTestClient, capsys: Any) -> None:
    ann, bob = post(scim_client, "ann").json, post(scim_client, "bob").json
    make_user("carl@x.example")
    members = [{"value": ann["id"]}]
    body = {"schemas": [GROUP], "displayName": "g", "members": members}
    scim_client.request("POST", "/Groups", body)
    RoleMapping.objects.create(
        provider_id="acme",
        match_by="display_name",
        value="g",
        django_group=Group.objects.create(name="g"),
    )
    ProvisioningEvent.objects.all().delete()

    call_command("scim_link_users", "acme", "--email-domain", "x.example", "--trust-unverified")
    call_command(
        "scim_link_users", "acme", "--email-domain", "x.example", "--trust-unverified", "--commit"
    )
    call_command("scim_reconcile", "--dry-run")
    call_command("scim_reconcile")
    call_command("scim_reconcile")
    call_command("scim_rotate_token", "acme")
    call_command("scim_revoke_token", "acme", "--all")
    call_command("scim_decommission", "acme", "--dry-run")
    call_command("scim_decommission", "acme")

    assert actions() == [
        ("adopt", "done"),
        ("reconcile", "done"),
        ("revoke_token", "done"),
        ("generate_token", "done"),
        ("revoke_token", "done"),
        ("delete_connection", "done"),
        *[("release", "done")] * 3,
        ("decommission", "done"),
    ]
    released = ProvisioningEvent.objects.filter(action="release").values_list("resource_id")
    assert {ann["id"], bob["id"]} < {id for (id,) in released}


def test_each_action_is_described() -> None:
    page = (ROOT / "docs" / "how-to" / "audit-changes.rst").read_text()

    assert [name for name in ProvisioningEvent.Action.values if f"``{name}``" not in page] == []
