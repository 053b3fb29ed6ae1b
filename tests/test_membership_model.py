"""``MembershipModelBackend`` over models with and without fields for roles and suspension."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from django_scim_provider.core.errors import Forbidden
from django_scim_provider.organizations import MembershipModelBackend
from tests.people import make_user
from tests.tenancy.models import Membership, Organization

pytestmark = pytest.mark.django_db
WHOLE = {"model": "tenancy.Membership", "active": "is_active"}


def backend(**described: Any) -> MembershipModelBackend:
    with override_settings(SCIM_PROVIDER={"MEMBERSHIP": described}):
        return MembershipModelBackend(using="default")


@pytest.fixture
def user() -> Any:
    Organization.objects.create(id="o1")
    return make_user("ann")


def rows() -> list[tuple[str, bool]]:
    return list(Membership.objects.values_list("role", "is_active"))


def test_model_has_to_be_named() -> None:
    with pytest.raises(ImproperlyConfigured):
        backend()


def test_inactive_member_is_kept_where_there_is_a_field_for_it(user: Any) -> None:
    found = backend(**WHOLE)

    found.add_member("o1", user, active=False)
    suspended = (rows(), found.memberships(user))
    found.set_member_active("o1", user, active=True)

    assert suspended == ([("member", False)], {})
    assert (rows(), list(found.memberships(user))) == ([("member", True)], ["o1"])


def test_inactive_member_is_removed_where_there_is_none(user: Any) -> None:
    found = backend(model="tenancy.Membership")

    found.add_member("o1", user, active=False)
    nobody = rows()
    found.set_member_active("o1", user, active=True)
    somebody = rows()
    found.add_member("o1", user, active=True)
    found.set_member_active("o1", user, active=False)

    assert (nobody, somebody, rows()) == ([], [("member", True)], [])


def test_role_of_a_suspended_member_is_none(user: Any) -> None:
    found = backend(**WHOLE)
    found.add_member("o1", user, active=False)

    assert found.roles(Membership.objects.get()) == frozenset()


def test_model_without_roles_gives_none_and_takes_none(user: Any) -> None:
    found = backend(model="tenancy.Membership", role=None)
    found.add_member("o1", user, active=True)

    granted = found.grant_role("o1", user, "admin")
    found.revoke_role("o1", user, "admin")

    assert (granted, found.roles(Membership.objects.get())) == (False, frozenset())
    assert not found.is_protected("o1", user)


def test_several_roles_stand_beside_each_other(user: Any) -> None:
    found = backend(**WHOLE, several_roles=True)
    found.add_member("o1", user, active=True)

    twice = [found.grant_role("o1", user, "admin") for _ in range(2)]
    both = rows()
    found.revoke_role("o1", user, "member")
    found.revoke_role("o1", user, "admin")

    assert (twice, both) == ([True, False], [("member,admin", True)])
    assert rows() == [("member", True)]


def test_nobody_becomes_an_owner_and_owners_keep_their_role(user: Any) -> None:
    found = backend(**WHOLE)
    found.add_member("o1", user, active=True)

    made = found.grant_role("o1", user, "owner")
    Membership.objects.update(role="owner")
    kept = found.grant_role("o1", user, "admin")

    assert (made, kept, rows()) == (False, False, [("owner", True)])
    assert found.is_protected("o1", user)


@pytest.mark.parametrize("organization_id", ["o2", ""])
def test_organization_that_there_is_not_takes_no_member(user: Any, organization_id: str) -> None:
    with pytest.raises(Forbidden):
        backend(**WHOLE).add_member(organization_id, user, active=True)


def test_member_who_is_not_there_is_removed_without_an_error(user: Any) -> None:
    backend(**WHOLE).remove_member("o1", user)

    assert rows() == []
