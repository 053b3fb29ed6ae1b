"""What is known of a batch of accounts, read with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.adapter.user_fields import mapping_of
from django_scim_provider.models import AccountEmail, LinkedAccount, Tombstone
from django_scim_provider.models.moments import utc
from django_scim_provider.organizations import Members, last_owners, memberships_of
from django_scim_provider.storage.roles.comparison import RoleComparison, RoleDifference
from django_scim_provider.storage.sql.documents import account_documents
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import in_transaction
from django_scim_provider.storage.users.holders import Account
from django_scim_provider.storage.users.host_users import HostUsers

MISSING, SUSPENDED, ACTIVE = "missing", "suspended", "active"
"""States of a membership."""
EmailRow = tuple[str | None, str | None, bool | None]
"""Folded address, folded type, primary."""


class OtherAccount(NamedTuple):
    """An account of the same user in another connection."""

    pk: UUID
    active: bool
    manages_profile: bool
    last_modified: datetime
    released: bool


class BatchPeople(HostUsers):
    """The rules of provisioning, answered from what was read for a whole batch."""

    def __init__(self, context: StoreContext) -> None:
        super().__init__(context)
        self.others: dict[Any, list[OtherAccount]] = {}
        self.joined: Mapping[Any, Mapping[str, Any]] = {}
        self.let_go: dict[Any, datetime] = {}
        """When the connection that had made a user deleted its account."""

    def has_other_accounts(self, user: AbstractBaseUser) -> bool:
        """Tell whether another connection has an account of the user, in use or not."""
        return user.pk in self.others

    def is_active_elsewhere(self, user: AbstractBaseUser, own: UUID) -> bool:
        """Tell whether an account beside ``own`` holds the user active."""
        others = self.others.get(user.pk, ())
        return any(other.active and not other.released for other in others)

    def memberships(self, user: AbstractBaseUser) -> Mapping[str, Any]:
        """Return the active memberships of a user by organization."""
        return self.joined.get(user.pk, {})

    def inherits(self, user: AbstractBaseUser, account: Account) -> bool:
        """Tell whether the account existed when the connection that made the user released them."""
        at = self.let_go.get(user.pk)
        return (
            at is not None
            and isinstance(account, LinkedAccount)
            and utc(at) >= utc(account.created_at)
        )

    def writes_profile(self, account: LinkedAccount) -> bool:
        """Tell whether the account's resource is the one that the profile should show.

        Of several that manage it, the one that was written last.
        """
        own = (utc(account.last_modified), account.pk)
        return account.manages_profile and not any(
            other.manages_profile and not other.released and (other.last_modified, other.pk) > own
            for other in self.others.get(account.user_id, ())
        )

    def holds_alone(self, account: LinkedAccount, user: AbstractBaseUser) -> bool:
        """Tell whether the connection made the user, and no other one has an account of them."""
        alone = not self.has_other_accounts(user)
        return account.created_user and account.manages_profile and alone


@dataclass(slots=True)
class AccountFacts:
    """One account and the state of what it stands for."""

    account: LinkedAccount
    user: AbstractBaseUser | None
    """None where the manager of the user model does not show it."""
    emails: list[EmailRow] = field(default_factory=list)
    membership: str | None = None
    """``MISSING``, ``SUSPENDED`` or ``ACTIVE``; None for connections without organization."""
    is_last_owner: bool = False
    roles: Sequence[RoleDifference] = ()


def users_by_key(using: str, keys: Sequence[Any], *beside: str) -> dict[Any, AbstractBaseUser]:
    """Return users of the project by their keys, in one query, with rows ``beside`` them."""
    users = get_user_model()._default_manager.using(using)
    users = users.select_related(*beside) if beside else users
    return {user.pk: user for user in users.filter(pk__in=keys)}


def read_facts(
    people: BatchPeople, accounts: Sequence[LinkedAccount], roles: RoleComparison
) -> list[AccountFacts]:
    """Return what is known of accounts of the connection; ``people`` learns it too."""
    using, keys = people.using, [account.user_id for account in accounts]
    mapping = mapping_of(people.adapter)
    users = users_by_key(using, keys, *(() if mapping is None else mapping.relations))
    account_documents.read(using, accounts)
    found = [AccountFacts(account, users.get(account.user_id)) for account in accounts]
    people.others = other_accounts(people.context, keys)
    made = Tombstone.objects.using(using).filter(user__in=keys, created_user=True)
    people.let_go = dict(made.order_by("created_at").values_list("user", "created_at"))
    seen = list(users.values())
    if people.backend is not None and seen:
        people.joined = memberships_of(people.backend, seen)
        _read_memberships(people, found, users)
        _read_last_owners(people, found)
    emails: dict[UUID, list[EmailRow]] = {}
    rows = AccountEmail.objects.using(using).filter(account__in=[a.pk for a in accounts])
    for row in rows:
        emails.setdefault(row.account_id, []).append((row.value_key, row.type, row.primary))
    different = roles.differences(seen, people.joined)
    for facts in found:
        facts.emails = emails.get(facts.account.pk, [])
        facts.roles = different.get(facts.account.user_id, ())
    return found


def other_accounts(context: StoreContext, keys: Sequence[Any]) -> dict[Any, list[OtherAccount]]:
    """Return the accounts that users have in other connections, by the user's key."""
    rows = LinkedAccount.objects.using(context.using).filter(user__in=keys)
    rows = rows.exclude(**{"provider_id": context.provider_id})
    found: dict[Any, list[OtherAccount]] = {}
    for row in rows.only("user", "active", "manages_profile", "last_modified", "released_at"):
        found.setdefault(row.user_id, []).append(
            OtherAccount(
                row.pk,
                bool(row.active),
                row.manages_profile,
                utc(row.last_modified),
                row.released_at is not None,
            )
        )
    return found


def _read_memberships(
    people: BatchPeople, found: list[AccountFacts], users: Mapping[Any, AbstractBaseUser]
) -> None:
    id = people.context.organization_id
    if people.organizations is None or id is None:
        return
    at = None if vendor_of(people.using).orm_only else people.using
    present = Members(people.organizations, id, subqueries_in=at).among(list(users))
    for facts in found:
        if facts.user is None:
            continue
        facts.membership = MISSING
        if facts.user.pk in present:
            active = id in people.memberships(facts.user) or not people.organizations.keeps_inactive
            facts.membership = ACTIVE if active else SUSPENDED


def _read_last_owners(people: BatchPeople, found: list[AccountFacts]) -> None:
    """Ask only for those who might be closed."""
    own = people.context.organization_id
    asked: dict[Any, list[str]] = {}
    users = []
    for facts in found:
        if facts.user is not None and not facts.account.active:
            ids = [id for id in people.memberships(facts.user) if own in (None, id)]
            if ids:
                asked[facts.user.pk] = ids
                users.append(facts.user)
    if not users or people.backend is None:
        return
    # Backends lock what they decide by.
    ask = partial(last_owners, people.backend, users, asked)
    owners = in_transaction(people.using, people.context.provider_id, ask)
    for facts in found:
        facts.is_last_owner = bool(owners.get(facts.account.user_id))
