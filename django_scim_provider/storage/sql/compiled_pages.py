"""The list requests that identity providers repeat all day, as statements compiled once.

These are: one exact value of an indexed column (``userName eq``, ``externalId eq``), any page of
everything by index, and the next page by a cursor, of the app's own models alone: models, managers
and stores of the project's are asked each time. First pages of any other filter, in the order of
creation, are the same statements with its condition in their open place. All other queries go the
general way of ``paging``; the answers are the same. Tenant, value, offset and limit are parameters,
so there is one statement for each shape, however many connections there are and whatever ``count``
a client sends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import (
    BigIntegerField,
    CharField,
    IntegerField,
    Model,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from django_scim_provider.core.filters.expressions import BoundComparison
from django_scim_provider.core.stores import Position, Query
from django_scim_provider.storage.sql.columns.declared import Column
from django_scim_provider.storage.sql.columns.text_columns import TextColumn
from django_scim_provider.storage.sql.large_pages import FoundPage, ShownText
from django_scim_provider.storage.sql.running import fetch_all
from django_scim_provider.storage.sql.statements.compiled import (
    LIMIT,
    OFFSET,
    Condition,
    OpenPlace,
    Select,
    count_where,
    joined,
)
from django_scim_provider.storage.sql.statements.connections_rows import of_connection_by_key
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext

DEEP_OFFSET = 100
"""From here on the ids of an index page are found first and the rows joined late.

What lies before the page is read in any case: as entries of an index, not as rows, of which
PostgreSQL would make all columns before it skips them."""
Conditions = Mapping[str, tuple[Any, Any]]
"""The field and the stand-in of each argument, by look-up."""
Statements = Mapping[tuple[bool, bool], Select]
_counted: dict[tuple[str, str], bool] = {}
"""By alias and table. Triggers are made by the migration: they do not come and go."""
_PROVIDER, _VALUE = "<provider>", "<value>"
_KEY = UUID("00000000-0000-7000-8000-000000000001")


NOTHING_TOLD = Value(False)
"""Stands for the column of related values where an answer does not show them."""


class HotPages:
    """The statements of one of the app's own models.

    ``related`` is as in ``Columns``.
    """

    def __init__(
        self, model: type[Model], columns: Mapping[str, Column], related: Combinable
    ) -> None:
        self.model = model
        own = {"provider_id": (CharField(), _PROVIDER)}
        # A cursor goes on from the last key. As a text, since drivers are slow to make UUIDs.
        key = Cast("pk", CharField())

        def statements(conditions: Conditions, *more: Combinable) -> Statements:
            return {
                (without, led): self._statement(conditions, told, *more, led=led)
                for without, told in ((False, related), (True, NOTHING_TOLD))
                for led in (False, True)
            }

        behind = {**own, "pk__gt": (UUIDField(), _KEY)}
        # Each by whether the answer leaves related values out, and whether a condition leads.
        self.first = statements(own)
        self.first_by_cursor = statements(own, key)
        self.next = statements(behind, key)
        self.by_index = {
            False: self._by_index_statement(related),
            True: self._by_index_statement(NOTHING_TOLD),
        }
        self.by_value = {
            attribute: statements({**own, column.name: (CharField(), _VALUE)})
            for attribute, column in columns.items()
            if isinstance(column, TextColumn)
        }

    def _statement(self, conditions: Conditions, *shown: Combinable, led: bool) -> Select:
        def build(using: str, *values: Any) -> QuerySet[Any, Any]:
            *given, limit = values
            wanted = dict(zip(conditions, given, strict=True))
            own = [of_connection_by_key(wanted.pop("provider_id"), using)] if led else []
            rows = self.model._default_manager.using(using).order_by("pk")
            rows = rows.filter(OpenPlace(), *own, **wanted)
            return rows.values_list(ShownText(), *shown)[:limit]

        fields, stand_ins = zip(*conditions.values(), strict=True)
        return Select(build, (*fields, IntegerField()), (*stand_ins, LIMIT))

    def _by_index_statement(self, *shown: Combinable) -> Select:
        # OFFSET skips keys, and the rows begin with the key behind them; see ``DEEP_OFFSET``. All
        # keys of a model stand in one order.
        def build(using: str, provider_id: str, offset: int, limit: int) -> QuerySet[Any, Any]:
            own: dict[str, Any] = {"provider_id": provider_id}
            rows = self.model._default_manager.using(using).filter(**own).order_by("pk")
            shown_rows = rows.values_list(ShownText(), *shown)
            if not _joins_at_once(using):
                return shown_rows[offset : offset + limit]
            first = Subquery(rows.values("pk")[offset : offset + 1])
            return shown_rows.filter(pk__gte=first)[:limit]

        fields = CharField(), BigIntegerField(), IntegerField()
        return Select(build, fields, (_PROVIDER, OFFSET, LIMIT))

    def of(self, context: StoreContext, only: Q | None = None) -> HotRows:
        """Return the rows of a connection.

        ``only``, for that of an organization, is the condition that they satisfy now; see
        ``visibility.seen``.
        """
        return HotRows(self, context, only)


@dataclass(frozen=True, slots=True)
class HotRows:
    """The rows that one connection sees, by compiled statements."""

    statements: HotPages
    context: StoreContext
    only: Q | None

    def page(self, query: Query) -> FoundPage | None:
        """Return the page of a hot query, or None for any other."""
        if query.offset and _in_order_of_keys(query) and query.filter is None:
            return self._by_index(query)
        if not is_from_the_start(query):
            return None
        if query.filter is None:
            return self._everything(query, self.only)
        return self._one_value(query)

    def matching(self, query: Query, condition: Condition, *, led: bool) -> FoundPage:
        """Return the page of the rows with a condition, of a query that ``is_from_the_start``.

        ``led``: the condition finds the keys of the rows in another table.
        """
        return self._everything(query, self.only, condition, led=led)

    def _one_value(self, query: Query) -> FoundPage | None:
        wanted = query.filter
        if query.by_cursor or not isinstance(wanted, BoundComparison) or wanted.op != "eq":
            return None
        statements = self.statements.by_value.get(str(wanted.target))
        if statements is None:
            return None
        arguments = self.context.provider_id, wanted.value, query.limit
        statement = statements[query.skip_members, False]
        found = statement.rows(self.context.using, *arguments, only=self.only)
        # A full page may not be all there is: let the general way count.
        return made_page(found, len(found)) if len(found) < query.limit else None

    def _by_index(self, query: Query) -> FoundPage | None:
        """Return a page of everything that is not the first."""
        if self.only is not None:
            return None
        if is_deep(query, self.context.using) and not _joins_at_once(self.context.using):
            return None
        provider_id = self.context.provider_id
        arguments = provider_id, query.offset, query.limit + 1
        found = self.statements.by_index[query.skip_members].rows(self.context.using, *arguments)
        total = None
        if query.count_total:
            # The last page shows where everything ends, and one behind that does not.
            is_last = 0 < len(found) <= query.limit
            total = query.offset + len(found) if is_last else self.count(None)
        return made_page(found[: query.limit], total)

    def _everything(
        self, query: Query, only: Q | None, where: Condition | None = None, *, led: bool = False
    ) -> FoundPage:
        # One row more than is shown tells whether there is another page.
        using, provider_id, limit = self.context.using, self.context.provider_id, query.limit + 1
        if query.after is None:
            statements = (
                self.statements.first_by_cursor if query.by_cursor else self.statements.first
            )
            statement = statements[query.skip_members, led]
            found = statement.rows(using, provider_id, limit, only=only, where=where)
        else:
            statement = self.statements.next[query.skip_members, led]
            after = UUID(query.after.id)
            found = statement.rows(using, provider_id, after, limit, only=only, where=where)
        shown = found[: query.limit]
        total = None
        if query.count_total:
            total = len(found)
            # A first page that is not full is all there is; a later one cannot know.
            if len(found) > query.limit or query.after is not None:
                total = self.count(only, where, led=led)
        position = None
        if query.by_cursor and len(found) > query.limit:
            position = Position(str(UUID(shown[-1][2])))
        return made_page(shown, total, position)

    def by_key(self) -> QuerySet[Any]:
        """Return the rows for a query that another table leads to their keys."""
        rows = self.statements.model._default_manager.using(self.context.using)
        own = of_connection_by_key(self.context.provider_id, self.context.using)
        return rows.filter(own) if self.only is None else rows.filter(own, self.only)

    def count(self, only: Q | None, where: Condition | None = None, *, led: bool = False) -> int:
        """Return how many rows of the connection satisfy conditions; None: all."""
        model, using, provider_id = (
            self.statements.model,
            self.context.using,
            self.context.provider_id,
        )
        if only is None and where is None:
            return count_all(model, using, provider_id)
        both = joined(model, using, only, where)
        if both is None:
            return 0
        return count_where(model, using, "provider", provider_id, both, led=led)


def count_all(model: type[Model], using: str, provider_id: str) -> int:
    """Return how many rows of a model a connection has."""
    table, sql = model._meta.db_table, vendor_of(using).kept_count
    if not sql or not _is_counted(using, table):
        return count_where(model, using, "provider", provider_id)
    ((count,),) = fetch_all(using, sql, [provider_id, table])
    return int(count or 0)


def _is_counted(using: str, table: str) -> bool:
    """Tell whether triggers count the rows of a table: tables may be made without migrations."""
    known = _counted.get((using, table))
    if known is None:
        asked = vendor_of(using).keeps_count(connections[using].ops.quote_name(table))
        ((found,),) = fetch_all(using, *asked)
        known = _counted[using, table] = bool(found)
    return known


def is_deep(query: Query, using: str) -> bool:
    """Tell whether the rows of an index page are to be joined late."""
    # Another statement costs what a thousand rows do, where it takes one.
    return query.offset >= (DEEP_OFFSET if _joins_at_once(using) else 10 * DEEP_OFFSET)


def _joins_at_once(using: str) -> bool:
    # MySQL and MariaDB refuse a LIMIT inside of IN, and go through all rows for a key that another
    # SELECT finds.
    return bool(connections[using].features.allow_sliced_subqueries_with_in)


def is_from_the_start(query: Query) -> bool:
    """Tell whether a page begins with the first row or behind a key, in the order of keys."""
    return not query.offset and _in_order_of_keys(query)


def _in_order_of_keys(query: Query) -> bool:
    return query.sort is None and query.limit > 0


def made_page(
    found: Sequence[Any], total: int | None, following: Position | None = None
) -> FoundPage:
    """Return a page from rows of a text and what it tells of related values."""
    return FoundPage([row[0] for row in found], [row[1] for row in found], total, following)
