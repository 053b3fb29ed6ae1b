"""Which existing user a new account may stand for: the linking policy (``LINK_EXISTING_USERS``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils.module_loading import import_string

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.conf import get_settings
from django_scim_provider.core.folding import fold
from django_scim_provider.core.schema import Resource
from django_scim_provider.core.stores import StoreContext
from django_scim_provider.organizations import OrganizationBackend


def linkable(
    users: Iterable[AbstractBaseUser],
    resource: Resource,
    context: StoreContext,
    adapter: DefaultAdapter,
    organizations: OrganizationBackend | None,
) -> AbstractBaseUser | None:
    """Return the user to link among those who go by the names of the resource, or None.

    There must be exactly one; the name or address must be the same but for case, in ASCII; and the
    user must be active and not protected. Then the policy decides.
    """
    policy = get_settings().LINK_EXISTING_USERS
    found = list(users)
    if not policy or len(found) != 1:
        return None
    user = found[0]
    if not user.is_active or adapter.is_protected(user) or user.pk == context.owner_id:
        return None
    if not _is_same(user, resource, adapter):
        return None
    if policy is True:
        policy = {"require_existing_org_membership": context.organization_id is not None}
        return user if _holds(policy, user, resource, context, organizations) else None
    given = {key: value for key, value in policy.items() if value}
    return user if given and _holds(given, user, resource, context, organizations) else None


def _is_same(user: AbstractBaseUser, resource: Resource, adapter: DefaultAdapter) -> bool:
    identifier, email = adapter.identity(resource)
    pairs = [(user.get_username(), identifier)]
    if email:
        pairs.append((str(getattr(user, user.get_email_field_name(), "")), email))
    return any(
        theirs and theirs.isascii() and ours.isascii() and fold(theirs) == fold(ours)
        for theirs, ours in pairs
    )


def _holds(
    policy: dict[str, Any],
    user: AbstractBaseUser,
    resource: Resource,
    context: StoreContext,
    organizations: OrganizationBackend | None,
) -> bool:
    domains = policy.get("trusted_domains")
    if domains and not _is_trusted(user, domains, context):
        return False
    if policy.get("require_existing_org_membership"):
        if organizations is None or context.organization_id is None:
            return False
        membership = organizations.get_membership(context.organization_id, user)
        if membership is None:
            return False
    decide = policy.get("should_link_user")
    return not decide or bool(
        import_string(decide)(
            user=user,
            resource=resource,
            provider_id=context.provider_id,
            organization_id=context.organization_id,
        )
    )


def _is_trusted(user: AbstractBaseUser, domains: Any, context: StoreContext) -> bool:
    """Tell whether the domain of the user's own address is one of those listed."""
    if isinstance(domains, dict):
        listed = domains.get(context.organization_id or context.provider_id) or ()
    else:
        listed = domains
    address = str(getattr(user, user.get_email_field_name(), "") or "")
    domain = address.rpartition("@")[2]
    return bool(domain) and fold(domain) in {fold(str(trusted)) for trusted in listed}
