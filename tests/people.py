"""Users, organizations and connections for tests of the life-cycle."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model

from django_scim_provider.models import LinkedAccount, ProviderConnection
from tests.factories import make_token
from tests.scim_client import CORE, Answer, SCIMTestClient
from tests.tenancy.models import Membership, Organization


def make_user(name: str, **fields: Any) -> Any:
    """Return a user whom the project made itself, with a password."""
    user = get_user_model()(username=name, email=fields.pop("email", name), **fields)
    user.set_password("own-password")
    user.save()
    return user


def host_user(resource: dict[str, Any]) -> Any:
    """Return the host's user behind a SCIM user, as the database has it now."""
    return LinkedAccount.objects.get(scim_id=resource["id"]).user


def make_organization(id: str, **members: str) -> Organization:
    """Return an organization; the members are user names with their roles."""
    organization, _ = Organization.objects.get_or_create(pk=id)
    for name, role in members.items():
        user = get_user_model()._default_manager.filter(username=name).first() or make_user(name)
        Membership.objects.create(organization=organization, user=user, role=role)
    return organization


def connect(
    provider_id: str = "acme", organization_id: str | None = None, **fields: Any
) -> SCIMTestClient:
    """Return a client of a connection, whose organization is made where it is missing."""
    if organization_id is not None:
        make_organization(organization_id)
    owner = fields.pop("owner", None)
    token = make_token(provider_id=provider_id, organization_id=organization_id, owner=owner)
    if fields:
        ProviderConnection.objects.filter(provider_id=provider_id).update(**fields)
    return SCIMTestClient(token)


def post(client: SCIMTestClient, user_name: str, **attributes: Any) -> Answer:
    """Ask for a new user."""
    return client.request(
        "POST", "/Users", {"schemas": [CORE], "userName": user_name, **attributes}
    )


def set_active(client: SCIMTestClient, user: dict[str, Any], active: bool) -> Answer:
    """PATCH ``active``."""
    operation = {"op": "replace", "path": "active", "value": active}
    return client.patch(f"/Users/{user['id']}", operation)
