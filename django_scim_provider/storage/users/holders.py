"""Who has a stake in a user of the host, as one connection sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.adapter import DefaultAdapter, get_adapter
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.stored_text import times
from django_scim_provider.models import LinkedAccount, Tombstone
from django_scim_provider.organizations import (
    get_organization_backend,
    require_organization_backend,
)
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.account_rows import AccountRow, active_elsewhere

Account = AccountRow | LinkedAccount | Tombstone
"""What says whether the connection made the user, and whether it manages the profile."""


class Holders:
    """Answers from the database; ``insight.drift`` answers for a batch at a time."""

    def __init__(self, context: StoreContext, adapter: DefaultAdapter | None = None) -> None:
        self.context = context
        self.using = context.using
        self.adapter = adapter or get_adapter(context.for_project())
        self.backend = get_organization_backend(using=context.using)
        self.organizations = None
        """The backend, where the connection is an organization's."""
        self._found: tuple[Any, Mapping[str, Any]] | None = None
        if context.organization_id is not None:
            self.organizations = require_organization_backend(using=context.using)

    def ask_about(self, resource: Resource) -> None:
        """Go on with another user of a batch, whose resource the adapter is told."""
        self.adapter = get_adapter(self.adapter.context.about(resource))

    def has_other_accounts(self, user: AbstractBaseUser) -> bool:
        """Tell whether another connection has an account of the user, in use or not."""
        others = LinkedAccount.objects.using(self.using).filter(user=user.pk)
        return others.exclude(**{"provider_id": self.context.provider_id}).exists()

    def is_active_elsewhere(self, user: AbstractBaseUser, own: UUID) -> bool:
        """Tell whether an account beside ``own`` holds the user active."""
        return bool(Writes(self.using).run(active_elsewhere(self.using, user.pk, own))[0])

    def memberships(self, user: AbstractBaseUser) -> Mapping[str, Any]:
        """Return the active memberships of a user by organization; none without a backend.

        They are asked for once in a write, until ``forget_memberships``.
        """
        if self.backend is None:
            return {}
        if self._found is None or self._found[0] != user.pk:
            self._found = user.pk, self.backend.memberships(user)
        return self._found[1]

    def forget_memberships(self) -> None:
        """Have the memberships asked for again, as they may have changed."""
        self._found = None

    def is_member_elsewhere(self, user: AbstractBaseUser) -> bool:
        """Tell whether the user is a member of an organization that is not the connection's."""
        return bool(self.memberships(user).keys() - {self.context.organization_id})

    def inherits(self, user: AbstractBaseUser, account: Account) -> bool:
        """Tell whether the account existed when the connection that made the user released them.

        One that came later was linked to a user who had become the project's own.
        """
        since = _since(account)
        if since is None:
            return False
        rows = Tombstone.objects.using(self.using).filter(user=user.pk, created_user=True)
        return rows.filter(created_at__gte=since).exists()

    def closes(self, user: AbstractBaseUser, own: UUID, *, elsewhere: bool | None = None) -> bool:
        """Tell whether nobody else vouches for a user whom the connection releases.

        ``elsewhere`` is the answer of ``is_active_elsewhere``, where it is known.
        """
        if self.is_active_elsewhere(user, own) if elsewhere is None else elsewhere:
            return False
        return self.organizations is None or not self.is_member_elsewhere(user)

    def may_change_linked(self, user: AbstractBaseUser) -> bool:
        """Tell whether the project lets the connection name a user whom it did not make."""
        return self.adapter.may_change_identity(user)

    def may_write_identity(
        self, user: AbstractBaseUser, account: Account, *, others: bool | None = None
    ) -> bool:
        """Tell whether the connection may write what the user logs in with or gets mail by.

        Never while another connection or organization holds the user. Else a user whom the
        connection made follows the directory, whatever ways to log in they have added. One whom it
        linked does where the project says so; one whom it inherited also where there is no other
        way to log in that could be taken over. ``others`` is the answer of ``has_other_accounts``,
        where it is known.
        """
        if self.has_other_accounts(user) if others is None else others:
            return False
        if self.is_member_elsewhere(user):
            return False
        if account.created_user or self.may_change_linked(user):
            return True
        return self.inherits(user, account) and not self.adapter.has_other_login(user)


def _since(account: Account) -> datetime | None:
    """Return when an account was made; None for one that is deleted: it holds nobody."""
    if isinstance(account, Tombstone):
        return None
    return account.created_at if isinstance(account, LinkedAccount) else times(account.text)[0]
