"""Which account of a connection is the active one, and why there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scim_provider.connections.decommission import decommission
from django_scim_provider.log_in import ActiveAccount, LogInRefused, Refusal, active_account
from django_scim_provider.models import LinkedAccount, ProviderConnection
from tests.people import connect, host_user, make_user, post, set_active
from tests.scim_client import SCIMTestClient
from tests.tenancy.models import Membership, Organization

pytestmark = pytest.mark.django_db


def reason(connection: Any = "acme", **names: Any) -> Refusal:
    with pytest.raises(LogInRefused) as refused:
        active_account(connection, **names)
    return refused.value.reason


def enters(external_id: str) -> bool:
    found: str = active_account("acme", external_id=external_id).account.external_id
    return found == external_id


def test_external_id_is_found_exactly_and_in_its_own_connection() -> None:
    ann = connect("acme").create_user("ann@x.example", externalId="E1")
    connect("globex").create_user("bob@x.example", externalId="E2")

    found = active_account("acme", external_id="E1")

    assert isinstance(found, ActiveAccount)
    assert found.user == host_user(ann)
    assert found.account.scim_id == ann["id"]
    assert found.connection.provider_id == "acme"
    assert active_account(found.connection, external_id="E1").user == found.user
    for other in ("e1", "E1 ", "É1", "E2", "", "E\x001", "\ud800", "ann@x.example", ann["id"]):
        assert reason(external_id=other) is Refusal.UNKNOWN


def test_name_and_id_find_the_account_they_are_asked_for(scim_client: SCIMTestClient) -> None:
    ann = scim_client.create_user("Ann@X.example", externalId="E1")

    assert active_account("acme", user_name="ann@x.EXAMPLE").user == host_user(ann)
    assert active_account("acme", id=ann["id"]).user == host_user(ann)
    assert reason(user_name="E1") is Refusal.UNKNOWN
    assert reason(id=str(host_user(ann).pk)) is Refusal.UNKNOWN


def test_address_of_somebody_finds_nobody(scim_client: SCIMTestClient) -> None:
    emails = [{"value": "boss@x.example", "primary": True}]
    scim_client.create_user("ann", externalId="E1", emails=emails)

    assert reason(user_name="boss@x.example") is Refusal.UNKNOWN
    assert reason(external_id="boss@x.example") is Refusal.UNKNOWN


@pytest.mark.parametrize("names", [{}, {"external_id": "E1", "user_name": "ann"}])
def test_exactly_one_name_is_asked_for(names: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        active_account("acme", **names)


def test_repeated_external_id_is_ambiguous(scim_client: SCIMTestClient) -> None:
    scim_client.create_user("ann", externalId="E1")
    scim_client.create_user("bob", externalId="E1")

    assert reason(external_id="E1") is Refusal.AMBIGUOUS


def test_deactivated_account_is_inactive(scim_client: SCIMTestClient) -> None:
    ann = scim_client.create_user("ann", externalId="E1")

    set_active(scim_client, ann, False)
    assert reason(external_id="E1") is Refusal.INACTIVE
    set_active(scim_client, ann, True)
    assert enters("E1")
    LinkedAccount.objects.update(active=None)
    assert reason(external_id="E1") is Refusal.INACTIVE


def test_user_whom_the_project_closed_is_inactive(scim_client: SCIMTestClient) -> None:
    user = host_user(scim_client.create_user("ann", externalId="E1"))
    user.is_active = False
    user.save()

    assert reason(external_id="E1") is Refusal.INACTIVE


def test_deleted_account_whose_user_lives_on_is_deprovisioned(
    scim_client: SCIMTestClient,
    scim_settings: Callable[..., None],
) -> None:
    scim_settings(DEPROVISION="deactivate")
    ann = scim_client.create_user("ann", externalId="E1")

    scim_client.request("DELETE", f"/Users/{ann['id']}")

    assert reason(external_id="E1") is Refusal.DEPROVISIONED
    assert reason(user_name="ANN") is Refusal.DEPROVISIONED
    assert reason(external_id="E2") is Refusal.UNKNOWN


def test_closed_connection_logs_nobody_in(scim_client: SCIMTestClient) -> None:
    scim_client.create_user("ann", externalId="E1")
    assert reason("nobody", external_id="E1") is Refusal.NO_CONNECTION

    decommission(ProviderConnection.objects.get())

    assert reason(external_id="E1") is Refusal.NO_CONNECTION


def test_disabled_connection_takes_access_from_nobody(scim_client: SCIMTestClient) -> None:
    scim_client.create_user("ann", externalId="E1")
    ProviderConnection.objects.update(enabled=False)

    assert enters("E1")


def test_only_active_members_enter() -> None:
    ann = connect("acme", "org").create_user("ann", externalId="E1")
    assert active_account("acme", external_id="E1").user == host_user(ann)

    Membership.objects.update(is_active=False)
    assert reason(external_id="E1") is Refusal.NOT_A_MEMBER
    Membership.objects.all().delete()
    assert reason(external_id="E1") is Refusal.NOT_A_MEMBER


def test_organization_that_is_closed_has_no_log_in(scim_settings: Any, settings: Any) -> None:
    membership = settings.SCIM_PROVIDER["MEMBERSHIP"]
    scim_settings(MEMBERSHIP={**membership, "organization_active": "is_open"})
    connect("acme", "org").create_user("ann", externalId="E1")
    assert enters("E1")

    Organization.objects.update(is_open=False)

    assert reason(external_id="E1") is Refusal.NO_CONNECTION


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_privileged_people_need_leave(
    scim_client: SCIMTestClient, scim_settings: Callable[..., None], flag: str
) -> None:
    user = host_user(scim_client.create_user("ann", externalId="E1"))
    setattr(user, flag, True)
    user.save()

    assert reason(external_id="E1") is Refusal.NOT_ALLOWED
    scim_settings(ALLOW_PRIVILEGED_USERS=True)  # is about provisioning
    assert reason(external_id="E1") is Refusal.NOT_ALLOWED
    assert active_account("acme", external_id="E1", privileged=True).user == user


def test_linked_user_needs_leave_or_the_same_log_in_before(
    scim_client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    user = make_user("ann@x.example")
    assert post(scim_client, "ann@x.example", externalId="E1").status == 201

    assert reason(external_id="E1") is Refusal.NOT_ALLOWED
    assert active_account("acme", external_id="E1", linked=True).user == user
    assert active_account("acme", external_id="E1", attached_to=user.pk).user == user


def test_log_in_of_another_user_is_not_allowed(scim_client: SCIMTestClient) -> None:
    scim_client.create_user("ann", externalId="E1")
    other = make_user("other@x.example")

    assert reason(external_id="E1", attached_to=other.pk) is Refusal.NOT_ALLOWED


def test_each_reason_has_words_of_its_own() -> None:
    words = [LogInRefused(each).message for each in Refusal]

    assert len(set(words)) == len(Refusal)
