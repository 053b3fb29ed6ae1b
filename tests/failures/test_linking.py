"""Linking the user who is in the way: only who may, only whom the policy allows, never staff.

A provisioning client that could take part in users whom it did not make took them over elsewhere
(GitLab's CVE-2022-1680), so each refusal has its test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from django_scim_provider.connections.linking import LinkRefusal, link_user, may_link
from django_scim_provider.core.schemas import USER
from django_scim_provider.models import LinkedAccount, ProviderConnection, ProvisioningEvent
from tests.administration import logged_in, staff
from tests.failures.test_page import LINKS, SEES, address, shown
from tests.failures.test_recording import only, post
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db
ALLOWED = {"trusted_domains": ["x.example"]}


@pytest.fixture
def acme(scim_client: SCIMTestClient) -> ProviderConnection:
    return ProviderConnection.objects.get(provider_id="acme")


def fail(client: SCIMTestClient) -> None:
    answer = post(client, "ann.lee", externalId="00u1", emails=[{"value": "ann@x.example"}])
    assert answer.status == 409


def ask(do: str = "link") -> str:
    return f"?do={do}&failure={only().pk}"


def test_user_is_linked_and_found_by_the_identity_provider(
    scim_client: SCIMTestClient,
    scim_settings: Callable[..., None],
    acme: ProviderConnection,
    ann: Any,
    worker: Any,
) -> None:
    scim_settings(LINK_EXISTING_USERS=ALLOWED)
    fail(scim_client)
    client = logged_in(worker)
    assert "do=link" in shown(client, acme)

    asked = client.get(address(acme, ask())).content.decode()
    assert "The user ann (id" in asked
    assert not LinkedAccount.objects.exists()
    client.post(address(acme, ask()))

    account = LinkedAccount.objects.get()
    assert account.user_id == ann.pk
    assert not account.created_user
    assert not account.manages_profile
    assert only().state == "done"
    found = scim_client.find('userName eq "ann.lee"').json["Resources"]
    assert [each["externalId"] for each in found] == ["00u1"]
    event = ProvisioningEvent.objects.get(action="adopt")
    assert (event.actor_id, event.resource_id) == (worker.pk, account.scim_id)
    ann.refresh_from_db()
    assert (ann.username, ann.email) == ("ann", "ann@x.example")


def test_policy_of_the_project_is_asked(
    scim_client: SCIMTestClient,
    scim_settings: Callable[..., None],
    acme: ProviderConnection,
    ann: Any,
    worker: Any,
) -> None:
    fail(scim_client)
    assert "do=link" not in shown(logged_in(worker), acme)

    for policy in (False, {}, {"trusted_domains": ["other.example"]}):
        scim_settings(LINK_EXISTING_USERS=policy)
        assert may_link(worker, acme, ann) is LinkRefusal.POLICY
        logged_in(worker).post(address(acme, ask()))
        assert not LinkedAccount.objects.exists()


@pytest.mark.parametrize("missing", ["change_linkedaccount", "change_user"])
def test_staff_need_both_permissions(
    scim_client: SCIMTestClient,
    scim_settings: Callable[..., None],
    acme: ProviderConnection,
    ann: Any,
    missing: str,
) -> None:
    scim_settings(LINK_EXISTING_USERS=ALLOWED)
    fail(scim_client)
    person = staff("half", *SEES, *(each for each in LINKS if each != missing))

    assert "do=link" not in shown(logged_in(person), acme)
    for method in ("get", "post"):
        assert getattr(logged_in(person), method)(address(acme, ask())).status_code == 403
    assert may_link(person, acme, ann) is LinkRefusal.NOT_ENTITLED
    assert not LinkedAccount.objects.exists()


@pytest.mark.parametrize("field", ["is_staff", "is_superuser"])
def test_privileged_users_are_never_linked(
    scim_settings: Callable[..., None],
    acme: ProviderConnection,
    ann: Any,
    field: str,
) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    get_user_model().objects.filter(pk=ann.pk).update(**{field: True})
    ann.refresh_from_db()
    root = staff("root", is_superuser=True)

    assert may_link(root, acme, ann) is LinkRefusal.PROTECTED
    assert link_user(root, acme, ann, USER) is LinkRefusal.PROTECTED


def test_owner_of_the_connection_is_never_linked(
    scim_settings: Callable[..., None], acme: ProviderConnection, ann: Any
) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    acme.owner = ann
    acme.save()

    assert may_link(staff("root", is_superuser=True), acme, ann) is LinkRefusal.PROTECTED


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"is_active": False}, LinkRefusal.INACTIVE),
        ({"email": "ann@y.example"}, LinkRefusal.POLICY),
    ],
)
def test_user_has_to_fit(
    scim_settings: Callable[..., None],
    acme: ProviderConnection,
    ann: Any,
    worker: Any,
    changes: dict[str, Any],
    refusal: LinkRefusal,
) -> None:
    scim_settings(LINK_EXISTING_USERS=ALLOWED)
    get_user_model().objects.filter(pk=ann.pk).update(**changes)
    ann.refresh_from_db()

    assert may_link(worker, acme, ann) is refusal


def test_user_of_the_connection_is_not_linked_twice(
    scim_client: SCIMTestClient,
    scim_settings: Callable[..., None],
    acme: ProviderConnection,
    worker: Any,
) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    scim_client.create_user("eve@x.example")

    eve = get_user_model().objects.get(username="eve@x.example")
    assert may_link(worker, acme, eve) is LinkRefusal.LINKED


def test_unverified_address_proves_nobody(
    scim_settings: Callable[..., None],
    acme: ProviderConnection,
    ann: Any,
    worker: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scim_settings(LINK_EXISTING_USERS=ALLOWED)
    monkeypatch.setattr(
        "django_scim_provider.adapter.DefaultAdapter.is_email_verified", lambda *_: False
    )

    assert may_link(worker, acme, ann) is LinkRefusal.UNVERIFIED


def test_name_of_somebody_else_is_not_given_to_the_account(
    scim_settings: Callable[..., None], acme: ProviderConnection, ann: Any, worker: Any
) -> None:
    scim_settings(LINK_EXISTING_USERS=ALLOWED)
    get_user_model().objects.create(username="bob")

    assert may_link(worker, acme, ann, {"userName": "Bob"}) is LinkRefusal.NAME_TAKEN


def test_name_of_staff_is_not_given_to_the_account(
    scim_settings: Callable[..., None], acme: ProviderConnection, ann: Any, worker: Any
) -> None:
    scim_settings(LINK_EXISTING_USERS=ALLOWED)
    staff("boss", email="boss@x.example")

    assert link_user(worker, acme, ann, USER, {"userName": "boss@x.example"}) is not None
    assert not LinkedAccount.objects.exists()


@pytest.mark.parametrize("field", ["enabled", "decommissioned_at"])
def test_closed_connection_links_nobody(
    scim_settings: Callable[..., None], acme: ProviderConnection, ann: Any, worker: Any, field: str
) -> None:
    scim_settings(LINK_EXISTING_USERS=ALLOWED)
    setattr(acme, field, False if field == "enabled" else acme.created_at)
    acme.save()

    assert may_link(worker, acme, ann) is LinkRefusal.CLOSED


def test_personal_connection_of_somebody_else_is_not_linked_to(
    scim_settings: Callable[..., None], acme: ProviderConnection, ann: Any, worker: Any
) -> None:
    scim_settings(LINK_EXISTING_USERS=ALLOWED)
    acme.owner = staff("owner")
    acme.save()

    assert may_link(worker, acme, ann) is LinkRefusal.NOT_ENTITLED


def test_reserved_connection_is_the_superusers(
    scim_settings: Callable[..., None], acme: ProviderConnection, ann: Any, worker: Any
) -> None:
    scim_settings(LINK_EXISTING_USERS=ALLOWED, RESERVED_PROVIDER_IDS=["acme"])

    assert may_link(worker, acme, ann) is LinkRefusal.NOT_ENTITLED
    assert may_link(staff("root", is_superuser=True), acme, ann) is None


def test_people_without_a_part_in_it_link_nobody(
    scim_settings: Callable[..., None], acme: ProviderConnection, ann: Any
) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    anybody = get_user_model().objects.create(username="anybody")

    assert may_link(anybody, acme, ann) is LinkRefusal.NOT_ENTITLED
    anybody.is_active = False
    anybody.is_superuser = True
    assert may_link(anybody, acme, ann) is LinkRefusal.NOT_ENTITLED


def test_user_who_is_gone_is_told(
    scim_client: SCIMTestClient,
    scim_settings: Callable[..., None],
    acme: ProviderConnection,
    ann: Any,
    root: Client,
) -> None:
    scim_settings(LINK_EXISTING_USERS=ALLOWED)
    fail(scim_client)
    ann.delete()

    answer = root.get(address(acme, ask()), follow=True)

    assert "The user is not there any more." in answer.content.decode()
