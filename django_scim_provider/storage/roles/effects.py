"""Who gains and who loses a role once the mappings of a connection are others; nothing is written.

It asks what granting asks: candidates come from the groups, attributes and grants by their indexes,
and of those everything is left out that granting would leave alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from operator import or_
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Exists, F, OuterRef, QuerySet

from django_scim_provider.models import GroupMember, LinkedAccount, RoleGrant
from django_scim_provider.organizations import memberships_of
from django_scim_provider.storage.roles.candidates import (
    Candidates,
    GainingCandidates,
    LosingCandidates,
    QueriedCandidates,
)
from django_scim_provider.storage.roles.comparison import RoleComparison
from django_scim_provider.storage.roles.role_changes import FIRST, Narrowing
from django_scim_provider.storage.roles.targets import RoleTarget
from django_scim_provider.storage.sql.key_lists import among
from django_scim_provider.storage.sql.statements.connections_rows import of_connection_by_key
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext

MOST = 500
"""Candidates that are looked at one by one for a summary; more are counted."""
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Affected:
    """A user who gains or loses a role."""

    user: AbstractBaseUser
    target: RoleTarget
    gains: bool
    account: LinkedAccount | None = None
    """The user's account in the connection; None where somebody deleted it."""

    @property
    def name(self) -> str:
        """Return what people call the user."""
        return str(self.user) if self.account is None else self.account.user_name


@dataclass(frozen=True, slots=True)
class Side:
    """Those who gain, or those who lose."""

    count: int
    is_exact: bool
    """False: it is at most so many, since not all were looked at one by one."""
    first: Sequence[Affected]

    @property
    def more(self) -> int:
        """Return how many are not among the first."""
        return self.count - len(self.first)


@dataclass(frozen=True, slots=True)
class RoleEffect:
    """What a change of mappings does."""

    gains: Side
    loses: Side
    fingerprint: str
    """The same for the same effect: 64 hexadecimal characters."""


class RoleEffects(RoleComparison):
    """What becomes of the users of a connection under other mappings to some roles."""

    narrowed: Narrowing

    def __init__(self, context: StoreContext, narrowed: Narrowing) -> None:
        super().__init__(context, narrowed)

    def summary(self) -> RoleEffect:
        """Return how many gain and lose, and the first of them.

        The number of statements depends on the number of roles alone.
        """
        asked: dict[Any, None] = {}
        whole = {True: True, False: True}
        for target in self.narrowed.targets:
            for gains in (True, False):
                pairs = self._candidates(target, gains=gains).first(MOST + 1)
                whole[gains] = whole[gains] and len(pairs) <= MOST
                asked.update(dict.fromkeys(key for _, key in pairs[:MOST]))
        found = self.found(list(asked))
        sides = []
        for gains in (True, False):
            own = [each for each in found if each.gains is gains]
            count = len(own) if whole[gains] else self._counted(gains)
            is_exact = whole[gains] and not (gains and self._is_guess())
            sides.append(Side(count, is_exact, self._with_accounts(own[:FIRST])))
        gaining, losing = sides
        return RoleEffect(gaining, losing, _fingerprint(sides, found))

    def each(self) -> Iterator[Affected]:
        """Yield everybody who gains or loses, in batches: in bounded memory."""
        for _, step, keys in self.candidates():
            found = [each for each in self.found(keys) if (each.target, each.gains) == step]
            yield from self._with_accounts(found)

    def candidates(
        self, after: str = ""
    ) -> Iterator[tuple[str, tuple[RoleTarget, bool], list[Any]]]:
        """Yield the keys of users whom a role may concern, in batches behind a position.

        With each come the position behind it, which a later call can go on from, and which role it
        is about, and whether they gain it.

        Raises:
            ValueError, ValidationError: there is no such position.
        """
        steps = [(target, gains) for target in self.narrowed.targets for gains in (True, False)]
        number, _, mark = after.partition(":")
        first = int(number or 0)
        for place, (target, gains) in enumerate(steps[first:], start=first):
            candidates, last = self._candidates(target, gains=gains), mark
            while found := candidates.first(CHUNK, last):
                last = str(found[-1][0])
                yield f"{place}:{last}", (target, gains), [key for _, key in found]
            mark = ""

    def _candidates(self, target: RoleTarget, *, gains: bool) -> Candidates:
        """Return who is due a role without a grant, or whose grant nothing stands for."""
        if vendor_of(self.using).orm_only:
            found = GainingCandidates if gains else LosingCandidates
            accounts = LinkedAccount.objects.using(self.using).of(self.context.provider_id)
            accounts = accounts.filter(active=True, released_at=None)
            sources = [source for source in self._mappings if source.target == target]
            return found(accounts, sources, self._grants().filter(target_key=target.key))
        return QueriedCandidates(self._gaining(target) if gains else self._losing(target))

    def _gaining(self, target: RoleTarget) -> QuerySet[Any, tuple[Any, Any]]:
        """Return the mark and the user of each active account that is due a role without a grant.

        The mark is the account's key, by which they are ordered.
        """
        groups = self._groups_alone(target)
        if groups is None:
            rows = self._accounts(target).filter(~self._granted("user", target)).order_by("pk")
            return rows.annotate(mark=F("pk")).values_list("mark", "user_id")
        members = self._members(groups).filter(~self._granted("account__user", target))
        found = members.order_by("account_id").annotate(mark=F("account_id"))
        pairs = found.values_list("mark", "account__user_id")
        # Of one group nobody is a member twice, and counting without a sort takes half the time.
        return pairs if len(groups) == 1 else pairs.distinct()

    def _losing(self, target: RoleTarget) -> QuerySet[Any, tuple[Any, Any]]:
        """Return the user of each grant that nothing stands for, twice; the user is the mark."""
        groups = self._groups_alone(target)
        if groups is None:
            due: QuerySet[Any] = self._accounts(target, of_user=OuterRef("user"))
        else:
            due = self._members(groups).filter(account__user=OuterRef("user"))
        rows = self._grants().filter(~Exists(due), target_key=target.key).order_by("user_id")
        # By two names: Django 5.2.0 gives a column that is asked for twice once.
        return rows.annotate(mark=F("user_id")).values_list("mark", "user_id")

    def _granted(self, user: str, target: RoleTarget) -> Exists:
        # By the user: planners that take the connection for a new one would read all of its grants.
        own = of_connection_by_key(self.context.provider_id, self.using)
        grants = RoleGrant.objects.using(self.using)
        return Exists(grants.filter(own, user=OuterRef(user), target_key=target.key))

    def _members(self, groups: set[UUID]) -> QuerySet[GroupMember]:
        """Return the members who count in groups."""
        members = GroupMember.objects.using(self.using).filter(
            account__active=True, account__released_at=None
        )
        # A list that SQL makes is not seen to be empty, and all members would be read.
        return members.filter(among(self.using, "group_id", groups)) if groups else members.none()

    def _accounts(
        self, target: RoleTarget, of_user: OuterRef | None = None
    ) -> QuerySet[LinkedAccount]:
        """Return the accounts that count, and that something stands for; of all or of one user."""
        using, provider_id = self.using, self.context.provider_id
        sources = [source for source in self._mappings if source.target == target]
        leads = of_user is None and len(sources) == 1 and sources[0].value is not None
        made = (source.accounts(using, provider_id, leads=leads) for source in sources)
        conditions = [condition for condition in made if condition is not None]
        rows = LinkedAccount.objects.using(using)
        if not conditions:
            return rows.none()
        by_key = of_connection_by_key(provider_id, using)
        if of_user is not None:
            rows = rows.filter(by_key, user=of_user)
        else:
            rows = rows.filter(by_key) if leads else rows.of(provider_id)
        return rows.filter(reduce(or_, conditions), active=True, released_at=None)

    def _groups_alone(self, target: RoleTarget) -> set[UUID] | None:
        """Return the groups that stand for a role; None where something else does as well."""
        sources = [source for source in self._mappings if source.target == target]
        if any(source.everyone or source.value is not None for source in sources):
            return None
        found: set[UUID] = set()
        return found.union(*(source.groups for source in sources))

    def _counted(self, gains: bool) -> int:
        targets = self.narrowed.targets
        return sum(self._candidates(target, gains=gains).count() for target in targets)

    def found(self, keys: Sequence[Any]) -> list[Affected]:
        """Return who of these users gains or loses, as granting would have it."""
        rows = get_user_model()._default_manager.using(self.using).filter(pk__in=keys)
        users = [user for user in rows.order_by("pk") if not self.adapter.is_protected(user)]
        own = [user.pk for user in users]
        due = self._due(own, self._mappings)
        noted = self._grants().filter(user__in=own).values_list("user_id", "target_key")
        held = set(noted)
        joined: Mapping[Any, Mapping[str, Any]] = {}
        if self.backend is not None and any(t.organization_role for t in self.narrowed.targets):
            joined = memberships_of(self.backend, users)
        found: list[Affected] = []
        for target in self.narrowed.targets:
            shared = self._shared(users, target)
            has = self._having(target, users, joined)
            for user in users:
                is_due, is_held = (user.pk, target) in due, (user.pk, target.key) in held
                if is_due == is_held or user.pk in shared:
                    continue
                if is_due and not self._can_gain(target, user, has):
                    continue
                found.append(Affected(user, target, gains=is_due))
        return found

    def _can_gain(self, target: RoleTarget, user: AbstractBaseUser, has: set[Any] | None) -> bool:
        if has is None:  # nobody can say who has a role of the project
            return target.project_role is not None
        return user.pk not in has

    def _is_guess(self) -> bool:
        """Tell whether the project cannot say who has one of the roles already."""
        roles = [target.project_role for target in self.narrowed.targets if target.project_role]
        return any(self.adapter.role_holders([], role) is None for role in roles)

    def _with_accounts(self, found: Iterable[Affected]) -> list[Affected]:
        listed = list(found)
        rows = LinkedAccount.objects.using(self.using).of(self.context.provider_id)
        keys = [each.user.pk for each in listed]
        accounts = {row.user_id: row for row in rows.filter(user__in=keys).defer("resource")}
        return [
            Affected(each.user, each.target, each.gains, accounts.get(each.user.pk))
            for each in listed
        ]


def _fingerprint(sides: Sequence[Side], found: Iterable[Affected]) -> str:
    parts = [f"{side.count} {side.is_exact}" for side in sides]
    parts += [f"{each.gains} {each.target.key} {each.user.pk}" for each in found]
    return sha256("\n".join(parts).encode()).hexdigest()
