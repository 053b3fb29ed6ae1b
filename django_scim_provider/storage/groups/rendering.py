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
from django_scim_provider.core.stored_text import id_of, segment, splice
from django_scim_provider.core.stores import Part
from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup
from django_scim_provider.storage.portable.memberships import (
    members_of,
    named_members,
    numbers_of_members,
)
from django_scim_provider.storage.portable.sight import Sight
from django_scim_provider.storage.sql.large_pages import BATCH, MAX_AT_ONCE
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.visibility import visible


class MembersOfGroups:
    """The ``members`` of groups; users whom the connection does not see any more are left out."""

    def __init__(self, context: StoreContext) -> None:
        self.using = context.using
        self.base_url = context.base_url
        self.provider_id = context.provider_id
        self.groups = ProvisionedGroup.objects.using(context.using).of(context.provider_id)
        self.all_rows = GroupMember.objects.using(context.using)
        self.rows: QuerySet[GroupMember] = self.all_rows
        self.orm_only = vendor_of(context.using).orm_only
        if self.orm_only:
            self.sight = Sight(context)
        elif context.organization_id is not None:
            accounts = visible(LinkedAccount.objects.all(), context.using, context.organization_id)
            self.rows = self.rows.filter(Q(account=None) | Q(account__in=accounts.values("pk")))

    def few(self, texts: Sequence[str], told: Sequence[Any]) -> list[str] | None:
        """Return the texts with all members in them; None where these are too many at once."""
        if not texts:
            return []
        rows = self._of(texts, limit=MAX_AT_ONCE + 1)
        return None if rows is None else self._spliced(texts, rows)

    def all(self, texts: Sequence[str]) -> list[str]:
        """Return the texts with all members in them, however many."""
        return self._spliced(texts, self._of(texts) or ())

    def each(self, texts: Sequence[str]) -> Iterator[Part]:
        """Yield each group; small ones are read together."""
        groups = self.groups.filter(scim_id__in=[id_of(text) for text in texts])
        if self.orm_only:
            counts = numbers_of_members(groups)
        else:
            counts = dict(groups.values_list("scim_id").annotate(Count("members")).order_by())
        small: list[str] = []
        held = 0
        for text in texts:
            number = counts.get(id_of(text), 0)
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
        """Yield the members of one group: users, then groups, each in the order of their keys."""
        key = self.groups.filter(scim_id=id_of(text)).values_list("pk", flat=True).first()
        rows = self.rows.filter(group_id=key)
        for member, name, kind in _KINDS:
            ordered = rows.filter(**{f"{member}__isnull": False}).order_by("member_key")
            last = UUID(int=0)
            found: list[Any]
            told: list[Any]
            while True:
                behind = ordered.filter(member_key__gt=last)
                if self.orm_only:
                    found = list(behind.values_list("member_key", "account_id", "child_id")[:BATCH])
                    users, groups = named_members(
                        self.using, (row[1:] for row in found), self.sight
                    )
                    named = users if kind == "User" else groups
                    keys = (account if kind == "User" else child for _, account, child in found)
                    told = [named[key] for key in keys if key in named]
                else:
                    shown = behind.values_list("member_key", f"{member}__scim_id", name)
                    found = list(shown[:BATCH])
                    told = [row[1:] for row in found]
                if told:
                    yield [self._entry(kind, *each) for each in told]
                if len(found) < BATCH:
                    break
                last = found[-1][0]

    def _of(self, texts: Sequence[str], *, limit: int | None = None) -> list[Any] | None:
        """Return the members of groups; None where there are ``limit`` of them or more."""
        if self.orm_only:
            ids = [id_of(text) for text in texts]
            return members_of(self.groups, ids, self.sight, limit=limit)
        shown = (column for member, name, _ in _KINDS for column in (f"{member}__scim_id", name))
        own: dict[str, Any] = {"group__provider_id": self.provider_id}
        members = self.rows.filter(group__scim_id__in=[id_of(text) for text in texts], **own)
        rows = list(members.order_by().values_list("pk", "group__scim_id", *shown)[:limit])
        return None if len(rows) == limit else rows

    def _spliced(self, texts: Sequence[str], rows: Iterable[Any]) -> list[str]:
        members: dict[str, list[Resource]] = {}
        for _, group, account, user, child, name in sorted(rows, key=itemgetter(0)):
            entry = (
                self._entry("User", account, user)
                if child is None
                else self._entry("Group", child, name)
            )
            members.setdefault(group, []).append(entry)
        return [splice(text, "members", members.get(id_of(text))) for text in texts]

    def _entry(self, kind: str, id: str, display: str | None) -> Resource:
        return member_entry(self.base_url, kind, id, display)


def member_entry(base_url: str, kind: str, id: str, display: str | None) -> Resource:
    """Return a member as ``members`` shows it; without ``display`` where nobody gave it a name."""
    ref = f"{base_url}/{kind}s/{segment(id)}"
    entry: Resource = {"value": id, "$ref": ref, "type": kind}
    if display is not None:
        entry["display"] = display
    return entry


_KINDS = (
    ("account", "account__display_name", "User"),
    ("child", "child__display_name", "Group"),
)
