"""Roles that differ from what groups and mappings stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser, Group
from django.core.exceptions import ImproperlyConfigured

from django_scim_provider.insight.drift import Aspect
from django_scim_provider.models import (
    GroupMember,
    LinkedAccount,
    ProvisionedGroup,
    RoleGrant,
    RoleMapping,
)
from tests.drift.comparing import compare, repair, told
from tests.inventory.models import Assignment
from tests.people import connect, host_user, post
from tests.scim_client import SCIMTestClient
from tests.tenancy.models import Membership
from tests.test_groups import make_group
from tests.test_project_roles import Roles, mapped
from tests.test_roles import change, groups_of, map_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> SCIMTestClient:
    return connect()


def granted(client: SCIMTestClient) -> tuple[dict[str, Any], dict[str, Any], Group]:
    """Return somebody who has a Django group by a mapping, the provisioned group, and it."""
    ann = post(client, "ann").json
    group = make_group(client, "Team")
    staff = map_to(group["id"])
    change(client, group, "add", ann)
    return ann, group, staff


def test_role_that_was_never_given_is_found_and_given(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    staff = map_to(make_group(client, "Team", ann["id"])["id"])

    found = told()
    repair()

    assert found == [f"role django_group {staff.pk}"]
    assert groups_of(ann) == ["staff"]
    assert told() == []


def test_role_that_no_group_stands_for_is_found_and_taken(client: SCIMTestClient) -> None:
    ann, _, staff = granted(client)
    GroupMember.objects.all().delete()

    found = told()
    repair()

    assert found == [f"role django_group {staff.pk}"]
    assert groups_of(ann) == []
    assert told() == []


def test_role_given_by_hand_is_no_difference(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    staff = map_to(make_group(client, "Team", ann["id"])["id"])
    host_user(ann).groups.add(staff)

    assert told() == []


def test_role_that_somebody_took_stays_away_unless_it_is_asked_for(client: SCIMTestClient) -> None:
    ann, _, staff = granted(client)
    host_user(ann).groups.clear()

    repair()
    kept, without = told(), groups_of(ann)
    repair(reopen=True)

    assert kept == [f"role django_group {staff.pk} closed"]
    assert (without, groups_of(ann)) == ([], ["staff"])
    assert told(reopen=True) == []


def test_roles_of_staff_are_told_and_left_alone(client: SCIMTestClient) -> None:
    ann, _, staff = granted(client)
    GroupMember.objects.all().delete()
    user = host_user(ann)
    user.is_staff = True
    user.save()

    drift = repair()

    assert told() == [f"role django_group {staff.pk} protected"]
    assert (drift.differing, groups_of(ann)) == (0, ["staff"])


def test_grants_whose_account_somebody_deleted_are_found_and_taken(client: SCIMTestClient) -> None:
    ann, _, staff = granted(client)
    user = host_user(ann)
    LinkedAccount.objects.all().delete()

    drift, (finding,) = compare()
    repair()

    assert (finding.resource_id, finding.user_id, drift.differing) == ("", user.pk, 1)
    assert [each.part for each in finding.differences] == [Aspect.ROLE]
    assert not staff.user_set.exists()
    assert not RoleGrant.objects.exists()
    assert told() == []


@pytest.mark.parametrize("role", ["admin", "owner"])
def test_role_in_an_organization_is_given_where_it_may_be(role: str) -> None:
    client = connect(organization_id="corp")
    ann = post(client, "ann").json
    group = make_group(client, "Team", ann["id"])
    map_to(group["id"], organization_role=role)

    found = told()
    repair()

    given = role == "admin"
    assert found == (["role organization_role admin"] if given else [])
    assert Membership.objects.get().role == ("admin" if given else "member")
    assert told() == []


def test_role_that_another_granted_one_replaced_is_no_difference() -> None:
    client = connect(organization_id="corp")
    ann = post(client, "ann").json
    group = make_group(client, "Team")
    for role in ("admin", "editor"):
        map_to(group["id"], organization_role=role)

    change(client, group, "add", ann)

    assert RoleGrant.objects.count() == 2
    assert told(reopen=True) == []


class TellingRoles(Roles):
    """Says who has a role."""

    def role_holders(self, users: Sequence[AbstractBaseUser], role: str) -> set[Any]:
        rows = Assignment.objects.using(self.using).filter(role=role)
        return set(rows.filter(user__in=[user.pk for user in users]).values_list("user", flat=True))


@pytest.mark.parametrize(
    ("adapter", "found"),
    [
        ("tests.test_project_roles.Roles", []),
        ("tests.drift.test_roles.TellingRoles", ["role project_role editor"]),
    ],
)
def test_missing_role_of_the_project_is_found_where_the_adapter_says_who_has_it(
    scim_settings: Callable[..., None], adapter: str, found: list[str]
) -> None:
    scim_settings(ADAPTER=adapter)
    client = connect()
    ann, bob = (post(client, name).json for name in ("ann", "bob"))
    Assignment.objects.create(user=host_user(bob), role="editor")
    mapped(make_group(client, "Team", ann["id"], bob["id"])["id"])

    before = told()
    repair()

    assert before == found
    assert Assignment.objects.filter(user=host_user(ann)).exists() is bool(found)
    assert told() == []


class FailingRoles(TellingRoles):
    """Cannot give a role to one person."""

    def grant_role(self, user: AbstractBaseUser, role: str) -> bool:
        if user.get_username() == "ann":
            raise ImproperlyConfigured("a bug of the project")
        return super().grant_role(user, role)


def test_role_that_cannot_be_given_keeps_nobody_else_from_theirs(
    scim_settings: Callable[..., None],
) -> None:
    scim_settings(ADAPTER="tests.drift.test_roles.FailingRoles")
    client = connect()
    ann, bob = (post(client, name, name={"givenName": name}).json for name in ("ann", "bob"))
    mapped(make_group(client, "Team", ann["id"], bob["id"])["id"])
    user = host_user(ann)
    user.first_name = "Changed"
    user.save()

    drift = repair()

    assert (drift.repaired, drift.refused) == (1, 1)
    assert host_user(ann).first_name == "ann"
    assert [row.user for row in Assignment.objects.all()] == [host_user(bob)]


def test_mapping_by_name_follows_a_repaired_group(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    make_group(client, "Team", ann["id"])
    ProvisionedGroup.objects.update(display_name_key="stale")
    staff = map_to("Team", match_by="displayName")

    drift = repair()

    assert drift.repaired == 2
    assert (groups_of(ann), RoleMapping.objects.get().django_group) == (["staff"], staff)
    assert told() == []


def test_flag_of_activity_and_the_roles_that_hang_on_it_are_repaired_together(
    client: SCIMTestClient,
) -> None:
    ann, _, _ = granted(client)
    LinkedAccount.objects.update(active=False)
    host_user(ann).groups.clear()
    RoleGrant.objects.all().delete()

    repair()

    assert groups_of(ann) == ["staff"]
    assert told() == []
