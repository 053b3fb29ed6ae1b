"""The attribute ``groups`` of users (see ``large_pages.Related``).

Nearly every user is in a few groups that no other group holds: then the query that finds users
brings all that is shown. What is left is read in one query for all users; it has a limit and no
order, so that no database looks for the order first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, TextField
from django.db.models.expressions import Expression
from django.db.models.sql.compiler import SQLCompiler

from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.stored_text import (
    attribute,
    id_of,
    segment,
    splice,
    with_attribute,
)
from django_scim_provider.core.stores import Part
from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup
from django_scim_provider.storage.portable.memberships import groups_of
from django_scim_provider.storage.sql.large_pages import BATCH, MAX_AT_ONCE, MAX_SHORT
from django_scim_provider.storage.sql.running import fetch_all
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.fragments.json_rows import JSONRows
from django_scim_provider.storage.store_context import StoreContext

MAX_TOLD = 50
"""Groups of one account that come with its row."""


class ToldGroups(Expression):
    """What the row of an account tells of its groups, so that they need no query of their own.

    It is a JSON list of the direct ones: of each its key, id and name, and whether another group
    holds it, so that there are indirect ones. Where they are more than ``MAX_TOLD``, and on vendors
    without such a sub-select, it tells no more than that there are some.
    """

    def __init__(self) -> None:
        super().__init__(output_field=TextField())
        self.key: list[Any] = [F("pk")]

    def get_source_expressions(self) -> list[Any]:
        """Return the key of the account, so that Django resolves it."""
        return self.key

    def set_source_expressions(self, exprs: Any) -> None:
        """Take the resolved key."""
        self.key = list(exprs)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Return a sub-select; ``vendors.base`` says what it is."""
        return told_sql(connection, compiler.compile(self.key[0])[0]), []


def told_sql(connection: BaseDatabaseWrapper, key: str) -> str:
    """Return what ``ToldGroups`` is in SQL; ``key`` is the column of the account's key."""
    quote = connection.ops.quote_name
    members, groups = quote(GroupMember._meta.db_table), quote(ProvisionedGroup._meta.db_table)
    is_held = f"EXISTS (SELECT 1 FROM {members} h WHERE h.child_id = m.group_id)"  # noqa: S608 - names of the models
    of_account = f"FROM {members} m JOIN {groups} g ON g.id = m.group_id WHERE m.account_id = {key}"
    columns = ("g.id", "g.scim_id", "g.display_name", is_held)
    rows = JSONRows(columns=columns, source=of_account, most=MAX_TOLD, size=MAX_SHORT)
    told = vendor_of(connection).rows_as_json(rows)
    return told or f"EXISTS (SELECT 1 {of_account})"


class GroupsOfUsers:
    """The ``groups`` of users; ``type`` is ``direct``, or ``indirect`` by a nested group."""

    def __init__(self, context: StoreContext) -> None:
        self.using = context.using
        self.provider_id = context.provider_id
        self.base_url = context.base_url

    def few(self, texts: Sequence[str], told: Sequence[Any]) -> list[str] | None:
        """Return the texts with all groups in them; None where these are too many at once."""
        shown, unread = list(texts), []
        # Users of a page are often in the same groups: what these look like is made once.
        attributes: dict[Any, str | None] = {}
        for place, groups in enumerate(told):
            if not groups:
                continue
            if groups not in attributes:
                attributes[groups] = self._told(groups)
            if (attribute := attributes[groups]) is None:
                unread.append(place)
            else:
                shown[place] = with_attribute(texts[place], attribute)
        if unread:
            keys = [told[place] for place in unread]
            read = self._read([texts[place] for place in unread], keys)
            if read is None:
                return None
            for place, text in zip(unread, read, strict=True):
                shown[place] = text
        return shown

    def _told(self, groups: Any) -> str | None:
        """Return the attribute that a row tells; None where it is to be read.

        That is where the row could not tell it, or where another group holds one of these groups.
        """
        if not isinstance(groups, str) or not groups.startswith("["):
            return None
        rows = orjson.loads(groups)
        # Databases write what is true into JSON as true, 1, or "1".
        if any(is_held in (True, "1") for *_, is_held in rows):
            return None
        shown = [self._entry(0, key, id, name) for key, id, name, _ in sorted(rows)]
        return attribute("groups", shown)

    def _read(self, texts: Sequence[str], told: Sequence[Any] = ()) -> list[str] | None:
        rows = self._rows(texts, told, limit=MAX_AT_ONCE + 1)
        if len(rows) > MAX_AT_ONCE:
            return None
        found: dict[str, dict[Any, Any]] = {}
        for account, *membership in rows:
            _note(found.setdefault(account, {}), *membership)
        groups = {id: self._shown(held) for id, held in found.items()}
        return [splice(text, "groups", groups.get(id_of(text))) for text in texts]

    def each(self, texts: Sequence[str]) -> Iterator[Part]:
        """Yield each user, halving them until their groups are few at once."""
        whole = self._read(texts)
        if whole is not None:
            yield from map(Part, whole)
        elif len(texts) == 1:
            yield Part(texts[0], self.values(texts[0]))
        else:
            middle = len(texts) // 2
            yield from self.each(texts[:middle])
            yield from self.each(texts[middle:])

    def values(self, text: str) -> Iterator[Sequence[Resource]]:
        """Yield the groups of one user; which they are is read at once, they come by recursion."""
        held: dict[Any, Any] = {}
        for _, *membership in self._rows([text]):
            _note(held, *membership)
        ordered = _in_order(held)
        del held
        for start in range(0, len(ordered), BATCH):
            yield [self._entry(*each) for each in ordered[start : start + BATCH]]

    def _rows(
        self, texts: Sequence[str], told: Sequence[Any] = (), *, limit: int | None = None
    ) -> Sequence[Any]:
        """Return rows of account id, whether it is indirect, and the group's key, id and name.

        A group may be there in both ways. ``told`` are the keys of the accounts, where the portable
        way found them.
        """
        ids = [id_of(text) for text in texts]
        if vendor_of(self.using).orm_only:
            known = bool(told) and all(isinstance(key, UUID) for key in told)
            accounts = dict(zip(told, ids, strict=True)) if known else None
            return groups_of(self.using, self.provider_id, ids, accounts=accounts, limit=limit)
        head, tail = _groups_sql(self.using)
        sql = f"{head}{', '.join(['%s'] * len(ids))}{tail}"
        if limit is not None:
            sql = f"{sql} LIMIT {limit:d}"
        return fetch_all(self.using, sql, [self.provider_id, *ids], varies=len(ids) > 1)

    def _shown(self, held: dict[Any, Any]) -> list[Resource]:
        return [self._entry(*each) for each in _in_order(held)]

    def _entry(self, indirect: int, key: Any, id: str, name: str) -> Resource:
        return {
            "value": id,
            "$ref": f"{self.base_url}/Groups/{segment(id)}",
            "display": name,
            "type": "indirect" if indirect else "direct",
        }


def _note(held: dict[Any, Any], indirect: int, group: Any, id: str, name: str) -> None:
    """Note a membership; the direct one counts where a group holds somebody in both ways."""
    known = held.get(group)
    if known is None or indirect < known[0]:
        held[group] = (indirect, group, id, name)


def _in_order(held: dict[Any, Any]) -> list[tuple[int, Any, str, str]]:
    """Return direct memberships first, and older groups first."""
    return sorted(held.values())


@lru_cache(maxsize=16)
def _groups_sql(using: str) -> tuple[str, str]:
    """Return what comes before and behind the places of the ids.

    The place of the connection's id is the first.
    """
    quote = connections[using].ops.quote_name
    members, groups = quote(GroupMember._meta.db_table), quote(ProvisionedGroup._meta.db_table)
    accounts = quote(LinkedAccount._meta.db_table)
    head, tail = f"""
        {vendor_of(using).recursion_prefix} WITH RECURSIVE held(id, group_id, indirect) AS (
            SELECT a.scim_id, m.group_id, 0 FROM {accounts} a
            JOIN {members} m ON m.account_id = a.id
            WHERE a.provider_id = %s AND a.scim_id IN (@)
            UNION
            SELECT held.id, m.group_id, 1 FROM held
            JOIN {members} m ON m.child_id = held.group_id
        )
        SELECT held.id, held.indirect, g.id, g.scim_id, g.display_name
        FROM held JOIN {groups} g ON g.id = held.group_id
    """.split("@")  # noqa: S608 - names of the models
    return head, tail
