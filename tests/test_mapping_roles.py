"""Roles in organizations that staff may map groups to: those that they have themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from django_scim_provider.models import RoleMapping
from tests.administration import confirmed, logged_in, staff, url
from tests.factories import make_connection
from tests.tenancy.models import Membership, Organization

pytestmark = pytest.mark.django_db


def map_to(client: Client, role: str) -> str:
    """Ask for a mapping to a role, and return the page that answers."""
    answers = {"provider": "acme", "match_by": "id", "group_name": "x", "organization_role": role}
    return str(confirmed(client, url(RoleMapping, "add"), answers).content.decode())


@pytest.fixture
def person() -> Any:
    """Return a member of staff who is an admin of the organization ``o1``."""
    permissions = ("add_rolemapping", "view_rolemapping", "change_rolemapping")
    found = staff("eve", *permissions)
    organization = Organization.objects.create(id="o1")
    Membership.objects.create(organization=organization, user=found, role="admin")
    return found


@pytest.mark.parametrize(
    ("organization_id", "role", "made"),
    [("o1", "admin", 1), ("o1", "billing", 0), ("o2", "admin", 0)],
    ids=["own-role", "role-of-others", "organization-of-others"],
)
def test_staff_map_groups_to_roles_that_they_have(
    person: Any, organization_id: str, role: str, made: int
) -> None:
    make_connection(organization_id=organization_id)

    map_to(logged_in(person), role)

    assert RoleMapping.objects.count() == made


def test_superuser_maps_any_role(root: Client) -> None:
    make_connection(organization_id="o1")

    map_to(root, "billing")

    assert RoleMapping.objects.get().organization_role == "billing"


def test_staff_map_no_roles_where_the_project_has_no_organizations(
    person: Any, scim_settings: Callable[..., None]
) -> None:
    make_connection(organization_id="o1")
    scim_settings(ORGANIZATION_BACKEND=None)

    map_to(logged_in(person), "admin")

    assert not RoleMapping.objects.exists()


def test_mapping_without_a_connection_is_refused(root: Client) -> None:
    answers = {"match_by": "id", "group_name": "x", "organization_role": "admin"}

    page = root.post(url(RoleMapping, "add"), answers)

    assert (page.status_code, RoleMapping.objects.count()) == (200, 0)
