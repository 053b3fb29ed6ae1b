"""Roles from groups: what is granted, what is taken back, and what is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management import call_command

from django_scim_provider import signals
from django_scim_provider.connections.decommission import decommission
from django_scim_provider.models import ProviderConnection, RoleGrant, RoleMapping
from django_scim_provider.organizations import get_organization_backend
from tests.factories import make_token
from tests.people import connect, host_user, make_organization, make_user, post, set_active
from tests.scim_client import SCIMTestClient
from tests.tenancy.models import Membership
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db


def map_to(value: str, match_by: str = "id", provider_id: str = "acme", **target: Any) -> Group:
    """Map a group to a Django group of a name, or to a role."""
    provider = ProviderConnection.objects.get(provider_id=provider_id)
    if "organization_role" not in target:
        target["django_group"], _ = Group.objects.get_or_create(name=target.pop("to", "staff"))
    mapping = RoleMapping(provider=provider, match_by=match_by, value=value, **target)
    mapping.full_clean()
    mapping.save()
    return target.get("django_group") or Group()


def groups_of(user: dict[str, Any]) -> list[str]:
    return sorted(group.name for group in host_user(user).groups.all())


def change(client: SCIMTestClient, group: dict[str, Any], op: str, *users: dict[str, Any]) -> None:
    operation = {"op": op, "path": "members", "value": [{"value": user["id"]} for user in users]}
    assert client.patch(f"/Groups/{group['id']}", operation).status == 204


@pytest.fixture
def client() -> SCIMTestClient:
    return connect()


def test_members_get_the_role_and_lose_it_with_the_membership(client: SCIMTestClient) -> None:
    ann, bob = (post(client, name).json for name in ("ann", "bob"))
    group = make_group(client, "Team", ann["id"])
    map_to(group["id"])

    change(client, group, "add", bob)
    after_add = groups_of(ann), groups_of(bob)
    change(client, group, "remove", bob)
    after_remove = groups_of(bob)
    change(client, group, "replace", ann, bob)
    after_replace = groups_of(ann), groups_of(bob)
    client.request("DELETE", f"/Groups/{group['id']}")

    assert after_add == ([], ["staff"])  # ann was there before the mapping: replay gives it
    assert after_remove == []
    assert after_replace == (["staff"], ["staff"])
    assert (groups_of(ann), groups_of(bob)) == ([], [])
    assert not RoleGrant.objects.exists()


def test_role_given_by_hand_stays(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team")
    staff = map_to(group["id"])
    host_user(ann).groups.add(staff, Group.objects.create(name="other"))

    change(client, group, "add", ann)
    change(client, group, "remove", ann)

    assert groups_of(ann) == ["other", "staff"]


def test_role_stays_while_another_group_or_connection_stands_for_it(client: SCIMTestClient) -> None:
    from tests.lifecycle.test_returning import link_again

    other = connect("other")
    ann = post(client, "ann").json
    second = {"id": link_again(ann, "other").scim_id}
    one, two = make_group(client, "one", ann["id"]), make_group(client, "two", ann["id"])
    theirs = make_group(other, "theirs", second["id"])
    for group, provider_id in ((one, "acme"), (two, "acme"), (theirs, "other")):
        map_to(group["id"], provider_id=provider_id)
    call_command("scim_reconcile", verbosity=0)

    seen = []
    change(client, one, "remove", ann)
    seen.append(groups_of(ann))
    change(client, two, "remove", ann)
    seen.append(groups_of(ann))
    change(other, theirs, "remove", second)
    seen.append(groups_of(ann))

    assert seen == [["staff"], ["staff"], []]


def test_nested_groups_stand_for_the_role_too(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    inner = make_group(client, "inner", ann["id"])
    outer = make_group(client, "outer")
    map_to(outer["id"])

    change(client, outer, "add", inner)
    nested = groups_of(ann)
    change(client, outer, "remove", inner)

    assert (nested, groups_of(ann)) == (["staff"], [])


@pytest.mark.parametrize(
    ("match_by", "value", "after_rename"),
    [("id", None, ["staff"]), ("externalId", "e1", ["staff"]), ("displayName", "TEAM", [])],
)
def test_rename_changes_only_what_is_mapped_by_name(
    client: SCIMTestClient, match_by: str, value: str | None, after_rename: list[str]
) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team", externalId="e1")
    map_to(value or group["id"], match_by)
    change(client, group, "add", ann)
    before = groups_of(ann)

    rename = {"op": "replace", "path": "displayName", "value": "Admins"}
    client.patch(f"/Groups/{group['id']}", rename)

    assert before == ["staff"]
    assert groups_of(ann) == after_rename


def test_each_group_of_an_external_id_stands_for_the_role(client: SCIMTestClient) -> None:
    ann, bob = (post(client, name).json for name in ("ann", "bob"))
    map_to("e1", "externalId")

    group = make_group(client, "one", ann["id"], externalId="e1")
    make_group(client, "two", bob["id"], externalId="e1")
    both = groups_of(ann), groups_of(bob)
    client.request("DELETE", f"/Groups/{group['id']}")

    assert both == (["staff"], ["staff"])
    assert (groups_of(ann), groups_of(bob)) == ([], ["staff"])


def test_group_of_a_privileged_name_grants_nothing(client: SCIMTestClient) -> None:
    Group.objects.create(name="Admins")
    ann = post(client, "ann", roles=[{"value": "Admins"}]).json

    make_group(client, "Admins", ann["id"])

    assert groups_of(ann) == []


def test_inactive_user_has_no_roles_until_active_again(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team")
    map_to(group["id"])
    change(client, group, "add", ann)

    set_active(client, ann, False)
    closed = groups_of(ann)
    set_active(client, ann, True)
    opened = groups_of(ann)
    decommission(ProviderConnection.objects.get())

    assert (closed, opened, groups_of(ann)) == ([], ["staff"], [])
    assert not RoleGrant.objects.exists()


def test_staff_is_left_alone(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    user = host_user(ann)
    user.is_staff = True
    user.save()
    group = make_group(client, "Team")
    map_to(group["id"])

    change(client, group, "add", ann)

    assert groups_of(ann) == []


def test_role_in_the_organization_follows_and_owners_keep_theirs() -> None:
    client = connect(organization_id="corp")
    make_organization("corp", boss="owner")
    ann = post(client, "ann").json
    group = make_group(client, "Team")
    map_to(group["id"], organization_role="admin")
    map_to(group["id"], organization_role="owner")

    change(client, group, "add", ann)
    granted = Membership.objects.get(user=host_user(ann)).role
    change(client, group, "remove", ann)

    assert granted == "admin"
    assert Membership.objects.get(user=host_user(ann)).role == "member"
    assert Membership.objects.get(role="owner").user.username == "boss"


@pytest.fixture
def heard() -> Iterator[list[str]]:
    seen: list[str] = []

    def granted(**sent: Any) -> None:
        seen.append(f"+{sent['provider_id']}")

    def revoked(**sent: Any) -> None:
        seen.append(f"-{sent['provider_id']}")

    signals.role_granted.connect(granted)
    signals.role_revoked.connect(revoked)
    yield seen
    signals.role_granted.disconnect(granted)
    signals.role_revoked.disconnect(revoked)


def test_signals_tell_after_the_commit(
    client: SCIMTestClient, heard: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team")
    map_to(group["id"])

    with django_capture_on_commit_callbacks(execute=True):
        change(client, group, "add", ann)
        assert heard == []
    with django_capture_on_commit_callbacks(execute=True):
        change(client, group, "remove", ann)

    assert heard == ["+acme", "-acme"]


@pytest.mark.parametrize(
    "target",
    [{}, {"organization_role": "admin", "to": "staff"}, {"organization_role": "admin"}],
)
def test_mapping_needs_one_target_that_can_be(client: SCIMTestClient, target: Any) -> None:
    provider = ProviderConnection.objects.get()
    if "to" in target:
        target = {"organization_role": "admin", "django_group": Group.objects.create(name="x")}
    mapping = RoleMapping(provider=provider, value="x", **target)

    with pytest.raises(ValidationError):
        mapping.full_clean()
    if len(target) != 1:
        with pytest.raises(ValidationError):
            mapping.save()


def test_role_in_django_organizations_is_admin_or_nothing(scim_settings: Any) -> None:
    from organizations.models import Organization, OrganizationUser

    path = "django_scim_provider.organizations.DjangoOrganizationsBackend"
    scim_settings(ORGANIZATION_BACKEND=path)
    organization = Organization.objects.create(name="Corp")
    boss = make_user("boss")
    organization.add_user(boss)
    client = SCIMTestClient(make_token(provider_id="acme", organization_id=str(organization.pk)))
    ann = post(client, "ann").json
    group = make_group(client, "Team")
    map_to(group["id"], organization_role="admin")
    map_to(group["id"], organization_role="auditor")

    change(client, group, "add", ann)
    granted = OrganizationUser.objects.get(user=host_user(ann)).is_admin
    change(client, group, "remove", ann)
    backend = get_organization_backend(using="default")
    assert backend is not None
    roles = [backend.roles(backend.get_membership(str(organization.pk), user)) for user in (boss,)]

    assert granted
    assert not OrganizationUser.objects.get(user=host_user(ann)).is_admin
    assert roles == [{"member", "admin", "owner"}]
    assert list(backend.memberships(boss)) == [str(organization.pk)]
    assert backend.get_membership("no number", boss) is None


def test_several_roles_are_kept_beside_each_other(scim_settings: Any) -> None:
    scim_settings(MEMBERSHIP={"model": "tenancy.Membership", "several_roles": True})
    client = connect(organization_id="corp")
    ann = post(client, "ann").json
    group = make_group(client, "Team")
    map_to(group["id"], organization_role="admin")

    change(client, group, "add", ann)
    granted = Membership.objects.get().role
    change(client, group, "remove", ann)

    assert (granted, Membership.objects.get().role) == ("member,admin", "member")
