"""Who an account that comes back is: the name decides, and an externalId never alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection as database

from django_scim_provider.connections.decommission import decommission
from django_scim_provider.models import LinkedAccount, ProviderConnection, Tombstone
from tests.factories import make_token
from tests.lifecycle.test_returning import keep
from tests.people import connect, host_user, post, set_active
from tests.scim_client import CORE, Answer, SCIMTestClient
from tests.tenancy.models import Membership

pytestmark = pytest.mark.django_db

User = get_user_model()
ANN, BOB = "ann@x.example", "bob@x.example"


def mail(address: str) -> list[dict[str, Any]]:
    return [{"value": address, "primary": True}]


def deactivated(**attributes: Any) -> tuple[SCIMTestClient, dict[str, Any]]:
    client = connect(profile="entra")
    ann = post(client, ANN, **attributes).json
    set_active(client, ann, False)
    return client, ann


def released(**attributes: Any) -> tuple[SCIMTestClient, dict[str, Any]]:
    client = connect()
    ann = post(client, ANN, **attributes).json
    decommission(ProviderConnection.objects.get())
    return SCIMTestClient(make_token(provider_id="acme")), ann


def removed(**attributes: Any) -> tuple[SCIMTestClient, dict[str, Any]]:
    client = connect(organization_id="corp", profile="entra")
    ann = post(client, ANN, **attributes).json
    Membership.objects.all().delete()
    return client, ann


def deleted(**attributes: Any) -> tuple[SCIMTestClient, dict[str, Any]]:
    client = connect()
    ann = post(client, ANN, **attributes).json
    user = host_user(ann)
    user.set_password("her own")
    user.save()
    client.request("DELETE", f"/Users/{ann['id']}")
    return client, ann


OutOfUse = Callable[..., tuple[SCIMTestClient, dict[str, Any]]]
kept_accounts = pytest.mark.parametrize("out_of_use", [deactivated, released, removed])
every_way = pytest.mark.parametrize("out_of_use", [deactivated, released, removed, deleted])


def state() -> list[Any]:
    """Return what a take-over would change."""
    users = User._default_manager.order_by("pk")
    return [
        *users.values_list("pk", "username", "email", "is_active", "password"),
        *LinkedAccount.objects.order_by("pk").values_list("pk", "resource", "version"),
        *Tombstone.objects.values_list("pk", "user_id"),
        *Membership.objects.values_list("pk", "user_id", "is_active"),
    ]


def refused(answer: Answer) -> bool:
    return (answer.status, answer.json.get("scimType")) == (409, "uniqueness")


@kept_accounts
def test_taken_external_id_under_another_name_reopens_nobody(out_of_use: OutOfUse) -> None:
    client, ann = out_of_use(externalId="x")
    held = LinkedAccount.objects.filter(pk=ann["id"])
    users = User._default_manager.filter(username=ANN)
    before = (held.values().get(), users.values().get())

    answer = post(client, BOB, externalId="x", emails=mail(BOB))

    assert answer.status == 201, answer.text
    assert answer.json["id"] != ann["id"]
    assert host_user(answer.json) != users.get()
    assert (held.values().get(), users.values().get()) == before


def test_external_id_of_a_deleted_account_makes_a_new_user_under_another_name() -> None:
    client, ann = deleted(externalId="x")
    user = User._default_manager.get()
    before = (user.username, user.email, user.password, user.is_active)

    answer = post(client, BOB, externalId="x", emails=mail(BOB))

    assert answer.status == 201, answer.text
    assert answer.json["id"] != ann["id"]
    assert host_user(answer.json) != user
    user.refresh_from_db()
    assert (user.username, user.email, user.password, user.is_active) == before
    assert Tombstone.objects.get().user == user


@every_way
def test_name_under_another_external_id_reopens_nobody(out_of_use: OutOfUse) -> None:
    client, _ = out_of_use(externalId="x")
    before = state()

    answer = post(client, ANN, externalId="y", emails=mail(ANN))

    assert refused(answer), answer.text
    assert state() == before


@every_way
@pytest.mark.parametrize(("held", "sent"), [("x", "x"), ("x", None), (None, "x"), (None, None)])
def test_name_comes_back_unless_the_external_ids_contradict_each_other(
    out_of_use: OutOfUse, held: str | None, sent: str | None
) -> None:
    client, ann = out_of_use(**({"externalId": held} if held else {}))
    user = User._default_manager.get()

    answer = post(client, ANN.upper(), **({"externalId": sent} if sent else {}))

    assert answer.status == (201 if out_of_use is deleted else 200), answer.text
    assert (answer.json["id"] == ann["id"]) is (out_of_use is not deleted)
    assert answer.json.get("externalId") == sent
    assert host_user(answer.json) == user
    assert host_user(answer.json).is_active


@kept_accounts
def test_name_decides_beside_the_external_id_of_another(out_of_use: OutOfUse) -> None:
    client, ann = out_of_use()
    bob = post(client, BOB, externalId="x").json

    answer = post(client, ANN, externalId="x")

    assert (answer.status, answer.json["id"]) == (200, ann["id"]), answer.text
    assert client.get(f"/Users/{bob['id']}").json == bob
    assert client.find('externalId eq "x"').json["totalResults"] == 2


@kept_accounts
@pytest.mark.parametrize(("held", "sent"), [(None, ANN), (BOB, None)], ids=str)
def test_name_of_one_that_is_the_external_id_of_another_is_nobodys_key(
    out_of_use: OutOfUse, held: str | None, sent: str | None
) -> None:
    client, ann = out_of_use(**({"externalId": held} if held else {}))
    before = LinkedAccount.objects.values().get()

    answer = post(client, BOB, **({"externalId": sent} if sent else {}))

    assert answer.status == 201, answer.text
    assert answer.json["id"] != ann["id"]
    assert LinkedAccount.objects.filter(pk=ann["id"]).values().get() == before
    assert host_user(answer.json) != User._default_manager.get(username=ANN)


@every_way
def test_address_of_somebody_reopens_nobody(out_of_use: OutOfUse) -> None:
    client, _ = out_of_use(externalId="x", emails=mail(ANN))
    before = state()

    answer = post(client, BOB, externalId="z", emails=mail(ANN))

    assert refused(answer), answer.text
    assert state() == before


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("change", "status"),
    [({"userName": ANN}, 409), ({"externalId": "x"}, 200), ({"externalId": ANN}, 200)],
    ids=str,
)
def test_account_cannot_be_changed_into_an_inactive_one(
    verb: str, change: dict[str, Any], status: int
) -> None:
    client, ann = deactivated(externalId="x")
    bob = post(client, BOB, emails=mail(BOB)).json
    held = LinkedAccount.objects.filter(pk=ann["id"]).values()
    before, all_before = held.get(), state()

    path = f"/Users/{bob['id']}"
    if verb == "PUT":
        body = {"schemas": [CORE], "userName": BOB, "emails": mail(BOB), **change}
        answer = client.request("PUT", path, body)
    else:
        answer = client.patch(path, {"op": "replace", "value": change})

    assert answer.status == status, answer.text
    assert held.get() == before
    assert (state() == all_before) is refused(answer)
    assert not host_user(ann).is_active


@pytest.mark.parametrize("change", [{"userName": ANN}, {"externalId": "x"}], ids=str)
def test_account_that_is_changed_into_a_deleted_one_gets_nothing_of_it(
    change: dict[str, Any],
) -> None:
    client, _ = deleted(externalId="x")
    bob = post(client, BOB, emails=mail(BOB)).json
    user = User._default_manager.get(username=ANN)

    answer = client.patch(f"/Users/{bob['id']}", {"op": "replace", "value": change})

    assert answer.status == (409 if "userName" in change else 200), answer.text
    assert host_user(bob) != user
    assert Tombstone.objects.get().user == user


def test_deleted_name_that_the_project_gave_to_nobody_is_a_new_user() -> None:
    client, _ = deleted(externalId="x")
    old = User._default_manager.get()
    User._default_manager.update(username="ann.old", email="ann.old@x.example")

    answer = post(client, ANN, externalId="y")

    assert answer.status == 201
    assert host_user(answer.json) != old


def test_several_deleted_accounts_of_a_name_are_told_apart_by_external_id_only() -> None:
    client, _ = deleted(externalId="x")
    User._default_manager.update(username="first", email="first@x.example")
    ann = post(client, ANN, externalId="y").json
    keep(ann)
    client.request("DELETE", f"/Users/{ann['id']}")
    User._default_manager.exclude(username="first").update(username="second", email="s@x.example")

    nobody = post(client, ANN, externalId="z").json
    client.request("DELETE", f"/Users/{nobody['id']}")
    first = post(client, ANN, externalId="x")

    assert host_user(first.json).pk == User._default_manager.order_by("pk").first().pk  # type: ignore[union-attr]
    assert Tombstone.objects.count() == 1


def test_account_that_is_renamed_before_it_is_locked_does_not_come_back() -> None:
    client, ann = deactivated()
    before = LinkedAccount.objects.get()
    renamed = before.resource.replace(ANN, "eve@x.example")

    def rename(execute: Any, sql: str, *rest: Any) -> Any:
        locks = sql.lstrip().startswith(("SELECT", "BEGIN NOT ATOMIC"))
        if locks and "released_at" in sql and "resource" in sql:
            changes = {"user_name": "eve@x.example"}
            rows = LinkedAccount.objects.exclude(user_name="eve@x.example")
            rows.update(resource=renamed, account_id="eve@x.example", **changes)
        return execute(sql, *rest)

    with database.execute_wrapper(rename):
        answer = post(client, ANN)

    # The transaction is the test's here, so the answer takes the renaming back as well.
    assert answer.json.get("id") != ann["id"]
    assert not host_user(ann).is_active


def test_linked_user_comes_back_by_name_after_deletion(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    user = User(username=ANN, email=ANN)
    user.set_password("her own")
    user.save()
    client = connect()
    linked = post(client, ANN).json
    client.request("DELETE", f"/Users/{linked['id']}")

    answer = post(client, ANN)

    assert answer.status == 201, answer.text
    assert host_user(answer.json) == user
    assert host_user(answer.json).is_active
    account = LinkedAccount.objects.get()
    assert (account.created_user, account.manages_profile) == (False, False)
