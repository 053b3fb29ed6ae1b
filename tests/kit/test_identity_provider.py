"""Identity providers in process: each vendor's moves leave what they ask for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scim_provider.models import GroupMember, LinkedAccount, ProviderConnection
from django_scim_provider.testing import (
    FakeIdP,
    assert_deprovisioned,
    assert_provisioned,
)
from django_scim_provider.testing.identity_provider import ProvisioningRefused
from django_scim_provider.tools.simulator.providers import PROVIDERS
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db
Connect = Callable[..., FakeIdP]
every_provider = pytest.mark.parametrize("name", sorted(PROVIDERS))
ANN, BOB = "ann@x.example", "bob@x.example"


def title_of(client: SCIMTestClient) -> str:
    (found,) = client.find(f'userName eq "{ANN}"').resources
    return str(found["title"])


@every_provider
def test_life_of_a_person(
    name: str, fake_idp: Connect, scim_connection: ProviderConnection, scim_client: SCIMTestClient
) -> None:
    idp = fake_idp(name)
    idp.test_connection()

    id = idp.assign(ANN, given_name="Ann", family_name="Ng", title="Nurse")
    user = assert_provisioned(scim_connection, ANN)
    assert scim_client.get(f"/Users/{id}")["name"]["familyName"] == "Ng"
    assert title_of(scim_client) == "Nurse"

    idp.update(ANN, title="Doctor")
    assert title_of(scim_client) == "Doctor"
    idp.deactivate(ANN)
    assert_deprovisioned(scim_connection, ANN)
    idp.assign(ANN)
    assert assert_provisioned(scim_connection, ANN) == user
    assert title_of(scim_client) == "Doctor"

    idp.remove(ANN)
    assert_deprovisioned(scim_connection, ANN)
    assert LinkedAccount.objects.exists() is (name == "okta")


@pytest.mark.parametrize("name", sorted(set(PROVIDERS) - {"google"}))
def test_life_of_a_group(name: str, fake_idp: Connect, scim_client: SCIMTestClient) -> None:
    idp = fake_idp(name)
    ann, bob = idp.assign(ANN), idp.assign(BOB)

    def members() -> set[str]:
        shown = scim_client.get(f"/Groups/{team}").json.get("members", ())
        return {member["value"] for member in shown}

    team = idp.push_group("Team", ANN)
    assert (members(), scim_client.get(f"/Groups/{team}")["displayName"]) == ({ann}, "Team")
    idp.add_members("Team", BOB)
    assert members() == {ann, bob}
    idp.remove_members("Team", ANN)
    assert members() == {bob}
    idp.delete_group("Team")
    assert not GroupMember.objects.exists()


@every_provider
def test_full_sync_of_a_company(name: str, fake_idp: Connect) -> None:
    run = fake_idp(name).full_sync(people=6, groups=1)

    assert len(run.session.directory.people) == 6
    assert LinkedAccount.objects.count() == len(run.session.users)


def test_what_the_vendor_cannot_live_with_fails_the_test(
    fake_idp: Connect, scim_client: SCIMTestClient
) -> None:
    scim_client.create_user(ANN)

    with pytest.raises(ProvisioningRefused, match="Automatic provisioning of user Ann Ng") as told:
        fake_idp("okta").assign(ANN, given_name="Ann", family_name="Ng")

    assert [one.status for one in told.value.failures] == [200, 409]


def test_what_cannot_be_meant(fake_idp: Connect) -> None:
    with pytest.raises(ValueError, match="There is no 'oktta'; there are entra, google,"):
        fake_idp("oktta")
    with pytest.raises(ValueError, match="assign it first"):
        fake_idp("okta").deactivate(ANN)
    google = fake_idp("google")
    google.assign(ANN)
    with pytest.raises(ValueError, match="Google Workspace pushes no groups"):
        google.push_group("Team", ANN)
