"""Which accounts the connection of an organization sees, asked of those that are at hand.

Rows are found first, and then the organization backend is asked who of their users is a member: an
organization may have many times as many members as anybody asks for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from django_scim_provider.organizations import Members, require_organization_backend
from django_scim_provider.storage.sql.statements.by_orm import batched
from django_scim_provider.storage.store_context import StoreContext

Row = tuple[Any, ...]
_COLUMNS = ("user_id", "active")


class Sight:
    """What one connection sees, for one request: all of its own, or those who are members.

    Raises:
        Forbidden: the project has no organizations any more.
    """

    def __init__(self, context: StoreContext) -> None:
        self._organization_id = context.organization_id
        self.is_whole = self._organization_id is None
        """Is no account of the connection out of sight?"""
        if not self.is_whole:
            self._backend = require_organization_backend(using=context.using)

    def rows(self, accounts: QuerySet[Any, Any], *columns: str) -> list[Row]:
        """Return these columns of the accounts in sight."""
        names = self.columns(columns)
        kept = self.kept(list(accounts.values_list(*names)), names)
        return [row[: len(columns)] for row in kept]

    def ids(self, accounts: QuerySet[Any, Any], ids: Sequence[str]) -> list[str]:
        """Return those of the ids that name an account in sight."""
        if self.is_whole:
            return list(ids)
        found: list[str] = []
        for some in batched(ids):
            named = accounts.filter(scim_id__in=some).order_by()
            found += [id for (id,) in self.rows(named, "scim_id")]
        return found

    def columns(self, wanted: Sequence[str]) -> list[str]:
        """Return the columns to read for ``kept``: those that are wanted, and what it looks at."""
        # Django 5.2.0 selects a column once, however often it is named.
        return list(wanted) if self.is_whole else list(dict.fromkeys((*wanted, *_COLUMNS)))

    def kept(self, rows: list[Row], columns: Sequence[str]) -> list[Row]:
        """Return the rows of accounts in sight, of rows with these ``columns``."""
        if self.is_whole or not rows:
            return rows
        user, active = (columns.index(name) for name in _COLUMNS)
        open = not self._backend.keeps_inactive
        asked = {row[user] for row in rows if row[active] or not open}
        members = self._among(asked)
        return [row for row in rows if row[user] in members or (open and not row[active])]

    def _among(self, users: Collection[Any]) -> set[Any]:
        found: set[Any] = set()
        for some in batched(list(users)):
            found |= self._members.among(some)
        return found

    @cached_property
    def _members(self) -> Members:
        return Members(self._backend, str(self._organization_id))
