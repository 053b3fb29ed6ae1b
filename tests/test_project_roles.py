"""Roles of the project's own: the adapter names them, grants them and takes them back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser, Permission, User
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import ProviderConnection, RoleGrant, RoleMapping
from django_scim_provider.storage.roles.replay import reconcile_roles
from tests.administration import confirmed
from tests.inventory.models import Assignment
from tests.people import connect, host_user, post
from tests.scim_client import SCIMTestClient
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db


class Roles(DefaultAdapter):
    """Roles are rows of a table of the project's."""

    def roles(self) -> Sequence[str]:
        return ["editor", "auditor"]

    def grant_role(self, user: AbstractBaseUser, role: str) -> bool:
        rows = Assignment.objects.using(self.using)
        return rows.get_or_create(user_id=user.pk, role=role)[1]

    def revoke_role(self, user: AbstractBaseUser, role: str) -> None:
        Assignment.objects.using(self.using).filter(user=user.pk, role=role).delete()


@pytest.fixture
def client(scim_settings: Callable[..., None], db: None) -> SCIMTestClient:
    scim_settings(ADAPTER="tests.test_project_roles.Roles")
    return connect()


def mapped(value: str) -> RoleMapping:
    provider = ProviderConnection.objects.get(provider_id="acme")
    mapping = RoleMapping(provider=provider, value=value, project_role="editor")
    mapping.full_clean()
    mapping.save()
    return mapping


def roles_of(user: dict[str, Any]) -> list[str]:
    rows = Assignment.objects.filter(user=host_user(user).pk)
    return list(rows.values_list("role", flat=True))


def remove_all(client: SCIMTestClient, group: dict[str, Any]) -> None:
    assert client.patch(f"/Groups/{group['id']}", {"op": "remove", "path": "members"}).status == 204


def test_members_get_the_role_and_lose_it(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team", ann["id"])
    mapping = mapped(group["id"])

    reconcile_roles(mapping.provider)
    given = roles_of(ann)
    remove_all(client, group)

    assert given == ["editor"]
    assert roles_of(ann) == []
    assert not RoleGrant.objects.exists()


def test_role_by_hand_stays(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    Assignment.objects.create(user_id=host_user(ann).pk, role="editor")
    group = make_group(client, "Team")
    mapped(group["id"])

    client.patch(
        f"/Groups/{group['id']}", {"op": "add", "path": "members", "value": [{"value": ann["id"]}]}
    )
    noted = RoleGrant.objects.count()
    remove_all(client, group)

    assert noted == 0
    assert roles_of(ann) == ["editor"]


def test_without_an_adapter_nothing_is_granted(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(ADAPTER="django_scim_provider.adapter.DefaultAdapter")
    ann = post(client, "ann").json
    group = make_group(client, "Team", ann["id"])

    changes = reconcile_roles(mapped(group["id"]).provider)

    assert (changes.granted, RoleGrant.objects.count()) == (0, 0)


def test_mapping_has_one_target(client: SCIMTestClient) -> None:
    mapping = mapped("x")
    mapping.organization_role = "admin"

    with pytest.raises(ValidationError, match="only one"):
        mapping.full_clean()


@pytest.mark.parametrize("superuser", [True, False])
def test_admin_offers_roles_to_superusers(
    client: SCIMTestClient, admin_client: Client, superuser: bool
) -> None:
    if not superuser:
        staff = User.objects.create(username="staff", is_staff=True)
        staff.user_permissions.add(Permission.objects.get(codename="add_rolemapping"))
        admin_client.force_login(staff)

    address = reverse("admin:scim_provider_rolemapping_add")
    page = admin_client.get(address, {"provider": "acme"}).content.decode()

    assert ('<option value="auditor">' in page) is superuser


def test_admin_saves_a_mapping_and_grants(client: SCIMTestClient, admin_client: Client) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team", ann["id"])
    sent = {"provider": "acme", "match_by": "id", "group": group["id"], "project_role": "auditor"}
    address = reverse("admin:scim_provider_rolemapping_add")

    refused = admin_client.post(address, {**sent, "project_role": "owner"})
    answer = confirmed(admin_client, address, sent)

    assert b"Select a valid choice" in refused.content
    assert answer.status_code == 302
    assert roles_of(ann) == ["auditor"]


def test_admin_without_roles_shows_no_choice(
    client: SCIMTestClient, admin_client: Client, scim_settings: Callable[..., None]
) -> None:
    scim_settings(ADAPTER="django_scim_provider.adapter.DefaultAdapter")

    address = reverse("admin:scim_provider_rolemapping_add")
    page = admin_client.get(address, {"provider": "acme"}).content.decode()

    assert "project_role" not in page
