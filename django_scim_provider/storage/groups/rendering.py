"""The attribute ``members`` of groups (see ``large_pages.Related``).

Few values are read in one query for all groups; it has a limit and no order, so that no database
looks for the order first. Of many, each group's members are read in the order of their unique
index, batch by batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.stored_text import id_of, splice
from django_scim_provider.core.stores import Part
from django_scim_provider.models import GroupMember, LinkedAccount
from django_scim_provider.storage.sql.large_pages import BATCH, MAX_AT_ONCE
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.visibility import visible


class MembersOfGroups:
    """The ``members`` of groups; users whom the connection does not see any more are left out."""

    def __init__(self, context: StoreContext) -> None:
        self.base_url = context.base_url
        self.all_rows = GroupMember.objects.using(context.using)
        self.rows: QuerySet[GroupMember] = self.all_rows
        if context.organization_id is not None:
            seen = visible(LinkedAccount.objects.all(), context.using, context.organization_id)
            self.rows = self.rows.filter(Q(account=None) | Q(account__in=seen.values("pk")))

    def few(self, texts: Sequence[str]) -> list[str] | None:
        """Return the texts with all members in them; None where these are too many at once."""
        rows = list(self._of(texts)[: MAX_AT_ONCE + 1])
        return None if len(rows) > MAX_AT_ONCE else self._spliced(texts, rows)

    def all(self, texts: Sequence[str]) -> list[str]:
        """Return the texts with all members in them, however many."""
        return self._spliced(texts, list(self._of(texts)))

    def each(self, texts: Sequence[str]) -> Iterator[Part]:
        """Yield each group; small ones are read together."""
        keys = [UUID(id_of(text)) for text in texts]
        counted = self.all_rows.filter(group_id__in=keys).values_list("group_id")
        counts = dict(counted.annotate(Count("pk")).order_by())
        small: list[str] = []
        held = 0
        for key, text in zip(keys, texts, strict=True):
            number = counts.get(key, 0)
            if held + number > BATCH:
                yield from map(Part, self.all(small))
                small, held = [], 0
            if number > BATCH:
                yield Part(text, self.values(text))
            else:
                small.append(text)
                held += number
        yield from map(Part, self.all(small))

    def values(self, text: str) -> Iterator[Sequence[Resource]]:
        """Yield the members of one group: users, then groups, each in the order of their ids."""
        rows = self.rows.filter(group_id=UUID(id_of(text)))
        for column, name, kind in _KINDS:
            last = UUID(int=0)
            while True:
                behind = rows.filter(**{f"{column}__gt": last}).order_by(column)
                found = list(behind.values_list(column, name)[:BATCH])
                if found:
                    yield [self._entry(kind, *each) for each in found]
                if len(found) < BATCH:
                    break
                last = found[-1][0]

    def _of(self, texts: Sequence[str]) -> QuerySet[Any, Any]:
        names = (name for column, name, _ in _KINDS for name in (column, name))
        members = self.rows.filter(group_id__in=[UUID(id_of(text)) for text in texts])
        return members.order_by().values_list("pk", "group_id", *names)

    def _spliced(self, texts: Sequence[str], rows: Iterable[Any]) -> list[str]:
        members: dict[str, list[Resource]] = {}
        for _, group, account, user, child, name in sorted(rows, key=itemgetter(0)):
            entry = (
                self._entry("User", account, user)
                if child is None
                else self._entry("Group", child, name)
            )
            members.setdefault(str(group), []).append(entry)
        return [splice(text, "members", members.get(id_of(text))) for text in texts]

    def _entry(self, kind: str, member: UUID, display: str) -> Resource:
        return {
            "value": str(member),
            "$ref": f"{self.base_url}/{kind}s/{member}",
            "type": kind,
            "display": display,
        }


_KINDS = (
    ("account_id", "account__user_name", "User"),
    ("child_id", "child__display_name", "Group"),
)
