"""Which existing user a new account may stand for: the linking policy (``LINK_EXISTING_USERS``)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils.module_loading import import_string

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.conf import get_settings
from django_scim_provider.core.folding import fold
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.models import LinkedAccount, Tombstone
from django_scim_provider.organizations import OrganizationBackend
from django_scim_provider.storage.store_context import StoreContext, connection_of

_CONDITIONS = ("trusted_domains", "require_existing_org_membership", "should_link_user")


@dataclass(frozen=True, slots=True)
class Link:
    """A user whom an account may stand for."""

    user: AbstractBaseUser
    tombstone: Tombstone | None
    """What is left of an earlier account of the connection for this user."""

    @property
    def opens(self) -> bool:
        """Tell whether the log-in is closed because the connection deleted its earlier account."""
        return not self.user.is_active and _closed_by(self.tombstone)


def linkable(
    users: Sequence[AbstractBaseUser],
    resource: Resource,
    context: StoreContext,
    adapter: DefaultAdapter,
    organizations: OrganizationBackend | None,
) -> Link | None:
    """Return the user to link among those whom the adapter found for the resource, or None.

    There must be exactly one, who is active and not protected. Found by name or address, these
    must be the same but for case, in ASCII. Then the policy decides. A user whose log-in was closed
    only because the connection deleted its account counts as active.
    """
    if len(users) != 1:
        return None
    user = users[0]
    if adapter.is_protected(user) or user.pk == context.owner_id:
        return None
    link = Link(user, _tombstone_of(user, context))
    if not user.is_active and not link.opens:
        return None
    names = _same_names(user, resource, adapter)
    if not names and _is_found_by_name(user, resource, adapter):
        return None
    return link if _agrees(user, names, resource, context, adapter, organizations) else None


def _tombstone_of(user: AbstractBaseUser, context: StoreContext) -> Tombstone | None:
    rows = Tombstone.objects.using(context.using)
    own: dict[str, Any] = {"provider_id": context.provider_id, "user_id": user.pk}
    return rows.filter(**own).first()


def _closed_by(tombstone: Tombstone | None) -> bool:
    return tombstone is not None and tombstone.deactivated_user


def _same_names(user: AbstractBaseUser, resource: Resource, adapter: DefaultAdapter) -> list[str]:
    """Return the user's name and address, as far as the resource gives the same."""
    identifier, email = adapter.identity(resource)
    pairs = [(user.get_username(), identifier)]
    if email:
        pairs.append((str(getattr(user, user.get_email_field_name(), "") or ""), email))
    return [
        theirs
        for theirs, ours in pairs
        if theirs and theirs.isascii() and ours.isascii() and fold(theirs) == fold(ours)
    ]


def _is_found_by_name(user: AbstractBaseUser, resource: Resource, adapter: DefaultAdapter) -> bool:
    """Tell whether the database takes a name of the user for one of the resource.

    Such a user is spelled differently; everybody else was found by what the adapter knows of the
    directory.
    """
    by_name = DefaultAdapter.find_users(adapter, adapter.user_fields(resource))
    return any(found.pk == user.pk for found in by_name)


def _agrees(
    user: AbstractBaseUser,
    names: list[str],
    resource: Resource,
    context: StoreContext,
    adapter: DefaultAdapter,
    organizations: OrganizationBackend | None,
) -> bool:
    """Tell whether the policy links the user, who was found by ``names`` or without any."""
    given = _conditions(context)
    if given is None:
        return False
    policy = get_settings().LINK_EXISTING_USERS
    vouched = True
    if isinstance(policy, dict):
        by_address_only = bool(names) and given.keys() == {"trusted_domains"}
        vouched = not by_address_only or bool(policy.get("trust_unverified"))
    rests_on = addresses_of(user, *names) if names or "trusted_domains" in given else []
    if not is_proven(user, rests_on, adapter, vouched=vouched):
        return False
    return _holds(given, user, resource, context, organizations)


def _conditions(context: StoreContext) -> dict[str, Any] | None:
    """Return what has to hold for a user who is linked; None where nobody is."""
    policy = get_settings().LINK_EXISTING_USERS
    if policy is True:
        member_only = context.organization_id is not None
        return {"require_existing_org_membership": True} if member_only else {}
    given = {key: policy[key] for key in _CONDITIONS if policy.get(key)} if policy else {}
    return given or None


def policy_allows(
    user: AbstractBaseUser,
    resource: Resource,
    context: StoreContext,
    organizations: OrganizationBackend | None,
) -> bool:
    """Tell whether the policy has a user linked by a person, who answers for who it is."""
    given = _conditions(context)
    return given is not None and _holds(given, user, resource, context, organizations)


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
        _ask(
            import_string(decide),
            user=user,
            resource=resource,
            connection=connection_of(context),
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


def _ask(hook: Callable[..., Any], **offered: Any) -> Any:
    """Call a function of the project with those of the offered keywords that it takes.

    So that what is offered may grow, and functions that name less go on working.
    """
    parameters = inspect.signature(hook).parameters.values()
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        return hook(**offered)
    named = {each.name for each in parameters if each.kind is not each.POSITIONAL_ONLY}
    return hook(**{name: offered[name] for name in offered.keys() & named})


def addresses_of(user: AbstractBaseUser, *names: str) -> list[str]:
    """Return the user's own address, and those of the names that are one."""
    own = str(getattr(user, user.get_email_field_name(), "") or "")
    return list(dict.fromkeys(text for text in (own, *names) if "@" in text))


def is_proven(
    user: AbstractBaseUser, addresses: Iterable[str], adapter: DefaultAdapter, *, vouched: bool
) -> bool:
    """Tell whether nobody but the owner of the addresses can be behind the user.

    Whoever may register can do so under an address that is not theirs, and would keep the password
    they chose. So an address that the project knows as unverified proves nobody; where it does not
    know, somebody with a password is only proven by what else ``vouched`` for them.
    """
    known = {adapter.is_email_verified(user, address) for address in addresses}
    if False in known:
        return _is_provisioned(user, adapter)
    return vouched or known == {True} or not user.has_usable_password()


def _is_provisioned(user: AbstractBaseUser, adapter: DefaultAdapter) -> bool:
    """Tell whether provisioning made the user, and left no way in to anybody."""
    accounts = LinkedAccount.objects.using(adapter.using).filter(user=user.pk, created_user=True)
    return accounts.exists() and not adapter.has_other_login(user)
