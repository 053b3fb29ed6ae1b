"""Users whom a role may concern, in an order that one can go on from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol
from uuid import UUID

from django.db.models import QuerySet

from django_scim_provider.models import GroupMember, LinkedAccount, RoleGrant
from django_scim_provider.storage.portable.memberships import users_in
from django_scim_provider.storage.roles.role_sources import RoleSource, due_of
from django_scim_provider.storage.sql.key_lists import among
from django_scim_provider.storage.sql.statements.by_orm import BATCH, batched
from django_scim_provider.storage.sql.vendors import vendor_of

Marked = tuple[Any, Any]
"""The place of a user in the order, and the user's key."""


class Candidates(Protocol):
    """Those who may gain a role, or lose it."""

    def first(self, number: int, behind: str = "") -> list[Marked]:
        """Return so many of them at most, from a place on.

        Raises:
            ValueError, ValidationError: there is no such place.
        """

    def count(self) -> int:
        """Return how many they are."""


@dataclass(frozen=True, slots=True)
class QueriedCandidates:
    """The rows of one query, which are in the order of their ``mark``."""

    rows: QuerySet[Any, Marked]

    def first(self, number: int, behind: str = "") -> list[Marked]:
        """Ask for these alone."""
        return list((self.rows.filter(mark__gt=behind) if behind else self.rows)[:number])

    def count(self) -> int:
        """Have the database count."""
        return self.rows.order_by().count()


@dataclass(frozen=True, slots=True)
class _ListedCandidates:
    """By the ORM alone: a batch is read, and compared with what is due to it."""

    accounts: QuerySet[LinkedAccount]
    """Those of the connection that count."""
    sources: Sequence[RoleSource]
    """What stands for the role."""
    grants: QuerySet[RoleGrant]
    """Those of the role, by the connection."""

    def first(self, number: int, behind: str = "") -> list[Marked]:
        """Read no more batches than these take."""
        return list(islice(self._found(behind), number))

    def count(self) -> int:
        """Read all batches."""
        return sum(1 for _ in self._found(""))

    def _found(self, behind: str) -> Iterator[Marked]:
        raise NotImplementedError

    def _due(self, accounts: QuerySet[LinkedAccount]) -> dict[Any, UUID]:
        """Return the users among accounts who are due the role, with the keys of the accounts."""
        due = due_of(accounts, self.sources, writes=False)
        return {user: due.accounts[user] for user, _ in due.roles}


class GainingCandidates(_ListedCandidates):
    """Who is due a role without a grant, in the order of accounts; their keys are the marks."""

    def _found(self, behind: str) -> Iterator[Marked]:
        for keys in self._keys(UUID(behind) if behind else None):
            due = self._due(self.accounts.filter(pk__in=keys))
            held = self.grants.filter(user__in=list(due)).values_list("user_id", flat=True)
            for user in held:
                due.pop(user, None)
            yield from sorted(((key, user) for user, key in due.items()), key=_mark)

    def _keys(self, behind: UUID | None) -> Iterator[Sequence[UUID]]:
        """Yield the keys of accounts that the role may be due, a batch at a time."""
        of_people = any(each.everyone or each.value is not None for each in self.sources)
        if not of_people:
            groups = {group for each in self.sources for group in each.groups}
            yield from self._members(groups, behind)
            return
        rows = self.accounts.order_by("pk").values_list("pk", flat=True)
        while keys := list((rows if behind is None else rows.filter(pk__gt=behind))[:BATCH]):
            yield keys
            behind = keys[-1]

    def _members(self, groups: Collection[UUID], behind: UUID | None) -> Iterator[Sequence[UUID]]:
        """Yield the keys of the accounts in groups, and read no more of them than are asked for."""
        rows = GroupMember.objects.using(self.accounts.db).filter(account_id__isnull=False)
        # By the account's key as their unique index has it, behind the group's.
        keys = rows.order_by("member_key").values_list("member_key", flat=True)
        while True:
            later = keys if behind is None else keys.filter(member_key__gt=behind)
            found: set[UUID] = set()
            ends = []
            for some in batched(sorted(groups)):
                read = list(later.filter(group_id__in=some)[:BATCH])
                found.update(read)
                if len(read) == BATCH:
                    ends.append(read[-1])
            # Behind the first of these there may be members of its groups that were not read.
            behind = min(ends, default=None)
            yield from batched(sorted(key for key in found if behind is None or key <= behind))
            if behind is None:
                return


class LosingCandidates(_ListedCandidates):
    """Whose grant nothing stands for, in the order of users; their keys are the marks as well."""

    def _found(self, behind: str) -> Iterator[Marked]:
        rows = self.grants.order_by("user_id").values_list("user_id", flat=True)
        last: Any = behind or None
        while users := list((rows if last is None else rows.filter(user_id__gt=last))[:BATCH]):
            due = self._due(self.accounts.filter(user__in=users))
            yield from ((user, user) for user in users if user not in due)
            last = users[-1]


def users_in_groups(using: str, groups: Collection[UUID]) -> list[Any]:
    """Return the keys of the users who are in one of these groups directly."""
    if vendor_of(using).orm_only:
        return users_in(using, groups)
    members = GroupMember.objects.using(using).filter(account__isnull=False)
    rows = members.filter(among(using, "group_id", groups))
    return list(rows.values_list("account__user_id", flat=True).distinct())


def _mark(found: Marked) -> Any:
    return found[0]
