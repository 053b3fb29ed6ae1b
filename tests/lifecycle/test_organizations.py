"""Connections of organizations: whom they see, make and may not touch, on both backends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scim_provider.models import ProvisioningEvent
from tests.factories import make_token
from tests.people import host_user, make_user, post, set_active
from tests.scim_client import GROUP, SCIMTestClient
from tests.tenancy.models import Membership
from tests.tenancy.models import Organization as OwnOrganization

pytestmark = pytest.mark.django_db


class OwnModels:
    """Organizations of the project, with a field that suspends members."""

    settings: dict[str, Any] = {}  # noqa: RUF012 - never changed

    def make(self, owner: Any = None) -> str:
        organization = OwnOrganization.objects.create(pk="corp")
        if owner is not None:
            Membership.objects.create(organization=organization, user=owner, role="owner")
        return organization.pk

    def roles(self) -> list[tuple[str, str]]:
        rows = Membership.objects.filter(is_active=True).order_by("pk")
        return [(row.user.username, row.role) for row in rows]

    def remove(self, user: Any) -> None:
        Membership.objects.filter(user=user).delete()


class NoFlag(OwnModels):
    """The same without that field: who is inactive is no member."""

    settings = {  # noqa: RUF012 - never changed
        "MEMBERSHIP": {"model": "tenancy.Membership", "owner_roles": ["owner"]},
    }


class Package:
    """Those of django-organizations."""

    settings = {  # noqa: RUF012 - never changed
        "ORGANIZATION_BACKEND": "django_scim_provider.organizations.DjangoOrganizationsBackend"
    }

    def make(self, owner: Any = None) -> str:
        from organizations.models import Organization

        organization = Organization.objects.create(name="Corp")
        if owner is not None:
            organization.add_user(owner)
        return str(organization.pk)

    def roles(self) -> list[tuple[str, str]]:
        from organizations.models import OrganizationOwner, OrganizationUser

        owners = set(OrganizationOwner.objects.values_list("organization_user", flat=True))
        rows = OrganizationUser.objects.order_by("pk")
        return [
            (
                row.user.username,
                "owner" if row.pk in owners else "admin" if row.is_admin else "member",
            )
            for row in rows
        ]

    def remove(self, user: Any) -> None:
        from organizations.models import OrganizationUser

        OrganizationUser.objects.filter(user=user).delete()


@pytest.fixture(params=[OwnModels, NoFlag, Package])
def world(request: pytest.FixtureRequest, scim_settings: Callable[..., None]) -> Any:
    """Return a kind of organizations, in force."""
    world = request.param()
    scim_settings(**world.settings)
    return world


def connect_to(organization_id: str, **fields: Any) -> SCIMTestClient:
    return SCIMTestClient(make_token(provider_id="acme", organization_id=organization_id, **fields))


def test_first_provisioned_member_is_no_owner(world: Any) -> None:
    client = connect_to(world.make())

    post(client, "ann@x.example")
    post(client, "bob@x.example")

    assert world.roles() == [("ann@x.example", "member"), ("bob@x.example", "member")]


def test_user_is_seen_only_while_a_member(world: Any) -> None:
    client = connect_to(world.make(make_user("boss")))
    ann, bob = (post(client, f"{name}@x.example").json for name in ("ann", "bob"))
    members = [{"value": ann["id"]}, {"value": bob["id"]}]
    group = client.request(
        "POST", "/Groups", {"schemas": [GROUP], "displayName": "g", "members": members}
    ).json

    world.remove(host_user(ann))

    path = f"/Users/{ann['id']}"
    nobody = "00000000-0000-7000-8000-000000000000"
    unknown = client.get(f"/Users/{nobody}").text
    assert client.get(path).status == 404
    assert client.get(path).text == unknown.replace(
        "00000000-0000-7000-8000-000000000000", ann["id"]
    )
    assert client.request("DELETE", path).status == 404
    assert set_active(client, ann, False).status == 404
    assert client.get("/Users").json["totalResults"] == 1
    assert client.get("/Users?count=1&startIndex=1&sortBy=userName").json["totalResults"] == 1
    assert client.find('userName eq "ann@x.example"').json["totalResults"] == 0
    assert client.find('userName sw "a"').json["totalResults"] == 0
    assert client.get("/Users?cursor&count=1").json["totalResults"] == 1
    shown = client.get(f"/Groups/{group['id']}").json["members"]
    assert [member["value"] for member in shown] == [bob["id"]]
    adding = {"op": "add", "path": "members", "value": [{"value": ann["id"]}]}
    assert client.patch(f"/Groups/{group['id']}", adding).status == 400


def test_inactive_member_is_seen_and_comes_back_as_a_plain_member(world: Any) -> None:
    client = connect_to(world.make(make_user("boss")))
    ann = post(client, "ann@x.example").json

    set_active(client, ann, False)
    suspended = world.roles()
    found = client.find('userName eq "ann@x.example"').json
    closed = host_user(ann).is_active
    set_active(client, ann, True)

    assert suspended == [("boss", "owner")]
    assert (found["totalResults"], closed) == (1, False)
    assert world.roles() == [("boss", "owner"), ("ann@x.example", "member")]
    assert host_user(ann).is_active


def test_user_created_inactive_is_a_member_only_later(world: Any) -> None:
    client = connect_to(world.make())

    ann = post(client, "ann@x.example", active=False).json
    before = world.roles()
    set_active(client, ann, True)

    assert before == []
    assert world.roles() == [("ann@x.example", "member")]


@pytest.mark.parametrize("change", ["deactivate", "delete"])
def test_last_owner_is_refused_with_an_event(world: Any, scim_settings: Any, change: str) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    owner = make_user("boss@x.example")
    client = connect_to(world.make(owner))
    linked = post(client, "boss@x.example").json

    if change == "delete":
        answer = client.request("DELETE", f"/Users/{linked['id']}")
    else:
        answer = set_active(client, linked, False)

    assert (answer.status, answer.json["scimType"]) == (403, "mutability")
    assert "last owner" in answer.json["detail"]
    assert world.roles() == [("boss@x.example", "owner")]
    owner.refresh_from_db()
    assert owner.is_active
    event = ProvisioningEvent.objects.latest("pk")
    assert (event.outcome, event.status, event.resource_id) == ("refused", 403, linked["id"])


def test_one_of_two_owners_may_go(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    world = OwnModels()
    client = connect_to(world.make(make_user("boss@x.example")))
    Membership.objects.create(
        organization_id="corp", user=make_user("second@x.example"), role="admin,owner"
    )
    linked = post(client, "boss@x.example").json

    assert set_active(client, linked, False).status == 200


def test_without_a_backend_nothing_of_an_organization_is_opened(scim_settings: Any) -> None:
    client = connect_to(OwnModels().make())
    post(client, "ann@x.example")

    scim_settings(ORGANIZATION_BACKEND=None)

    assert client.get("/Users").status == 403
    assert post(client, "bob@x.example").status == 403
    assert client.get("/ServiceProviderConfig").status == 200


def test_removed_member_comes_back_by_a_new_post_where_the_profile_says_so() -> None:
    from django_scim_provider.models import ProviderConnection

    world = OwnModels()
    client = connect_to(world.make())
    ann = post(client, "ann@x.example").json
    world.remove(host_user(ann))

    generic = post(client, "ann@x.example").status
    ProviderConnection.objects.update(profile="okta")
    okta = post(client, "ann@x.example")

    assert generic == 409
    assert (okta.status, okta.json["id"]) == (200, ann["id"])
    assert world.roles() == [("ann@x.example", "member")]


def test_personal_connection_cannot_take_an_organization_its_owner(scim_settings: Any) -> None:
    client = SCIMTestClient(make_token(provider_id="personal"))
    ann = post(client, "ann@x.example").json
    user = host_user(ann)
    OwnModels().make(user)

    answers = [set_active(client, ann, False), client.request("DELETE", f"/Users/{ann['id']}")]

    user.refresh_from_db()
    assert [answer.status for answer in answers] == [403, 403]
    assert user.is_active


def test_personal_connection_neither_deletes_nor_renames_a_member_of_an_organization() -> None:
    client = SCIMTestClient(make_token(provider_id="personal"))
    ann = post(client, "ann@x.example").json
    user = host_user(ann)
    OwnModels().make()
    Membership.objects.create(organization_id="corp", user=user)
    rename = {"op": "replace", "path": "userName", "value": "eve@evil.example"}

    client.patch(f"/Users/{ann['id']}", rename)
    user.refresh_from_db()
    name = user.username
    client.request("DELETE", f"/Users/{ann['id']}")

    user.refresh_from_db()
    assert (name, user.is_active) == ("ann@x.example", False)
    assert Membership.objects.count() == 1


def test_organization_outlives_whoever_connected_it(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    boss = make_user("boss@x.example")
    organization_id = OwnModels().make(make_user("owner@x.example"))
    Membership.objects.create(organization_id=organization_id, user=boss, role="admin")
    client = connect_to(organization_id, owner=boss)
    linked = post(client, "boss@x.example").json

    gone = set_active(client, linked, False)
    boss.refresh_from_db()
    after = client.get("/Users").status
    boss.delete()

    assert (gone.status, boss.is_active, after) == (200, False, 200)
    assert client.get("/Users").status == 200
