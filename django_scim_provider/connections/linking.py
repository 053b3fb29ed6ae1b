"""Linking one existing user to a connection by hand, so that its identity provider finds them.

Whoever links gives the identity provider a part in a user whom it did not make. So the person has
to be entitled, the user must not be anybody who is protected, and the policy of the project has to
allow it (``LINK_EXISTING_USERS``).
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from django_scim_provider.adapter import get_adapter
from django_scim_provider.connections.adoption import adopt_users
from django_scim_provider.connections.reserved import is_reserved
from django_scim_provider.connections.standing import Standing
from django_scim_provider.core.errors import Unauthorized
from django_scim_provider.core.folding import fold
from django_scim_provider.core.schemas.definitions import Resource, ResourceType
from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.organizations import get_organization_backend
from django_scim_provider.storage.store_context import context_of
from django_scim_provider.storage.users.linking import addresses_of, is_proven, policy_allows


class LinkRefusal(Enum):
    """Why a user may not be linked, in words for people."""

    NOT_ENTITLED = _("You may not link users to this connection.")
    CLOSED = _("The connection is disabled or decommissioned.")
    PROTECTED = _("Staff, superusers and the owner of the connection are never linked.")
    INACTIVE = _("The user is inactive. Activate the user first.")
    LINKED = _("The user is linked to this connection already.")
    NO_MEMBER = _("The user is not a member of the organization of this connection.")
    POLICY = _(
        "This project does not link existing users to this connection. Ask its operator, who can "
        "allow it (LINK_EXISTING_USERS)."
    )
    UNVERIFIED = _("The e-mail address of the user is not verified.")
    NAME_TAKEN = _("The name that the identity provider has for them is that of another user.")

    def __str__(self) -> str:
        return str(self.value)


def linking_permissions() -> tuple[str, str]:
    """Return what staff need, both, to link users."""
    meta = get_user_model()._meta
    return "scim_provider.change_linkedaccount", f"{meta.app_label}.change_{meta.model_name}"


def may_link(
    person: Any,
    connection: ProviderConnection,
    user: AbstractBaseUser,
    named: Resource | None = None,
) -> LinkRefusal | None:
    """Return why a person may not link a user to a connection; None where they may.

    ``named`` is what the identity provider calls the user: ``userName``, ``externalId``.

    Staff need both permissions (``linking_permissions``). Everybody else links members of an
    organization whose connections they manage, and nobody else. Both link only whom the policy
    allows, and never somebody protected.
    """
    if not is_entitled(person, connection):
        return LinkRefusal.NOT_ENTITLED
    if not connection.is_usable:
        return LinkRefusal.CLOSED
    return _refusal(connection, user, named or {}, vouched=_is_staff(person))


def is_entitled(person: Any, connection: ProviderConnection) -> bool:
    """Tell whether a person may have anything to do with who is linked to a connection."""
    if not person.is_active:
        return False
    if _is_staff(person):
        others = connection.personal_owner_id not in (None, person.pk)
        if person.is_superuser:
            return True
        return not others and not is_reserved(connection.provider_id)
    if connection.organization_id is None or is_reserved(connection.provider_id):
        return False
    return connection.organization_id in Standing(person).managed_organizations()


def _is_staff(person: Any) -> bool:
    return bool(getattr(person, "is_staff", False)) and person.has_perms(linking_permissions())


def _refusal(
    connection: ProviderConnection, user: AbstractBaseUser, named: Resource, *, vouched: bool
) -> LinkRefusal | None:
    context = context_of(connection)
    using, adapter = context.using, get_adapter(context.for_project())
    if adapter.is_protected(user) or user.pk == connection.owner_id:
        return LinkRefusal.PROTECTED
    accounts = LinkedAccount.objects.using(using).of(connection.provider_id)
    if accounts.filter(user=user.pk).exists():
        return LinkRefusal.LINKED
    if not user.is_active:
        return LinkRefusal.INACTIVE
    organizations = get_organization_backend(using=using)
    if connection.organization_id is not None:
        of = connection.organization_id
        if organizations is None or organizations.get_membership(of, user) is None:
            return LinkRefusal.NO_MEMBER
    described = {**adapter.describe(user), **named}
    if not policy_allows(user, described, context, organizations):
        return LinkRefusal.POLICY
    member = connection.organization_id is not None
    addresses = addresses_of(user, user.get_username())
    if not is_proven(user, addresses, adapter, vouched=vouched or member):
        return LinkRefusal.UNVERIFIED
    name = str(named.get("userName") or "")
    if name and fold(name) != fold(user.get_username()):
        found = adapter.find_users({get_user_model().USERNAME_FIELD: name})
        if any(each.pk != user.pk for each in found):
            return LinkRefusal.NAME_TAKEN
    return None


def link_user(
    person: AbstractBaseUser,
    connection: ProviderConnection,
    user: AbstractBaseUser,
    user_type: ResourceType,
    named: Resource | None = None,
) -> LinkRefusal | str | None:
    """Link a user, with an event that names the person; return why not, or None.

    The account has the name and the ``externalId`` that the identity provider has for them, as far
    as ``named`` says, so that it finds them by what it looks for. The user does not change.
    """
    if (refusal := may_link(person, connection, user, named)) is not None:
        return refusal
    users = get_user_model()._base_manager.filter(pk=user.pk)
    try:
        done = adopt_users(
            connection,
            users,
            user_type,
            commit=True,
            trust_unverified=True,
            named=named,
            actor=person,
        )
    except Unauthorized:  # at this very moment
        return LinkRefusal.CLOSED
    return next(iter(done.refused), None)
