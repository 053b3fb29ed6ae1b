"""The tenants of the demo: organizations with an owner, and the connection of each."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from organizations.models import Organization
from organizations.utils import create_organization

from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.tokens.service import generate_scim_token

ADMIN = "admin"


class TenantError(Exception):
    """A tenant cannot be set up; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A customer: an organization whose people an identity provider pushes in."""

    name: str
    provider_id: str
    profile: str
    provider_name: str

    @property
    def slug(self) -> str:
        """Return what the demo finds the organization by."""
        return self.name.lower()

    @property
    def owner(self) -> str:
        """Return the user name of the owner, who is made without SCIM."""
        return f"{self.slug}-owner"


ACME = Tenant(name="Acme", provider_id="okta-demo", profile="okta", provider_name="Okta")
GLOBEX = Tenant(
    name="Globex", provider_id="entra-demo", profile="entra", provider_name="Microsoft Entra ID"
)
TENANTS = (ACME, GLOBEX)


def set_up(password: str) -> dict[Tenant, str]:
    """Make what is missing, give admin and owners the password, and return new tokens.

    Raises:
        TenantError: the organization of a connection was deleted.
    """
    with transaction.atomic():
        make_user(ADMIN, password, staff=True)
        return {tenant: _set_up(tenant, password) for tenant in TENANTS}


def make_user(name: str, password: str, *, staff: bool = False) -> AbstractBaseUser:
    """Return the user of that name with that password, made where missing."""
    flags = {"is_active": True, **({"is_staff": True, "is_superuser": True} if staff else {})}
    user, _ = get_user_model()._default_manager.update_or_create(username=name, defaults=flags)
    user.set_password(password)
    user.save(update_fields=["password"])
    return user


def membership(tenant: Tenant) -> str:
    """Return a line that says who is a member and who the owner is."""
    connection = ProviderConnection.objects.get(provider_id=tenant.provider_id)
    organization = _organization(tenant, connection)
    if organization is None:
        return f"{tenant.name}: there is no such organization"
    members = organization.organization_users.values_list("user", flat=True)
    accounts = LinkedAccount.objects.of(tenant.provider_id)
    provisioned = accounts.filter(user__in=members).values("user").distinct().count()
    if connection.organization_id is None:
        source = f"{tenant.provider_id} is older than the organization and belongs to none"
    else:
        source = f"{provisioned} of them brought in by {tenant.provider_id}"
    count = members.count()
    noun = "member" if count == 1 else "members"
    return f"{tenant.name}: {count} {noun}; {source}; {_ownership(tenant, organization)}"


def _ownership(tenant: Tenant, organization: Organization) -> str:
    if not hasattr(organization, "owner"):  # deleted by hand
        return "there is no owner"
    owner = organization.owner.organization_user.user.get_username()
    return f"the owner is {'still' if owner == tenant.owner else 'now'} {owner}"


def _set_up(tenant: Tenant, password: str) -> str:
    """Return a new token of the tenant's connection, made where missing like the organization."""
    owner = make_user(tenant.owner, password)
    connections = ProviderConnection.objects.filter(provider_id=tenant.provider_id)
    connection = connections.first()
    organization = _organization(tenant, connection)
    if organization is None:
        organization = create_organization(owner, tenant.name, slug=tenant.slug)
    # What a connection belongs to never changes: one of an older demo goes on without organization.
    organization_id = str(organization.pk) if connection is None else connection.organization_id
    _, wire_token = generate_scim_token(
        tenant.provider_id, organization_id=organization_id, label="manage.py demo"
    )
    connections.update(profile=tenant.profile, name=tenant.provider_name)
    return wire_token


def _organization(tenant: Tenant, connection: ProviderConnection | None) -> Organization | None:
    """Return the organization of the connection, else the one of the tenant's name, else None.

    Raises:
        TenantError: the connection belongs to one that was deleted.
    """
    if connection is None or connection.organization_id is None:
        return Organization.objects.filter(slug=tenant.slug).first()
    found = Organization.objects.filter(pk=connection.organization_id).first()
    if found is None:
        raise TenantError(
            f"{tenant.provider_id} belongs to organization {connection.organization_id}, which was "
            "deleted; start again with an empty database."
        )
    return found
