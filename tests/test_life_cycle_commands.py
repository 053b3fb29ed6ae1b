"""The commands that rotate, revoke, show, decommission and adopt."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from django_scim_provider.connections.adoption import adopt_users
from django_scim_provider.core.errors import Unauthorized
from django_scim_provider.models import LinkedAccount, ProviderConnection, SCIMToken
from django_scim_provider.registry import get_registry
from tests.factories import make_connection, make_token
from tests.people import connect, host_user, make_organization, make_user, post
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db


def run(name: str, *arguments: str, capsys: Any) -> str:
    """Return what the command wrote to standard output."""
    capsys.readouterr()
    call_command(name, *arguments)
    return str(capsys.readouterr().out)


def works(token: str) -> bool:
    return SCIMTestClient(token).get("/Users").status == 200


def test_rotation_prints_a_token_that_works_alone(capsys: Any) -> None:
    old = make_token(provider_id="acme")

    new = run("scim_rotate_token", "acme", capsys=capsys).strip()

    assert (works(old), works(new)) == (False, True)


def test_rotation_can_overlap(capsys: Any) -> None:
    old = make_token(provider_id="acme")

    new = run("scim_rotate_token", "acme", "--overlap", "2", capsys=capsys).strip()

    assert (works(old), works(new)) == (True, True)
    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        assert (works(old), works(new)) == (False, True)


@pytest.mark.parametrize("values", [{"enabled": False}, {"decommissioned_at": timezone.now()}])
@pytest.mark.parametrize("commit", [(), ("--commit",)])
def test_nobody_is_linked_to_a_closed_connection(
    values: dict[str, Any], commit: tuple[str, ...]
) -> None:
    connect("acme", **values)
    make_user("ann", email="ann@corp.example")
    which = ("--email-domain", "corp.example", "--trust-unverified")

    with pytest.raises(CommandError, match="disabled or decommissioned"):
        call_command("scim_link_users", "acme", *which, *commit)

    assert not LinkedAccount.objects.exists()


def test_nobody_is_linked_once_the_connection_was_closed_meanwhile() -> None:
    connect("acme")
    make_user("ann")
    found = ProviderConnection.objects.get()
    ProviderConnection.objects.update(decommissioned_at=timezone.now())
    users = get_user_model()._default_manager.all()
    user_type = get_registry().by_name("User").resource_type

    with pytest.raises(Unauthorized):
        adopt_users(found, users, user_type, commit=True, trust_unverified=True)

    assert not LinkedAccount.objects.exists()


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("scim_rotate_token", ("nowhere",), "no connection"),
        ("scim_rotate_token", ("acme", "--overlap", "0"), "--overlap"),
        ("scim_rotate_token", ("ended",), "decommissioned"),
        ("scim_revoke_token", ("nowhere", "--all"), "no connection"),
        ("scim_revoke_token", ("acme", "--lookup", "x"), "no token"),
        ("scim_status", ("nowhere",), "no connection"),
        ("scim_decommission", ("nowhere",), "no connection"),
        ("scim_decommission", ("acme", "--batch-size", "0"), "--batch-size"),
        ("scim_link_users", ("nowhere", "--members"), "no connection"),
        ("scim_link_users", ("acme", "--members"), "organization"),
        ("scim_link_users", ("acme", "--queryset", "no.where"), "No module"),
        ("scim_generate_token", ("acme", "--owner", "nobody"), "no user"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    name: str, arguments: tuple[str, ...], reason: str
) -> None:
    token = make_token(provider_id="acme")
    make_connection(provider_id="ended", decommissioned_at=timezone.now())

    with pytest.raises(CommandError, match=reason):
        call_command(name, *arguments)

    assert works(token)
    assert SCIMToken.objects.count() == 1


def test_one_token_or_all_are_revoked(capsys: Any) -> None:
    first = make_token(provider_id="acme")
    second = make_token(provider_id="acme", overlap=timedelta(hours=1))
    lookup = SCIMToken.objects.latest("created_at").lookup

    one = run("scim_revoke_token", "acme", "--lookup", lookup, capsys=capsys)
    after_one = (works(first), works(second))
    every = run("scim_revoke_token", "acme", "--all", capsys=capsys)

    assert one.strip() == f"Revoked {lookup}."
    assert after_one == (True, False)
    assert every.strip() == "Revoked 1 tokens."
    assert not works(first)


def test_status_tells_what_there_is_and_no_secret(capsys: Any) -> None:
    empty = run("scim_status", capsys=capsys)
    owner = make_user("boss")
    client = connect(owner=owner)
    post(client, "ann@x.example")
    post(client, "bob@x.example", active=False)
    post(client, "bob@x.example")
    make_connection(provider_id="idle", enabled=False)

    text = run("scim_status", capsys=capsys)
    (acme,) = json.loads(run("scim_status", "acme", "--json", capsys=capsys))

    assert empty.strip() == "There are no connections."
    assert "acme\n  state: enabled\n" in text
    assert "idle\n  state: disabled\n" in text
    assert (acme["users"], acme["active_users"], acme["live_tokens"]) == (2, 1, 1)
    assert (acme["refused_changes"], acme["owner"]) == (1, owner.pk)
    assert acme["last_contact"] is not None
    for secret in (client.token, SCIMToken.objects.get().secret, "ann", "bob"):
        assert str(secret) not in text


def test_decommissioning_is_tried_first_and_then_done(capsys: Any) -> None:
    client = connect()
    ann = post(client, "ann@x.example").json

    dry = run("scim_decommission", "acme", "--dry-run", capsys=capsys)
    untouched = (client.get("/Users").status, host_user(ann).is_active)
    done = run("scim_decommission", "acme", capsys=capsys)
    state = json.loads(run("scim_status", "acme", "--json", capsys=capsys))[0]

    assert dry.strip() == "Would release 1 of 1 users."
    assert untouched == (200, True)
    assert "1 users released" in done
    assert (client.get("/Users").status, host_user(ann).is_active) == (401, False)
    assert (state["state"], state["released_users"]) == ("decommissioned", 1)


def some_users() -> Any:
    return get_user_model()._default_manager.filter(username__startswith="a")


def test_users_are_adopted_only_when_told_so(capsys: Any) -> None:
    token = make_token(provider_id="acme")
    ann = make_user("ann@corp.example", first_name="Ann", last_name="Alpha")
    make_user("boss@corp.example", is_staff=True)
    make_user("eve@other.example")
    client = SCIMTestClient(token)
    arguments = ("acme", "--email-domain", "@CORP.example", "--trust-unverified")

    dry = run("scim_link_users", *arguments, capsys=capsys)
    after_dry = LinkedAccount.objects.count()
    done = run("scim_link_users", *arguments, "--commit", capsys=capsys)
    again = run("scim_link_users", *arguments, "--commit", capsys=capsys)

    assert dry.splitlines() == [
        "Would link 1 users; 0 are linked already.",
        "Left out 1: protected, such as staff",
        "Nothing has changed; add --commit to do it.",
    ]
    assert after_dry == 0
    assert done.splitlines()[0] == "Linked 1 users; 0 are linked already."
    assert again.splitlines()[0] == "Linked 0 users; 1 are linked already."
    found = client.find('userName eq "ann@corp.example"').json["Resources"]
    assert found[0]["name"] == {"givenName": "Ann", "familyName": "Alpha"}
    assert found[0]["emails"] == [{"value": "ann@corp.example", "primary": True}]
    account = LinkedAccount.objects.get()
    assert (account.user, account.created_user, account.manages_profile) == (ann, False, False)


def test_identity_provider_takes_an_adopted_user_on(capsys: Any) -> None:
    client = connect()
    ann = make_user("ann@corp.example", first_name="Ann")
    queryset = "tests.test_life_cycle_commands.some_users"
    call_command("scim_link_users", "acme", "--queryset", queryset, "--manage-profile", "--commit")
    (found,) = client.find('userName eq "ann@corp.example"').json["Resources"]

    body = {"schemas": [CORE], "userName": "ann@corp.example", "externalId": "e1"}
    answer = client.request(
        "PUT", f"/Users/{found['id']}", {**body, "name": {"givenName": "Anna"}, "active": False}
    )

    ann.refresh_from_db()
    assert (answer.status, answer.json["externalId"]) == (200, "e1")
    assert (ann.first_name, ann.username, ann.is_active) == ("Anna", "ann@corp.example", False)


def test_members_are_adopted_and_nobody_else(capsys: Any) -> None:
    make_organization("corp", **{"ann@corp.example": "member"})
    client = connect(organization_id="corp")
    make_user("bob@corp.example")

    members = run("scim_link_users", "acme", "--members", "--commit", capsys=capsys)
    domain = run(
        "scim_link_users", "acme", "--email-domain", "corp.example", "--commit", capsys=capsys
    )

    assert members.splitlines()[0] == "Linked 1 users; 0 are linked already."
    assert domain.splitlines()[1] == "Left out 1: no member of the organization"
    assert client.get("/Users").json["totalResults"] == 1


def test_user_whose_name_the_connection_has_is_left_out(capsys: Any) -> None:
    client = connect()
    post(client, "ann@x.example")
    host = get_user_model()._default_manager.get()
    host.username, host.email = "renamed", "renamed@x.example"
    host.save()
    make_user("ann@x.example")

    arguments = ("acme", "--email-domain", "x.example", "--trust-unverified", "--commit")
    done = run("scim_link_users", *arguments, capsys=capsys)

    assert "the connection has the name for somebody else" in done
    assert ProviderConnection.objects.get().accounts.count() == 1
