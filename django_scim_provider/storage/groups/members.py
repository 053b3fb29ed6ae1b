"""The members of one group as a set in the database: changes touch what changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from django_scim_provider.conf import get_settings
from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.patching.members import MemberChange
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.validation.scim_ids import may_be_id
from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup
from django_scim_provider.models.accounts import LinkedAccountQuerySet
from django_scim_provider.models.groups import ProvisionedGroupQuerySet
from django_scim_provider.models.keys import uuid7
from django_scim_provider.storage.by_scim_id import keys_of
from django_scim_provider.storage.groups.member_rows import (
    Moved,
    keys_and_members,
    member_keys,
    move_members,
)
from django_scim_provider.storage.groups.rendering import member_entry
from django_scim_provider.storage.history.effect_rows import KINDS, effect
from django_scim_provider.storage.portable.sight import Sight
from django_scim_provider.storage.sql.key_lists import among, among_texts
from django_scim_provider.storage.sql.recursion import above
from django_scim_provider.storage.sql.statements.by_orm import batched
from django_scim_provider.storage.sql.statements.compiled_writes import Insert
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import be_alone, locked
from django_scim_provider.storage.users.visibility import seen, visible

ROWS = 5000
"""Rows of one INSERT: four parameters each, and SQLite takes 32,766."""
_inserts = {
    "account_id": Insert(GroupMember, ("id", "group", "account", "member_key")),
    "child_id": Insert(GroupMember, ("id", "group", "child", "member_key")),
}


class MemberSet:
    """The members of a group that the transaction has locked, or made (``is_new``)."""

    def __init__(
        self, context: StoreContext, group: UUID, *, event: UUID, is_new: bool = False
    ) -> None:
        self.context = context
        self.using = context.using
        self.group = group
        self.event = event
        """The key of the event that is going to tell of the change, if anything changes."""
        self.is_new = is_new
        self.effects: list[dict[str, Any]] = []
        """Who came and left, to be written with that event; those of ``move`` are already."""
        self._held: set[UUID] = set()
        """The members among those that were asked for."""

    @property
    def rows(self) -> QuerySet[GroupMember]:
        """Return the memberships."""
        return GroupMember.objects.using(self.using).filter(group_id=self.group)

    @property
    def _accounts(self) -> LinkedAccountQuerySet:
        return LinkedAccount.objects.using(self.using).of(self.context.provider_id)

    @property
    def _groups(self) -> ProvisionedGroupQuerySet:
        return ProvisionedGroup.objects.using(self.using).of(self.context.provider_id)

    @cached_property
    def _sight(self) -> Sight:
        return Sight(self.context)

    def without_filters(self, change: MemberChange) -> MemberChange:
        """Return a change by ids alone; its filters have been answered.

        Raises:
            TooMany: they look at more members than are allowed.
        """
        if not change.filters:
            return change
        limit = get_settings().MAX_PATCH_STEPS
        return change.without_filters(self._elements(change), limit)

    def _elements(self, change: MemberChange) -> Iterator[Resource]:
        """Yield who is, or is being, a member as ``members`` shows it, if a filter can match it."""
        anchor = change.anchor()
        kinds: tuple[tuple[str, QuerySet[Any], str, str], ...] = (
            ("User", self._accounts, "display_name", "display_key"),
            ("Group", self._groups, "display_name", "display_name_key"),
        )
        new = [id for id in change.added_before_filters() if may_be_id(id)]
        for kind, rows, name, folded in kinds:
            relation = "memberships" if kind == "User" else "parents"
            wanted = [rows.filter(among_texts(self.using, "scim_id", new))] if new else []
            if change.cleared:
                pass
            elif anchor is None:
                wanted += self._held_rows(rows, relation)
            else:
                ids = [id for id in anchor.values if may_be_id(id)]
                longest = rows.model._meta.get_field(folded).max_length
                names = sorted({each[:longest] for each in anchor.names})
                for held in self._held_rows(rows, relation):
                    wanted += [held.filter(among_texts(self.using, "scim_id", ids))] if ids else []
                    wanted += [
                        held.filter(**{f"{folded}__in": names[start : start + ROWS]})
                        for start in range(0, len(names), ROWS)
                    ]
            for found in wanted:
                for id, display in self._shown(kind, found, "scim_id", name):
                    yield member_entry(self.context.base_url, kind, id, display)

    def _shown(self, kind: str, rows: QuerySet[Any], *columns: str) -> Iterable[tuple[Any, ...]]:
        """Return columns of accounts in sight, or of groups."""
        if kind == "User" and vendor_of(self.using).orm_only:
            return self._sight.rows(rows, *columns)
        if kind == "User":
            rows = visible(rows, self.using, self.context.organization_id)
        return rows.values_list(*columns)

    def _held_rows(self, rows: QuerySet[Any], relation: str) -> list[QuerySet[Any]]:
        """Return accounts or groups that are members, in parts."""
        if not vendor_of(self.using).orm_only:
            return [rows.filter(**{f"{relation}__group": self.group})]
        keys = sorted(member_keys(self.using, self.group))
        return [rows.filter(pk__in=some) for some in batched(keys)]

    def move(self, change: MemberChange) -> int | None:
        """Make the change in as few statements as there can be; return how many came or went.

        None, and nothing has happened, where the database has no such statements, or roles are in
        use by now.

        Raises:
            InvalidValue: as ``apply``.
        """
        if not vendor_of(self.using).writes_in_with:
            return None
        added = [id for id in change.added if may_be_id(id)]
        removed = [id for id in change.removed if may_be_id(id)]
        found: Moved | None = Moved(0, [])
        if added or removed or change.cleared:
            found = move_members(
                self.context,
                self.group,
                added=added,
                removed=removed,
                cleared=change.cleared,
                only=seen(self.using, self.context.organization_id),
                event=self.event,
            )
        if found is None:
            return None
        left = set(found.not_accounts).union(change.added.keys() - set(added))
        return found.number + self._nest([id for id in change.added if id in left])

    def _nest(self, ids: Sequence[str]) -> int:
        """Add groups, by their ids, and return how many came.

        Raises:
            InvalidValue: as ``apply``.
        """
        if not ids:
            return 0
        groups = [key for key in self._groups_of(ids) if key not in self._held]
        inserted = self._insert_groups(groups)
        self._tell(groups, ())
        return inserted

    def apply(self, change: MemberChange) -> int:
        """Make the change and return how many members came or went.

        Raises:
            InvalidValue: somebody who is added does not exist, or the group would hold itself.
        """
        accounts, groups = self._found(change.added)
        left: set[UUID] = set()
        if not self.is_new:
            # To leave one out costs a look at its key, to insert it in vain ten times that.
            if change.cleared:
                self._held = member_keys(self.using, self.group)
                left = self._held.difference(accounts, groups)
            else:
                named = self._named(change.removed)
                left = (named & self._held).difference(accounts, groups)
            accounts = [key for key in accounts if key not in self._held]
            groups = [key for key in groups if key not in self._held]
        moved = self._delete(left)
        moved += self._insert("account_id", accounts) + self._insert_groups(groups)
        self._tell([*accounts, *groups], left)
        return moved

    def _tell(self, came: Iterable[UUID], left: Iterable[UUID]) -> None:
        """Note who came and who left."""
        self.effects += [effect(self.event, key, KINDS.LEFT) for key in sorted(left)]
        self.effects += [effect(self.event, key, KINDS.JOINED) for key in came]

    def _keys_of(self, rows: QuerySet[Any], ids: Collection[str]) -> dict[str, UUID]:
        """Return the keys of rows by their ids, and note which are members of the group."""
        if self.is_new:
            return keys_of(rows, ids)
        keys, held = keys_and_members(self.using, self.group, rows, ids)
        self._held |= held
        return keys

    def _found(self, ids: Collection[str]) -> tuple[list[UUID], list[UUID]]:
        """Return the accounts and the groups of the connection that ids name; a user's goes first.

        Raises:
            InvalidValue: an id names neither.
        """
        if vendor_of(self.using).orm_only:
            in_sight = self._sight.ids(self._accounts, [*filter(may_be_id, ids)])
            accounts = self._keys_of(self._accounts, in_sight)
        else:
            seen = visible(self._accounts, self.using, self.context.organization_id)
            accounts = self._keys_of(seen, list(ids))
        groups = self._groups_of([id for id in ids if id not in accounts])
        return sorted(accounts.values()), groups

    def _groups_of(self, ids: Sequence[str]) -> list[UUID]:
        """Return the groups of the connection that ids name, in order.

        Raises:
            InvalidValue: an id names none.
        """
        groups = self._keys_of(self._groups, ids)
        for id in ids:
            if id not in groups:
                raise InvalidValue(f"members.value {id[:64]!r} is not a user or group.")
        return sorted(groups.values())

    def _named(self, ids: Collection[str]) -> set[UUID]:
        """Return the accounts and groups that ids name; a user's goes first."""
        if not ids:
            return set()
        accounts = self._keys_of(self._accounts, ids)
        groups = self._keys_of(self._groups, [id for id in ids if id not in accounts])
        return {*accounts.values(), *groups.values()}

    def _delete(self, keys: Collection[UUID]) -> int:
        """Delete the memberships of accounts and groups."""
        if not keys:
            return 0
        if vendor_of(self.using).orm_only:
            parts = [Q(member_key__in=some) for some in batched(sorted(keys))]
        else:
            parts = [among(self.using, "member_key", keys)]
        return sum(self.rows.filter(part).delete()[0] for part in parts)

    def _insert(self, column: str, keys: Sequence[UUID]) -> int:
        """Add memberships that are not there yet."""
        insert, inserted = _inserts[column], 0
        kind = column.removesuffix("_id")
        for start in range(0, len(keys), ROWS):
            rows = [
                {"id": uuid7(), "group": self.group, kind: key, "member_key": key}
                for key in keys[start : start + ROWS]
            ]
            ignores = not vendor_of(self.using).orm_only  # there, whoever comes second begins again
            inserted += insert.run(self.using, rows, ignore_conflicts=ignores)
        return inserted

    def _insert_groups(self, keys: Sequence[UUID]) -> int:
        """Add groups that are not members yet.

        Raises:
            InvalidValue: the group would hold itself.
        """
        if keys and not self.is_new:  # else nobody knows it yet who could hold it
            self._refuse_circle(keys)
        return self._insert("child_id", keys)

    def _refuse_circle(self, children: Sequence[UUID]) -> None:
        """Refuse children that hold the group, at any depth; nobody else nests meanwhile.

        At REPEATABLE READ what is read may be older than the wait before. So the groups above are
        locked and the children written: a group that somebody else has nested since refuses that,
        and the transaction runs again.

        Raises:
            InvalidValue: one does.
        """
        be_alone(self.using, self.context.provider_id)
        holders = above(self.using, [self.group])
        if not {self.group, *holders}.isdisjoint(children):
            raise InvalidValue("A group cannot be a member of itself, however indirectly.")
        near = self._groups.filter(among(self.using, "pk", {*children, *holders})).order_by("pk")
        list(locked(near).values_list("pk"))
        self._groups.filter(among(self.using, "pk", children)).update(version=F("version"))
