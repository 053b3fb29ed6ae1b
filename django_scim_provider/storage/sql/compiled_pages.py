"""The list requests that identity providers repeat all day, as statements compiled once.

These are: one exact value of an indexed column (``userName eq``, ``externalId eq``), the first page
of everything, and the next page by a cursor, of the app's own models alone: models, managers and
stores of the project's are asked each time. All other queries go the general way of ``paging``; the
answers are the same. Tenant, value and limit are parameters, so there is one statement for each
shape, however many connections there are and whatever ``count`` a client sends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import CharField, IntegerField, Model, Q, QuerySet, UUIDField
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from django_scim_provider.core.filters.expressions import BoundComparison
from django_scim_provider.core.stores import Page, Position, Query
from django_scim_provider.storage.sql.columns import Column, TextColumn
from django_scim_provider.storage.sql.compiled import LIMIT, OpenPlace, Select, count_where
from django_scim_provider.storage.sql.large_pages import ShownText
from django_scim_provider.storage.store_context import StoreContext

_PROVIDER, _VALUE = "<provider>", "<value>"
_KEY = UUID("00000000-0000-7000-8000-000000000001")


class HotPages:
    """The statements of one of the app's own models.

    ``related`` is as in ``Columns``. ``only``, for the connection of an organization, is the
    condition that its rows satisfy now; see ``visibility.seen``.
    """

    def __init__(
        self, model: type[Model], columns: Mapping[str, Column], related: Combinable
    ) -> None:
        self.model = model
        self.related = related
        own = {"provider_id": (CharField(), _PROVIDER)}
        # A cursor goes on from the last key. As a text, since drivers are slow to make UUIDs.
        key = Cast("pk", CharField())
        self._first = self._statement(own)
        self._first_by_cursor = self._statement(own, key)
        self._next = self._statement({**own, "pk__gt": (UUIDField(), _KEY)}, key)
        self._by_value = {
            attribute: self._statement({**own, column.name: (CharField(), _VALUE)})
            for attribute, column in columns.items()
            if isinstance(column, TextColumn)
        }

    def _statement(self, conditions: Mapping[str, tuple[Any, Any]], *more: Combinable) -> Select:
        def build(using: str, *values: Any) -> QuerySet[Any, Any]:
            *given, limit = values
            rows = self.model._default_manager.using(using).order_by("pk")
            rows = rows.filter(OpenPlace(), **dict(zip(conditions, given, strict=True)))
            return rows.values_list(ShownText(), self.related, *more)[:limit]

        fields, stand_ins = zip(*conditions.values(), strict=True)
        return Select(build, (*fields, IntegerField()), (*stand_ins, LIMIT))

    def page(self, context: StoreContext, query: Query, only: Q | None = None) -> Page | None:
        """Return the page of a hot query, or None for any other."""
        if query.sort is not None or query.offset or not query.limit:
            return None
        if query.filter is None:
            return self._everything(context, query, only)
        return self._one_value(context, query, only)

    def _one_value(self, context: StoreContext, query: Query, only: Q | None) -> Page | None:
        wanted = query.filter
        if query.by_cursor or not isinstance(wanted, BoundComparison) or wanted.op != "eq":
            return None
        statement = self._by_value.get(str(wanted.target))
        if statement is None:
            return None
        arguments = context.provider_id, wanted.value, query.limit
        found = statement.rows(context.using, *arguments, only=only)
        # A full page may not be all there is: let the general way count.
        return made_page(found, len(found)) if len(found) < query.limit else None

    def _everything(self, context: StoreContext, query: Query, only: Q | None) -> Page:
        # One row more than is shown tells whether there is another page.
        using, provider_id, limit = context.using, context.provider_id, query.limit + 1
        if query.after is None:
            first = self._first_by_cursor if query.by_cursor else self._first
            found = first.rows(using, provider_id, limit, only=only)
        else:
            found = self._next.rows(using, provider_id, UUID(query.after.id), limit, only=only)
        shown = found[: query.limit]
        total = None
        if query.count_total:
            total = len(found)
            # A first page that is not full is all there is; a later one cannot know.
            if len(found) > query.limit or query.after is not None:
                total = self.count(context, only)
        following = None
        if query.by_cursor and len(found) > query.limit:
            following = Position(str(UUID(shown[-1][2])))
        return made_page(shown, total, following)

    def count(self, context: StoreContext, only: Q | None = None) -> int:
        """Return how many rows a connection sees."""
        if only is None:
            return count_where(self.model, context.using, "provider", context.provider_id)
        own: dict[str, Any] = {"provider_id": context.provider_id}
        return self.model._default_manager.using(context.using).filter(only, **own).count()


def made_page(found: Sequence[Any], total: int | None, following: Position | None = None) -> Page:
    """Return a page from rows of a text and whether it has related values."""
    return Page([row[0] for row in found], total, following, any(row[1] for row in found))
