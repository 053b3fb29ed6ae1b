"""The members of one group as a set in the database: changes touch what changes."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.membership import MemberChange
from django_scim_provider.core.stores import StoreContext
from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup
from django_scim_provider.statements import Insert
from django_scim_provider.storage.base import be_alone
from django_scim_provider.storage.forms import parse_id
from django_scim_provider.storage.visibility import visible

ROWS = 5000
"""Rows of one INSERT: two parameters each, and SQLite takes 32,766."""
_LISTS = {
    "sqlite": "SELECT value FROM json_each(%s)",
    "postgresql": "SELECT unnest(%s::uuid[])",
}
"""Many keys as one parameter, where parameters are few or large statements slow; MySQL and MariaDB
take a plain list, which they sort, and would read a table of JSON again for every row."""
_inserts = {
    "account_id": Insert(GroupMember, ("group", "account")),
    "child_id": Insert(GroupMember, ("group", "child")),
}


class MemberSet:
    """The members of a group that the transaction has locked."""

    def __init__(self, context: StoreContext, group: UUID) -> None:
        self.context = context
        self.using = context.using
        self.group = group

    @property
    def rows(self) -> QuerySet[GroupMember]:
        """Return the memberships."""
        return GroupMember.objects.using(self.using).filter(group_id=self.group)

    def apply(self, change: MemberChange) -> int:
        """Make the change and return how many members came or went.

        Raises:
            InvalidValue: somebody who is added does not exist, or the group would hold itself.
        """
        accounts, groups = self._found(change.added)
        moved = 0
        if change.cleared:
            moved += self._delete("account_id", keep=accounts)
            moved += self._delete("child_id", keep=groups)
        elif change.removed:
            keys = [key for id in change.removed if (key := parse_id(id)) is not None]
            moved += self._delete("account_id", keys)
            moved += self._delete("child_id", keys)
        moved += self._insert("account_id", accounts)
        if groups:
            self._refuse_circle(groups)
            moved += self._insert("child_id", groups)
        return moved

    def _found(self, ids: Iterable[str]) -> tuple[list[UUID], list[UUID]]:
        """Return the accounts and the groups of the connection that ids name.

        Raises:
            InvalidValue: an id names neither.
        """
        keys = {id: parse_id(id) for id in ids}
        wanted = [key for key in keys.values() if key is not None]
        accounts: set[UUID] = set()
        groups: set[UUID] = set()
        if wanted:
            own = LinkedAccount.objects.using(self.using).of(self.context.provider_id)
            seen = visible(own, self.using, self.context.organization_id)
            accounts = set(seen.filter(self._in("pk", wanted)).values_list("pk", flat=True))
        left = [key for key in wanted if key not in accounts]
        if left:
            own_groups = ProvisionedGroup.objects.using(self.using).of(self.context.provider_id)
            groups = set(own_groups.filter(self._in("pk", left)).values_list("pk", flat=True))
        for id, key in keys.items():
            if key is None or (key not in accounts and key not in groups):
                raise InvalidValue(f"members.value {id[:64]!r} is not a user or group.")
        return sorted(accounts), sorted(groups)

    def _delete(
        self, column: str, keys: Sequence[UUID] | None = None, *, keep: Sequence[UUID] = ()
    ) -> int:
        """Delete the memberships of these, or of all but those that are kept."""
        rows = self.rows.filter(**{f"{column}__isnull": False})
        if keys is not None:
            rows = rows.filter(self._in(column, keys))
        elif keep:
            rows = rows.exclude(self._in(column, keep))
        deleted, _ = rows.delete()
        return deleted

    def _insert(self, column: str, keys: Sequence[UUID]) -> int:
        """Add memberships that are not there yet."""
        insert, inserted = _inserts[column], 0
        kind = column.removesuffix("_id")
        for start in range(0, len(keys), ROWS):
            rows = [{"group": self.group, kind: key} for key in keys[start : start + ROWS]]
            inserted += insert.run(self.using, rows, ignore_conflicts=True)
        return inserted

    def _refuse_circle(self, children: Sequence[UUID]) -> None:
        """Refuse children that hold the group, at any depth; nobody else nests meanwhile.

        Raises:
            InvalidValue: one does.
        """
        be_alone(self.using, self.context.provider_id)
        members = GroupMember.objects.using(self.using)
        seen: set[UUID] = set()
        level: Collection[UUID] = set(children)
        while level:
            if self.group in level:
                raise InvalidValue("A group cannot be a member of itself, however indirectly.")
            seen |= set(level)
            below = members.filter(group_id__in=level, child__isnull=False)
            level = set(below.values_list("child_id", flat=True)) - seen

    def _in(self, column: str, keys: Sequence[UUID]) -> Q:
        """Return the condition that a column is one of many keys, which are one parameter."""
        vendor = connections[self.using].vendor
        if len(keys) == 1 or vendor not in _LISTS:
            return Q(**{f"{column}__in": list(keys)})
        listed: Any = [str(key) for key in keys]
        if vendor == "sqlite":
            listed = json.dumps(self._adapted(keys))
        return Q(**{f"{column}__in": RawSQL(_LISTS[vendor], (listed,))})  # noqa: S611 - constant texts

    def _adapted(self, keys: Sequence[UUID]) -> list[Any]:
        pk, connection = LinkedAccount._meta.pk, connections[self.using]
        return [pk.get_db_prep_value(key, connection) for key in keys]
