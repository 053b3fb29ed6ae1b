"""The host's users, as far as one connection may find, make, change and release them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F

from django_scim_provider.conf import get_user_model
from django_scim_provider.core.errors import ProtectedResource
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.models import LinkedAccount
from django_scim_provider.organizations import DjangoOrganizationsBackend, MembershipModelBackend
from django_scim_provider.storage.locks import note_user
from django_scim_provider.storage.transactions import hold_owners, locked
from django_scim_provider.storage.users.account_rows import AccountRow
from django_scim_provider.storage.users.holders import Account, Holders
from django_scim_provider.storage.users.host_fields import (
    claimed,
    create_user,
    host_fields,
    update_user,
)
from django_scim_provider.storage.users.linking import linkable
from django_scim_provider.storage.users.mapping.one_to_one import save_beside, split
from django_scim_provider.storage.users.tombstones import find_tombstone
from django_scim_provider.storage.users.writing.revoking import before_closing, revoke

LAST_OWNER = "The last owner of the organization can be neither deactivated nor removed."
_OWN_BACKENDS = (MembershipModelBackend, DjangoOrganizationsBackend)


@dataclass(frozen=True, slots=True)
class HostUser:
    """A user of the host, and what a new account may do with it."""

    user: AbstractBaseUser
    created_user: bool
    manages_profile: bool
    has_new_address: bool = False


class HostUsers(Holders):
    """Every method that changes something runs inside the transaction of a write."""

    def locked(self, user_id: Any, held: AbstractBaseUser | None = None) -> AbstractBaseUser:
        """Return a user, locked: connections that share a user take turns.

        ``held`` is the user, where it was locked already.

        Raises:
            ProtectedResource: provisioning must not touch the user.
        """
        user = held
        if user is None:
            users = get_user_model()._default_manager.using(self.using)
            user = locked(users.filter(pk=user_id)).get()
        if self.adapter.is_protected(user) or user.pk == self.context.owner_id:
            raise ProtectedResource()
        return user

    # A new account

    def returning(
        self, resource: Resource, keys: Mapping[str, Any], taken: list[AbstractBaseUser]
    ) -> HostUser | None:
        """Return the user that an account of these keys stood for before it was deleted.

        None where others, among those ``taken``, have the names of the resource now. A name that
        nobody has any more, and that comes without ``externalId``, is a new user's.
        """
        tombstone = None
        if taken or "externalId" in resource:
            tombstone = find_tombstone(self.context, keys)
        if tombstone is None or any(user.pk != tombstone.user_id for user in taken):
            return None
        user = self.locked(tombstone.user_id)
        if self._is_linked(user):
            return None
        opens = tombstone.deactivated_user and resource["active"]
        fields = self.writable(tombstone, user, resource)
        moved = self.write(tombstone, user, resource, fields, active=opens or None)
        tombstone.delete(using=self.using)
        note_user(self.using, user)
        self._join(user, active=resource["active"])
        return HostUser(user, tombstone.created_user, tombstone.manages_profile, moved)

    def linked(self, users: list[AbstractBaseUser], resource: Resource) -> HostUser | None:
        """Return the existing user that the linking policy lets the account stand for.

        Nothing of the user changes, but a log-in that the connection closed by a deletion opens.
        """
        link = linkable(users, resource, self.context, self.adapter, self.organizations)
        if link is None:
            return None
        user = self.locked(link.user.pk)
        if self._is_linked(user):
            return None
        if resource["active"]:
            if link.opens:
                self.adapter.update_user(user, {}, {}, active=True)
            self._join(user, active=True)
        if link.tombstone is not None:
            link.tombstone.delete(using=self.using)
        note_user(self.using, user)
        return HostUser(user, created_user=False, manages_profile=False)

    def _is_linked(self, user: AbstractBaseUser) -> bool:
        accounts = LinkedAccount.objects.using(self.using).of(self.context.provider_id)
        return accounts.filter(user=user.pk).exists()

    def made(
        self, resource: Resource, fields: dict[str, Any], *, later: list[Any] | None = None
    ) -> HostUser:
        """Make a user, a plain member of the connection's organization.

        ``later`` collects, of several who are made together, what ``save_beside`` stores of each.
        """
        own, beside = split(fields)
        user = create_user(self.adapter, resource, own)
        if beside and later is None:
            save_beside(self.adapter, [(user, beside)], new=True)
        elif beside and later is not None:
            later.append((user, beside))
        self._join(user, active=resource["active"])
        return HostUser(user, created_user=True, manages_profile=True)

    def _join(self, user: AbstractBaseUser, *, active: bool) -> None:
        if self.organizations is not None and self.context.organization_id is not None:
            self.forget_memberships()
            self.organizations.add_member(self.context.organization_id, user, active=active)

    # A changed account

    def writable(
        self,
        account: Account,
        user: AbstractBaseUser,
        resource: Resource,
        before: Resource | None = None,
        *,
        others: bool | None = None,
    ) -> dict[str, Any]:
        """Return the fields of the user that the connection may write, and what they become.

        ``before`` is what the account said until now; see ``host_fields``. ``others`` is as for
        ``may_write_identity``. Names and addresses to log in with are left alone unless that says
        so; they are all that is written for a user whose profile is another's.
        """
        if not account.manages_profile and not self.may_change_linked(user):
            return {}
        fields = host_fields(self.adapter, resource, self.context.profile, before=before)
        identity = self.adapter.identity_fields()
        if not account.manages_profile:
            fields = {name: value for name, value in fields.items() if name in identity}
        renames = identity & claimed(self.adapter, user, fields).keys()
        if renames and not self.may_write_identity(user, account, others=others):
            fields = {name: value for name, value in fields.items() if name not in identity}
        return fields

    def write(
        self,
        account: Account,
        user: AbstractBaseUser,
        resource: Resource,
        fields: dict[str, Any],
        *,
        active: bool | None,
    ) -> bool:
        """Write what ``writable`` returned; tell whether the e-mail address changed.

        A password is a way to log in, so it goes the way of names. ``revoke`` follows where
        ``active`` is False.
        """
        shown = resource if fields else {}
        if "password" in shown and not self.may_write_identity(user, account):
            shown = {name: value for name, value in shown.items() if name != "password"}
        before = self._address(user)
        if active is False:
            before_closing(user)
        own, beside = split(fields)
        update_user(self.adapter, user, shown, own, active=active)
        if beside:
            save_beside(self.adapter, [(user, beside)])
        return self._address(user) != before

    def moves(self, user: AbstractBaseUser, fields: Mapping[str, Any]) -> bool:
        """Tell whether ``write`` is going to change the e-mail address, unless the project does."""
        name = user.get_email_field_name()
        if name not in fields:
            return False
        return str(self.adapter.normalized(name, fields[name]) or "") != self._address(user)

    def _address(self, user: AbstractBaseUser) -> str:
        name = user.get_email_field_name()
        return str(self.adapter.normalized(name, getattr(user, name, "")) or "")

    def activate(self, user: AbstractBaseUser) -> None:
        """Make the membership active again, of who is about to be vouched for."""
        if self.adapter.is_active(user) is not False:  # else the user is written
            note_user(self.using, user)
        self._join(user, active=True)

    def deactivate(self, user: AbstractBaseUser, own: UUID) -> bool:
        """Do as ``suspend``, once the user is seen not to be the last owner.

        Raises:
            ProtectedResource: it is.
        """
        self.refuse_last_owner(user)
        return self.suspend(user, own)

    def suspend(self, user: AbstractBaseUser, own: UUID, *, elsewhere: bool | None = None) -> bool:
        """Suspend the membership of who is not the last owner; tell whether the log-in closes.

        It does, unless another connection vouches for the user, or, for the connection of an
        organization, the user is a member of another one. ``elsewhere`` is as for ``closes``.
        """
        if self.organizations is not None and self.context.organization_id is not None:
            self.forget_memberships()
            self.organizations.set_member_active(self.context.organization_id, user, active=False)
        return self.closes(user, own, elsewhere=elsewhere)

    def closes(self, user: AbstractBaseUser, own: UUID, *, elsewhere: bool | None = None) -> bool:
        """Answer as above, and have who waits for a user that goes on see who is left."""
        closes = super().closes(user, own, elsewhere=elsewhere)
        if not closes:
            note_user(self.using, user)
        return closes

    def refuse_last_owner(self, user: AbstractBaseUser) -> None:
        """Refuse to take an organization its last owner.

        It is the connection's organization, or any where the connection belongs to none.

        Raises:
            ProtectedResource: the user is it.
        """
        if self.backend is None:
            return
        id = self.context.organization_id
        ids = list(self.memberships(user)) if id is None else [id]
        hold_owners(self.using, (each for each in ids if self._may_own(each, user)))
        if any(self.backend.is_protected(each, user) for each in ids):
            raise ProtectedResource(LAST_OWNER)

    def _may_own(self, id: str, user: AbstractBaseUser) -> bool:
        """Tell whether a user may be an owner; True where the project has a rule of its own.

        Backends need to tell nobody who owns an organization: that may be no role, and need no
        membership.
        """
        for ours in _OWN_BACKENDS:
            if isinstance(self.backend, ours) and (
                type(self.backend).is_protected is ours.is_protected
            ):
                membership = self.backend.get_membership(id, user)
                return membership is not None and self.backend.is_owner(membership)
        return True

    def revoke(self, user: AbstractBaseUser) -> None:
        """End what the user holds, whose log-in ``write`` closed; raises as ``revoking`` does."""
        revoke(self.using, user)

    def close(self, user: AbstractBaseUser) -> None:
        """Close the log-in, and end what the user holds; raises as ``revoke``."""
        before_closing(user)
        self.adapter.update_user(user, {}, {}, active=False)
        self.revoke(user)

    def hand_over(self, user: AbstractBaseUser, account: AccountRow | LinkedAccount) -> bool:
        """Leave what the account had to the oldest other account, active ones first.

        Returns whether another account manages the profile now.
        """
        others = LinkedAccount.objects.using(self.using).filter(user=user.pk, released_at=None)
        others = others.exclude(**{"provider_id": self.context.provider_id})
        if not account.manages_profile:
            return False
        if others.filter(manages_profile=True).exists():
            return True
        # An account without ``active`` opens nothing; databases disagree where NULL comes.
        heir = others.order_by(F("active").desc(nulls_last=True), "pk").first()
        if heir is None:
            return False
        others.filter(pk=heir.pk).update(manages_profile=True)
        return True
