"""A look at each of the rows that may match, a batch at a time: the evaluator decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Model, QuerySet

from django_scim_provider.core.filters.expressions import (
    BoundAnd,
    BoundFilter,
    BoundNot,
    BoundOr,
    BoundPresent,
    BoundValuePath,
)
from django_scim_provider.core.filters.matching import matches
from django_scim_provider.core.folding import SORT_MARK
from django_scim_provider.core.schemas.definitions import Attribute, Resource, Target
from django_scim_provider.core.stores import Sort
from django_scim_provider.storage.portable.narrowing import FilterNarrowing, Narrowed, RelationAsked
from django_scim_provider.storage.portable.sight import Sight
from django_scim_provider.storage.portable.sorting import sorted_by
from django_scim_provider.storage.sql.columns.declared import Column
from django_scim_provider.storage.sql.columns.text_columns import TextColumn
from django_scim_provider.storage.sql.columns.value_columns import BooleanColumn
from django_scim_provider.storage.sql.indexed.cut_columns import CutColumn
from django_scim_provider.storage.sql.searching.lookups import as_term
from django_scim_provider.storage.sql.statements.by_orm import BATCH, batched
from django_scim_provider.storage.sql.time_limits import Deadline

DOCUMENTS_AT_ONCE = 20
"""Documents that are held in memory, of whatever size."""
_YES = "true"


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """Rows that a connection sees, and how their filters are answered."""

    rows: QuerySet[Any, Any]
    narrowing: FilterNarrowing
    document: type[Model] | None = None
    """The table that holds their folded documents, with their keys; None: their own."""
    sight: Sight | None = None
    """Which of the rows are seen, where these are accounts; None: all."""

    @property
    def shows_all(self) -> bool:
        """Tell whether each of the rows is seen."""
        return self.sight is None or self.sight.is_whole


@dataclass(slots=True, eq=False)
class Scan:
    """Goes through the rows that a filter narrows down to, in the order of their keys."""

    listing: Listing
    narrowed: Narrowed
    bound: BoundFilter | None
    """What decides; None: all of them match."""
    sort: Sort | None = None
    deadline: Deadline = field(default_factory=Deadline)
    asked: dict[str, RelationAsked] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        if self.bound is not None:
            self.bound = self._without_computed(self.bound)

    def found(self, behind: UUID | None = None) -> Iterator[tuple[UUID, Any]]:
        """Yield the key of each match, and its value to sort by.

        Raises:
            TooMany: it takes longer than ``QUERY_TIME_LIMIT``, and no index led here.
        """
        shown = self._shown_by_columns()
        reads = self._reads_documents(shown)
        column = self.sort_column
        names = [column] if column else []
        names += [] if reads else [each.name for each in shown.values()]
        # Django 5.2.0 selects a column once, however often it is named.
        names = list(dict.fromkeys(names))
        for batch in self._batches(behind, names):
            self._check_time()  # also where nothing of any batch is in sight
            keys = [row[0] for row in batch]
            among = {name: asked.among(keys) for name, asked in self.asked.items()}
            values = {key: row[0] for key, *row in batch} if column else {}
            documents = self._read(keys) if reads else _made(batch, shown, names)
            for key, document in documents:
                self._check_time()
                if self.bound is not None:
                    document.update((name, _YES) for name, held in among.items() if key in held)
                    if not matches(self.bound, document):
                        continue
                if column or self.sort is None:
                    yield key, values.get(key)
                else:
                    yield key, sorted_by(self.sort.target, document)

    def _check_time(self) -> None:
        if not self.narrowed.few:
            self.deadline.check()

    @property
    def sort_column(self) -> str | None:
        """The row's own column that is sorted by."""
        if self.sort is None:
            return None
        return self.listing.narrowing.sort_column(str(self.sort.target))

    def _batches(self, behind: UUID | None, names: Sequence[str]) -> Iterator[list[Any]]:
        rows = self.listing.rows.filter(self.narrowed.condition).order_by("pk")
        sight, columns = self.listing.sight, ["pk", *names]
        if sight is not None:
            columns = sight.columns(columns)
        told: QuerySet[Any, Any] = rows.values_list(*columns)

        def seen(batch: list[Any]) -> list[Any]:
            if sight is None or sight.is_whole:
                return batch
            return [row[: 1 + len(names)] for row in sight.kept(batch, columns)]

        if self.narrowed.keys is not None:
            keys = self.narrowed.keys
            for some in batched(sorted(key for key in keys if behind is None or key > behind)):
                yield seen(list(told.filter(pk__in=some)))
            return
        while True:
            batch = list((told if behind is None else told.filter(pk__gt=behind))[:BATCH])
            yield seen(batch)
            if len(batch) < BATCH:
                return
            behind = batch[-1][0]

    def _read(self, keys: Sequence[UUID]) -> Iterator[tuple[UUID, Resource]]:
        model = self.listing.document or self.listing.rows.model
        rows: QuerySet[Any, Any] = QuerySet(model, using=self.listing.rows.db)
        rows = rows.filter(pk__in=keys).order_by("pk")
        for key, text in rows.values_list("pk", "folded").iterator(chunk_size=DOCUMENTS_AT_ONCE):
            yield key, orjson.loads(text)

    def _reads_documents(self, shown: Mapping[str, _Shown]) -> bool:
        """Tell whether columns and what was asked apart do not say all that is needed."""
        if self.sort is not None and not self.sort_column:
            return True
        targets = [] if self.bound is None else list(_targets(self.bound))
        return any(str(each) not in shown and str(each) not in self.asked for each in targets)

    def _shown_by_columns(self) -> dict[str, _Shown]:
        if self.bound is None:
            return {}
        columns = self.listing.narrowing.own.columns
        shown = {}
        for target in _targets(self.bound):
            column = columns.get(str(target))
            if column is not None and (told := _shown(target, column)) is not None:
                shown[str(target)] = told
        return shown

    def _without_computed(self, bound: BoundFilter) -> BoundFilter:
        """Return a filter with an attribute of its own for each condition that is asked apart."""
        match bound:
            case BoundAnd(terms):
                return BoundAnd(tuple(self._without_computed(term) for term in terms))
            case BoundOr(terms):
                return BoundOr(tuple(self._without_computed(term) for term in terms))
            case BoundNot(term):
                return BoundNot(self._without_computed(term))
        target = bound.target
        ask = (self.listing.narrowing.computed or {}).get(target.attribute.name)
        if ask is None or target.extension is not None:
            return bound
        name = f"{target.attribute.name}{SORT_MARK}{len(self.asked)}"
        self.asked[name] = ask(as_term(bound))
        return BoundPresent(Target(Attribute(name=name)))


@dataclass(frozen=True, slots=True)
class _Shown:
    """An attribute that a column holds as the folded document does."""

    attribute: str
    name: str
    is_boolean: bool

    def put(self, value: Any, document: Resource) -> None:
        if value is not None:
            folded = (_YES if value else "false") if self.is_boolean else value
            document[self.attribute] = folded


def _shown(target: Target, column: Column) -> _Shown | None:
    if target.sub is not None or target.extension is not None:
        return None
    is_boolean = isinstance(column, BooleanColumn)
    if not is_boolean and (not isinstance(column, TextColumn) or isinstance(column, CutColumn)):
        return None
    named: Any = column
    return _Shown(target.attribute.name, named.name, is_boolean)


def _made(
    batch: Sequence[Any], shown: Mapping[str, _Shown], names: Sequence[str]
) -> Iterator[tuple[UUID, Resource]]:
    """Yield the documents that columns of these names make."""
    for key, *values in batch:
        document: Resource = {}
        read = dict(zip(names, values, strict=True))
        for each in shown.values():
            each.put(read[each.name], document)
        yield key, document


def _targets(bound: BoundFilter) -> Iterator[Target]:
    match bound:
        case BoundAnd(terms) | BoundOr(terms):
            for term in terms:
                yield from _targets(term)
        case BoundNot(term):
            yield from _targets(term)
        case BoundValuePath(target):
            yield target
        case _:
            yield bound.target
