"""Conditions on the groups of users and on the members of groups, answered by lists of keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from django_scim_provider.core.filters.expressions import (
    BoundAnd,
    BoundComparison,
    BoundFilter,
    BoundNot,
    BoundOr,
)
from django_scim_provider.core.filters.matching import element_matches
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup
from django_scim_provider.storage.portable.memberships import names_of
from django_scim_provider.storage.portable.narrowing import MOST_KEYS, Keys
from django_scim_provider.storage.portable.own_conditions import OwnColumns
from django_scim_provider.storage.portable.sight import Sight
from django_scim_provider.storage.sql.columns.text_columns import TextColumn, decoded_address
from django_scim_provider.storage.sql.recursion import edges
from django_scim_provider.storage.sql.statements.by_orm import BATCH, batched
from django_scim_provider.storage.sql.time_limits import Deadline
from django_scim_provider.storage.sql.vendors import vendor_of


def _asks(bound: BoundFilter, name: str) -> bool:
    """Tell whether a term on a value looks at a sub-attribute."""
    match bound:
        case BoundAnd(terms) | BoundOr(terms):
            return any(_asks(term, name) for term in terms)
        case BoundNot(term):
            return _asks(term, name)
    return str(bound.target) == name


def _decoded(bound: BoundFilter, root: str) -> BoundFilter:
    """Return a term whose addresses are those of ids as they are, as ``_address`` makes them."""
    match bound:
        case BoundAnd(terms):
            return BoundAnd(tuple(_decoded(term, root) for term in terms))
        case BoundOr(terms):
            return BoundOr(tuple(_decoded(term, root) for term in terms))
        case BoundNot(term):
            return BoundNot(_decoded(term, root))
        case BoundComparison(target, _, value) if str(target) == "$ref":
            return replace(bound, value=decoded_address(root, str(value)))
    return bound


@dataclass(eq=False)
class GroupsAsked:
    """A condition on one of the groups of a user, direct or indirect."""

    groups: QuerySet[Any, Any]
    """Those of the connection."""
    term: BoundFilter | None
    """None: whether there is any."""
    base_url: str
    columns: OwnColumns
    """Those of groups that lead to few of them."""
    deadline: Deadline = field(default_factory=Deadline)

    def keys(self) -> Keys | None:
        """Return the accounts that match, or may."""
        if self.term is None or _asks(self.term, "type"):
            return None
        found: set[UUID] = set()
        for some in batched(sorted(self._holding)):
            rows = self._members.filter(group_id__in=some, account_id__isnull=False)
            found.update(rows.values_list("account_id", flat=True)[: MOST_KEYS + 1])
            if len(found) > MOST_KEYS:
                return None
        return frozenset(found), True

    def among(self, keys: Iterable[UUID]) -> set[UUID]:
        """Return which of these accounts match."""
        rows = self._members.filter(account_id__in=list(keys))
        direct: dict[UUID, set[UUID]] = {}
        for account, group in rows.values_list("account_id", "group_id"):
            direct.setdefault(account, set()).add(group)
        if self.term is None:
            return set(direct)
        if not _asks(self.term, "type"):
            return {key for key, held in direct.items() if not held.isdisjoint(self._holding)}
        above = self._above({group for held in direct.values() for group in held})
        return {
            key
            for key, held in direct.items()
            if not held.isdisjoint(self._matching["direct"])
            or not (_reached(held, above) - held).isdisjoint(self._matching["indirect"])
        }

    @property
    def _members(self) -> QuerySet[GroupMember]:
        return GroupMember.objects.using(self.groups.db).order_by()

    @cached_property
    def _matching(self) -> dict[str, set[UUID]]:
        """The groups that match where a membership is direct, and where it is indirect."""
        found: dict[str, set[UUID]] = {"direct": set(), "indirect": set()}
        term = _decoded(self.term, self.base_url) if self.term is not None else None
        told = None if term is None else self.columns.told(term)
        rows = self.groups if told is None else self.groups.filter(told.condition)
        for batch in _by_key(rows, "scim_id", "display_name_key"):
            for key, id, name in batch:
                self.deadline.check()
                for kind, matching in found.items():
                    element = _element(f"{self.base_url}/Groups/", id, name, kind)
                    if term is not None and element_matches(term, element):
                        matching.add(key)
        return found

    @cached_property
    def _holding(self) -> set[UUID]:
        """The groups that match, and all that they hold: whoever is in one of these matches."""
        held = set(self._matching["direct"])
        new = held
        while new:
            found = {child for _, child in edges(self.groups.db, new, "group_id", "child_id")}
            new = found - held
            held |= new
        return held

    def _above(self, groups: set[UUID]) -> dict[UUID, set[UUID]]:
        """Return, by group, those that hold it, of these and of all that are above them."""
        found: dict[UUID, set[UUID]] = {}
        new = groups
        while new:
            for child, group in edges(self.groups.db, new, "child_id", "group_id"):
                found.setdefault(child, set()).add(group)
            new = {group for child in new for group in found.get(child, ())} - found.keys()
            for group in new:
                found.setdefault(group, set())
        return found


def _reached(groups: set[UUID], above: dict[UUID, set[UUID]]) -> set[UUID]:
    reached: set[UUID] = set()
    left = list(groups)
    while left:
        new = above.get(left.pop(), set()) - reached
        reached |= new
        left += new
    return reached


@dataclass(eq=False)
class MembersAsked:
    """A condition on one of the members of a group."""

    groups: QuerySet[Any, Any]
    """Those of the connection."""
    accounts: QuerySet[Any, Any]
    """Those of the connection, whether it sees them or not."""
    sight: Sight
    """Which of these it sees."""
    term: BoundFilter | None
    """None: whether there is any."""
    base_url: str
    deadline: Deadline = field(default_factory=Deadline)

    def keys(self) -> Keys | None:
        """Return the groups of the members that the term names by their ids."""
        if self.term is None:
            return None
        named: set[UUID] = set()
        exact = self.sight.is_whole and not any(
            _asks(self.term, name) for name in ("display", "type", "$ref")
        )
        pads = vendor_of(self.groups.db).pads_texts
        for rows in (self.accounts, self.groups):
            told = OwnColumns(rows.model, {"value": TextColumn("scim_id")}, pads).told(self.term)
            if told is None or not told.few:
                return None
            exact = exact and told.exact
            named.update(rows.filter(told.condition).order_by().values_list("pk", flat=True))
        found: set[UUID] = set()
        for some in batched(sorted(named)):
            held = self._members.filter(member_key__in=some).values_list("group_id", flat=True)
            found.update(held[: MOST_KEYS + 1])
            if len(found) > MOST_KEYS:
                return None
        return frozenset(found), exact

    def among(self, keys: Iterable[UUID]) -> set[UUID]:
        """Return which of these groups match; their members are looked at a few at a time."""
        term = None if self.term is None else _decoded(self.term, self.base_url)
        found: set[UUID] = set()
        members = self._members.filter(group_id__in=list(keys))
        for batch in _by_key(members, "group_id", "account_id", "child_id"):
            self.deadline.check()  # also where nobody of any batch is in sight
            for group, element in self._elements([row for row in batch if row[1] not in found]):
                self.deadline.check()
                if term is None or element_matches(term, element):
                    found.add(group)
        return found

    @property
    def _members(self) -> QuerySet[GroupMember]:
        return GroupMember.objects.using(self.groups.db).order_by()

    def _elements(self, rows: Collection[Any]) -> Iterator[tuple[UUID, Resource]]:
        using = self.groups.db
        accounts = {row[2] for row in rows if row[2] is not None}
        people = LinkedAccount.objects.using(using)
        users = names_of(people, accounts, "display_key", self.sight)
        children = {row[3] for row in rows if row[3] is not None}
        groups = names_of(ProvisionedGroup.objects.using(using), children, "display_name_key")
        for _, group, account, child in rows:
            if account in users:
                yield group, _element(f"{self.base_url}/Users/", *users[account], "user")
            elif child in groups:
                yield group, _element(f"{self.base_url}/Groups/", *groups[child], "group")


def _element(address: str, id: str, name: str | None, kind: str) -> Resource:
    """Return a value as a folded document would have it, but for what is escaped in addresses."""
    made: Resource = {"value": id, "type": kind, "$ref": address + id}
    return made if name is None else {**made, "display": name}


def _by_key(rows: QuerySet[Any, Any], *columns: str) -> Iterator[Sequence[Any]]:
    """Yield rows, a batch at a time; of each its key and columns."""
    told: QuerySet[Any, Any] = rows.order_by("pk").values_list("pk", *columns)
    batch = list(told[:BATCH])
    while batch:
        yield batch
        batch = list(told.filter(pk__gt=batch[-1][0])[:BATCH]) if len(batch) == BATCH else []
