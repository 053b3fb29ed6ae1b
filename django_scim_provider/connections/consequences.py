"""Whom a change of a connection touches, and what becomes of each: told before it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from django_scim_provider.insight.drift.facts import BatchPeople, other_accounts, users_by_key
from django_scim_provider.models import LinkedAccount, ProviderConnection, RoleGrant
from django_scim_provider.models.batches import in_batches
from django_scim_provider.organizations import (
    BatchBackend,
    get_organization_backend,
    last_owners,
    memberships_of,
)
from django_scim_provider.storage.store_context import StoreContext, context_of
from django_scim_provider.storage.transactions import in_transaction

FIRST = 10
"""People who are named on a page; a file has all of them."""


class PersonFate(StrEnum):
    """One thing that becomes of a person."""

    LEFT_ALONE = "left_alone"
    LOG_IN_CLOSED = "log_in_closed"
    LOG_IN_CLOSED_ALREADY = "log_in_closed_already"
    VOUCHED_FOR = "vouched_for"
    MEMBER_ELSEWHERE = "member_elsewhere"
    LOG_IN_STAYS = "log_in_stays"
    MEMBERSHIP_ENDS = "membership_ends"
    ROLES_END = "roles_end"
    UNLINKED = "unlinked"
    NOT_KEPT_UP = "not_kept_up"
    GONE = "gone"


FATES: dict[PersonFate, Any] = {
    PersonFate.LEFT_ALONE: _("left alone: staff, owner of the connection or last owner"),
    PersonFate.LOG_IN_CLOSED: _("log-in closed, sessions ended"),
    PersonFate.LOG_IN_CLOSED_ALREADY: _("log-in is closed already"),
    PersonFate.VOUCHED_FOR: _("log-in stays: another connection vouches for the person"),
    PersonFate.MEMBER_ELSEWHERE: _("log-in stays: a member of another organization"),
    PersonFate.LOG_IN_STAYS: _("log-in stays"),
    PersonFate.MEMBERSHIP_ENDS: _("membership of the organization ends"),
    PersonFate.ROLES_END: _("roles from groups are taken back"),
    PersonFate.UNLINKED: _("the user stays, and no longer follows the identity provider"),
    PersonFate.NOT_KEPT_UP: _("stays as it is, and no longer follows the identity provider"),
    PersonFate.GONE: _("has no user any more"),
}
"""What to say of each."""
REASONS = {
    PersonFate.VOUCHED_FOR: PersonFate.LOG_IN_STAYS,
    PersonFate.MEMBER_ELSEWHERE: PersonFate.LOG_IN_STAYS,
}
"""What the people of one organization are told, who are to know nothing of others."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What becomes of one person."""

    account: LinkedAccount
    fates: Sequence[PersonFate]

    @property
    def words(self) -> str:
        """Return it in words."""
        return "; ".join(str(FATES[fate]) for fate in self.fates)

    @property
    def words_without_reasons(self) -> str:
        """Return it for people of one organization: without what other connections know."""
        fates = (REASONS.get(fate, fate) for fate in self.fates)
        return "; ".join(str(FATES[fate]) for fate in fates)


class Consequences:
    """What becomes of accounts of a connection; a few statements for any number of them."""

    def __init__(
        self, rows: QuerySet[LinkedAccount, LinkedAccount], judge: Callable[..., list[Consequence]]
    ) -> None:
        self.rows = rows.defer("resource", "display_name", "display_key")
        self.judge = judge

    def first(self) -> list[Consequence]:
        """Return what becomes of the first people."""
        return self.judge(list(self.rows.order_by("pk")[:FIRST]))

    def each(self) -> Iterator[Consequence]:
        """Yield what becomes of everybody, in batches: in bounded memory."""
        for accounts in in_batches(self.rows):
            yield from self.judge(accounts)


def of_decommission(connection: ProviderConnection) -> Consequences:
    """Return what becomes of the people whom a connection has not released yet."""
    context = context_of(connection)
    if get_organization_backend(using=context.using) is None:  # the project has given them up
        context = replace(context, organization_id=None)
    return Consequences(_accounts(context), lambda found: _released(context, found))


def of_disabling(connection: ProviderConnection) -> Consequences:
    """Return what becomes of the people of a connection while it is disabled."""
    return Consequences(
        _accounts(context_of(connection)),
        lambda found: [Consequence(account, [PersonFate.NOT_KEPT_UP]) for account in found],
    )


def of_unlinking(rows: QuerySet[LinkedAccount, LinkedAccount]) -> Consequences:
    """Return what becomes of the users of accounts that are deleted, of whatever connections."""
    return Consequences(rows, _unlinked)


def _accounts(context: StoreContext) -> QuerySet[LinkedAccount, LinkedAccount]:
    rows = LinkedAccount.objects.using(context.using).of(context.provider_id)
    return rows.filter(released_at=None)


def _unlinked(accounts: list[LinkedAccount]) -> list[Consequence]:
    if not accounts:
        return []
    using = accounts[0]._state.db or "default"
    keys = [account.user_id for account in accounts]
    grants = RoleGrant.objects.using(using).filter(user__in=keys)
    having = set(grants.values_list("provider_id", "user_id"))
    return [
        Consequence(
            account,
            [
                PersonFate.UNLINKED,
                *(
                    [PersonFate.ROLES_END]
                    if (account.provider_id, account.user_id) in having
                    else []
                ),
            ],
        )
        for account in accounts
    ]


def _released(context: StoreContext, accounts: list[LinkedAccount]) -> list[Consequence]:
    """Return what releasing does to each, by the rules that release them."""
    people, keys = BatchPeople(context), [account.user_id for account in accounts]
    users = users_by_key(context.using, keys)
    people.others = other_accounts(context, keys)
    seen = list(users.values())
    owners: Any = {}
    if people.backend is not None and seen:
        people.joined = memberships_of(people.backend, seen)
        owners = _last_owners(people, seen)
    grants = RoleGrant.objects.using(context.using).filter(
        **{"provider_id": context.provider_id}, user__in=keys
    )
    granted = set(grants.values_list("user_id", flat=True))
    found = []
    for account in accounts:
        user = users.get(account.user_id)
        fates = [PersonFate.GONE] if user is None else _fates(people, account, user, owners)
        # Roles follow from groups, and go with the account whoever has them.
        if user is not None and user.pk in granted and not people.adapter.is_protected(user):
            fates.append(PersonFate.ROLES_END)
        found.append(Consequence(account, fates))
    return found


def _last_owners(people: BatchPeople, users: Sequence[AbstractBaseUser]) -> Any:
    own = people.context.organization_id
    asked = {
        user.pk: [id for id in people.memberships(user) if own in (None, id)] for user in users
    }
    backend: Any = people.backend
    ask = partial(last_owners, backend, users, asked)
    if isinstance(backend, BatchBackend):
        return ask()
    # Backends that are asked one by one lock what they decide by.
    return in_transaction(people.using, people.context.provider_id, ask)


def _fates(
    people: BatchPeople, account: LinkedAccount, user: AbstractBaseUser, owners: Any
) -> list[PersonFate]:
    context = people.context
    is_protected = people.adapter.is_protected(user) or user.pk == context.owner_id
    if is_protected or owners.get(user.pk):
        return [PersonFate.LEFT_ALONE]
    found = []
    if people.adapter.is_active(user) is False:
        found.append(PersonFate.LOG_IN_CLOSED_ALREADY)
    elif not account.active:
        found.append(PersonFate.LOG_IN_STAYS)
    elif people.is_active_elsewhere(user, account.pk):
        found.append(PersonFate.VOUCHED_FOR)
    elif people.organizations is not None and people.is_member_elsewhere(user):
        found.append(PersonFate.MEMBER_ELSEWHERE)
    else:
        found.append(PersonFate.LOG_IN_CLOSED)
    if context.organization_id is not None and context.organization_id in people.memberships(user):
        found.append(PersonFate.MEMBERSHIP_ENDS)
    return found
