"""Who was known under another ``externalId`` comes back after a person said so."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db.models.signals import post_init

from django_scim_provider.connections.coming_back import returning
from django_scim_provider.insight.drift import DriftComparison
from django_scim_provider.models import (
    Failure,
    LinkedAccount,
    ProviderConnection,
    ProvisioningEvent,
    Tombstone,
)
from django_scim_provider.registry import get_registry
from tests.administration import logged_in, staff
from tests.failures.test_linking import ask
from tests.failures.test_page import LINKS, SEES, address, shown
from tests.failures.test_recording import post
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(scim_client: SCIMTestClient) -> ProviderConnection:
    connection = ProviderConnection.objects.get(provider_id="acme")
    ProviderConnection.objects.filter(pk=connection.pk).update(profile="okta")
    connection.refresh_from_db()
    return connection


@pytest.fixture
def inactive(scim_client: SCIMTestClient, acme: ProviderConnection) -> dict[str, Any]:
    """Return an inactive account; its directory was rebuilt since, and refused."""
    ann = scim_client.create_user("ann@x.example", externalId="old")
    scim_client.patch(f"/Users/{ann['id']}", {"op": "replace", "path": "active", "value": False})
    assert post(scim_client, "ann@x.example", externalId="new").status == 409
    return ann


def test_account_comes_back_on_the_next_attempt(
    scim_client: SCIMTestClient, acme: ProviderConnection, inactive: dict[str, Any]
) -> None:
    worker = staff("worker", *SEES, *LINKS)
    client = logged_in(worker)
    assert "do=bring-back" in shown(client, acme)
    assert "ann@x.example" in client.get(address(acme, ask("bring-back"))).content.decode()

    client.post(address(acme, ask("bring-back")))

    assert scim_client.get(f"/Users/{inactive['id']}").json["active"] is False
    drift = DriftComparison(
        acme,
        user_type=get_registry().by_name("User").resource_type,
        group_type=get_registry().by_name("Group").resource_type,
    ).run()
    assert drift.differing == 0
    answer = post(scim_client, "ann@x.example", externalId="new")
    assert (answer.status, answer.json["id"]) == (200, inactive["id"])
    assert answer.json["externalId"] == "new"
    event = ProvisioningEvent.objects.get(action="bring_back")
    assert (event.actor_id, event.resource_id) == (worker.pk, inactive["id"])


def test_user_of_a_deleted_account_comes_back(
    scim_client: SCIMTestClient, acme: ProviderConnection
) -> None:
    ann = scim_client.create_user("ann@x.example", externalId="old")
    user = get_user_model().objects.get(username="ann@x.example")
    user.set_password("own")
    user.save()
    scim_client.request("DELETE", f"/Users/{ann['id']}")
    assert post(scim_client, "ann@x.example", externalId="new").status == 409
    client = logged_in(staff("worker", *SEES, *LINKS))
    assert "do=bring-back" in shown(client, acme)

    client.post(address(acme, ask("bring-back")))

    assert post(scim_client, "ann@x.example", externalId="new").status == 201
    assert LinkedAccount.objects.get().user_id == user.pk


def test_of_all_who_were_deleted_one_is_read(
    scim_client: SCIMTestClient, acme: ProviderConnection
) -> None:
    for number in range(3):
        name = f"ann{number}@x.example"
        ann = scim_client.create_user(name, externalId=f"old{number}")
        user = get_user_model().objects.get(username=name)
        user.set_password("own")
        user.save()
        scim_client.request("DELETE", f"/Users/{ann['id']}")
    assert post(scim_client, "ann1@x.example", externalId="new").status == 409
    read: list[Any] = []

    def note(instance: Any, **_: Any) -> None:
        read.append(instance)

    post_init.connect(note, sender=Tombstone)
    try:
        found = returning(Failure.objects.get(), acme)
    finally:
        post_init.disconnect(note, sender=Tombstone)

    assert read == [found]
    assert found is not None
    assert found.user.get_username() == "ann1@x.example"


@pytest.mark.parametrize("missing", ["change_linkedaccount", "change_user"])
def test_staff_need_both_permissions(
    acme: ProviderConnection, inactive: dict[str, Any], missing: str
) -> None:
    person = staff("half", *SEES, *(each for each in LINKS if each != missing))

    assert "do=bring-back" not in shown(logged_in(person), acme)
    assert logged_in(person).post(address(acme, ask("bring-back"))).status_code == 403
    assert LinkedAccount.objects.get().external_id == "old"


def test_protected_user_does_not_come_back(
    scim_client: SCIMTestClient, acme: ProviderConnection, inactive: dict[str, Any]
) -> None:
    get_user_model().objects.filter(username="ann@x.example").update(is_staff=True)

    logged_in(staff("worker", *SEES, *LINKS)).post(address(acme, ask("bring-back")))

    assert LinkedAccount.objects.get().external_id == "old"


def test_active_account_is_nobody_who_comes_back(
    scim_client: SCIMTestClient, acme: ProviderConnection
) -> None:
    scim_client.create_user("ann@x.example", externalId="old")
    post(scim_client, "ann@x.example", externalId="new")
    client = logged_in(staff("worker", *SEES, *LINKS))

    assert "do=bring-back" not in shown(client, acme)
    client.post(address(acme, ask("bring-back")))
    assert LinkedAccount.objects.get().external_id == "old"
