"""The attribute ``groups`` of users (see ``large_pages.Related``).

Few values are read in one query for all users; it has a limit and no order, so that no database
looks for the order first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from django.db import connections

from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.stored_text import id_of, segment, splice
from django_scim_provider.core.stores import Part
from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup
from django_scim_provider.storage.sql.large_pages import BATCH, MAX_AT_ONCE
from django_scim_provider.storage.sql.running import fetch_all
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext


class GroupsOfUsers:
    """The ``groups`` of users; ``type`` is ``direct``, or ``indirect`` by a nested group."""

    def __init__(self, context: StoreContext) -> None:
        self.using = context.using
        self.provider_id = context.provider_id
        self.base_url = context.base_url

    def few(self, texts: Sequence[str]) -> list[str] | None:
        """Return the texts with all groups in them; None where these are too many at once."""
        rows = self._rows(texts, limit=MAX_AT_ONCE + 1)
        if len(rows) > MAX_AT_ONCE:
            return None
        found: dict[str, dict[Any, Any]] = {}
        for account, *membership in rows:
            _note(found.setdefault(account, {}), *membership)
        groups = {id: self._shown(held) for id, held in found.items()}
        return [splice(text, "groups", groups.get(id_of(text))) for text in texts]

    def each(self, texts: Sequence[str]) -> Iterator[Part]:
        """Yield each user, halving them until their groups are few at once."""
        whole = self.few(texts)
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

    def _rows(self, texts: Sequence[str], *, limit: int | None = None) -> Sequence[Any]:
        """Return rows of account id, whether it is indirect, and the group's key, id and name.

        A group may be there in both ways.
        """
        ids = [id_of(text) for text in texts]
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
