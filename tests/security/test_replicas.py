"""Every read goes to the database that holds the accounts, whatever the project's router says."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.utils.connection import ConnectionDoesNotExist

from django_scim_provider.admin.mapping_pages.effects_shown import names_of_targets
from django_scim_provider.models import ProviderConnection, RoleMapping
from django_scim_provider.storage.roles.targets import target_of
from tests.people import connect, make_organization
from tests.scim_client import CORE, GROUP, PATCH, SCIMTestClient


class ReplicaRouter:
    """Sends each read to a replica that is not there, so that one that asks would fail."""

    def db_for_read(self, model: type, **hints: Any) -> str:
        """Name the replica."""
        return "replica"

    def db_for_write(self, model: type, **hints: Any) -> str:
        """Name the primary."""
        return "default"


@pytest.mark.django_db
@pytest.mark.parametrize("organization", [None, "acme"])
def test_no_read_asks_the_router(settings: Any, organization: str | None) -> None:
    if organization is not None:
        make_organization(organization)
    client = connect("mine", organization_id=organization)
    role = Group.objects.create(name="Editors")
    RoleMapping.objects.create(
        provider_id="mine", match_by="displayName", value="staff", django_group=role
    )
    settings.DATABASE_ROUTERS = ["tests.security.test_replicas.ReplicaRouter"]

    with pytest.raises(ConnectionDoesNotExist):
        Group.objects.exists()
    statuses = _life(client)

    assert statuses == [201, 201, 200, 200, 200, 200, 200, 204, 200, 200, 200, 200, 204, 204]


@pytest.mark.django_db
def test_no_form_of_the_admin_asks_the_router(settings: Any, root: Client) -> None:
    connect("mine")
    role = Group.objects.create(name="Editors")
    mapping = RoleMapping.objects.create(
        provider_id="mine", match_by="displayName", value="staff", django_group=role
    )
    request = RequestFactory().get("/")
    request.user = get_user_model().objects.get(username="root")
    mapping_admin = admin.site.get_model_admin(RoleMapping)
    connection = ProviderConnection.objects.get(provider_id="mine")
    form = mapping_admin.get_form(request, mapping, change=True)
    settings.DATABASE_ROUTERS = ["tests.security.test_replicas.ReplicaRouter"]

    filled: Any = form(instance=mapping)
    assert filled.connection == connection
    assert names_of_targets([target_of(mapping)]) == {target_of(mapping): "Editors"}
    with pytest.raises(ValidationError, match="such a mapping already"):
        RoleMapping(
            provider=connection, match_by="displayName", value="staff", django_group=role
        ).clean()
    with pytest.raises(ValidationError, match="is taken"):
        ProviderConnection(provider_id="MINE").clean()


def _life(client: SCIMTestClient) -> list[int]:
    created = client.request("POST", "/Users", {"schemas": [CORE], "userName": "ann@x.example"})
    user = f"/Users/{created.json['id']}"
    body = {
        "schemas": [GROUP],
        "displayName": "staff",
        "members": [{"value": created.json["id"]}],
    }
    made = client.request("POST", "/Groups", body)
    group = f"/Groups/{made.json['id']}"
    leave = {"op": "remove", "path": f'members[value eq "{created.json["id"]}"]'}
    off = {"op": "replace", "path": "active", "value": False}
    replacement = {"schemas": [CORE], "userName": "ann@y.example", "active": True}
    bulk = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            {
                "method": "PATCH",
                "path": user,
                "data": {
                    "schemas": [PATCH],
                    "Operations": [{"op": "add", "path": "title", "value": "Dr."}],
                },
            }
        ],
    }
    answers = [
        created,
        made,
        client.get(user),
        client.get("/Users"),
        client.find('groups.display eq "staff"'),
        client.get(group),
        client.get("/Groups"),
        client.patch(group, leave),
        client.patch(user, off),
        client.request("PUT", user, replacement),
        client.request("POST", "/Bulk", bulk),
        client.get("/?filter=id+pr"),
        client.request("DELETE", group),
        client.request("DELETE", user),
    ]
    return [answer.status for answer in answers]
