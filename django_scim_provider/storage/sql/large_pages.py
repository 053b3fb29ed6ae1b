"""Pages whose resources are too large to be held at once: they are read while they are sent.

The query that finds a page brings the short texts, and of each long one its length and its key. So
an ordinary page takes one query, and no page takes more memory than as many short texts would.
Long texts are read by their keys, a few at a time, with a query each time: a cursor that stays open
on the server would not survive a pooler. A resource that is deleted meanwhile is left out, and one
that is changed is shown as it is by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, QuerySet, TextField
from django.db.models.expressions import Expression
from django.db.models.sql.compiler import SQLCompiler

from django_scim_provider.core.stores import Page, Part, Position, Stored, Values
from django_scim_provider.storage.sql.vendors import vendor_of

MAX_SHORT = 8 * 1024
"""Bytes of a text that comes with the page."""
MAX_RUN = 256 * 1024
"""Bytes of texts that are read and held at once, but for a single one that is longer."""
MAX_AT_ONCE = 10_000
"""Values of a multi-valued attribute that are held at once, of all resources of an answer."""
BATCH = 2000
"""Values that are read at once where there are more."""


class ShownText(Expression):
    """The column ``resource``, or the mark of a long text: its length and the key of its row."""

    def __init__(self) -> None:
        super().__init__(output_field=TextField())
        self.columns: list[Any] = [F("resource"), F("pk")]

    def get_source_expressions(self) -> list[Any]:
        """Return the columns, so that Django resolves them."""
        return self.columns

    def set_source_expressions(self, exprs: Any) -> None:
        """Take the resolved columns."""
        self.columns = list(exprs)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Choose in the database, so that a long text is not even sent."""
        text, key = (compiler.compile(column)[0] for column in self.columns)
        vendor = vendor_of(connection)
        length, mark = vendor.byte_length(text), vendor.mark(text, key)
        return f"CASE WHEN {length} > {MAX_SHORT} THEN {mark} ELSE {text} END", []


def shown_text(text: str, key: Any) -> str:
    """Return what ``ShownText`` has the database choose."""
    length = len(text.encode())
    return f"{length}:{key}" if length > MAX_SHORT else text


def _is_mark(text: str) -> bool:
    # A text begins with a brace, a mark with the digits of a length.
    return text[:1].isdigit()


def _length(text: str) -> int:
    """Return the length of a text, or of the one that a mark stands for."""
    return int(text.partition(":")[0]) if _is_mark(text) else len(text)


class Related(Protocol):
    """Reads the relation of resources, where their rows have not told it."""

    def few(self, texts: Sequence[str], told: Sequence[Any]) -> list[str] | None:
        """Return the texts with all values in them; None where these are too many at once.

        ``told`` is what the row of each has in the column ``related`` of ``Columns``.
        """

    def each(self, texts: Sequence[str]) -> Iterator[Part]:
        """Yield each resource with its values, however many."""

    def values(self, text: str) -> Values:
        """Return the values of one resource, however many."""


Finish = Callable[[Sequence[str]], Sequence[str]]


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page as its query found it."""

    texts: Sequence[str]
    """Texts, and marks of long ones."""
    told: Sequence[Any]
    """Of each, what its row tells of the values in its relation; see ``Related``."""
    total: int | None
    next: Position | None = None


def with_values(stored: Stored, related: Related, told: Any = True) -> Stored:
    """Return a resource with the values of its relation."""
    # What is few takes one query; only who has more than that pays for a second one.
    texts = related.few([stored.text], [told])
    if texts is None:
        return replace(stored, values=related.values(stored.text))
    return Stored(stored.id, stored.version, texts[0])


def completed(
    found: FoundPage,
    rows: Callable[[], QuerySet[Any]],
    related: Related | None,
    finish: Finish | None = None,
) -> Page:
    """Return a page with the values of the relation, as texts, or as parts where it is large.

    ``rows`` returns rows of the connection, from which long texts are read by their keys; it is
    asked where the page is large. Who is out of sight was not found for the page.
    ``finish`` makes what is shown of stored texts, before the relation is put into them.
    """
    if not any(found.told):
        # The query of the page has seen that nobody has a value: there is nothing to read.
        related = None
    if not any(map(_is_mark, found.texts)):
        stored = found.texts if finish is None else finish(found.texts)
        texts = stored if related is None else related.few(stored, found.told)
        if texts is not None:
            return Page(texts, found.total, found.next)
    parts = _LargePage(found.texts, rows(), related, finish)
    return Page((), found.total, found.next, parts=parts)


@dataclass(frozen=True, slots=True)
class _LargePage:
    """The resources of a page in its order; implements ``Parts``."""

    texts: Sequence[str]
    """Texts and marks."""
    rows: QuerySet[Any]
    related: Related | None
    finish: Finish | None = None

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[Part]:
        for run in self._runs():
            texts = self._read(run)
            if self.finish is not None:
                texts = list(self.finish(texts))
            yield from map(Part, texts) if self.related is None else self.related.each(texts)

    def _runs(self) -> Iterator[list[str]]:
        """Divide the page into what is read at once."""
        run: list[str] = []
        size = 0
        for text in self.texts:
            size += _length(text)
            # A single text that is longer than a run is a run of its own.
            if run and size > MAX_RUN:
                yield run
                run, size = [], _length(text)
            run.append(text)
        yield run

    def _read(self, run: Sequence[str]) -> list[str]:
        """Return the texts of a run, without those that are gone."""
        long = [self._key(text) for text in run if _is_mark(text)]
        if not long:
            return list(run)
        found = self.rows.filter(pk__in=long).order_by().values_list("pk", "resource")
        read: dict[Any, str] = dict(found)
        # In the order of the page, which ``IN`` does not keep.
        texts = (read.get(self._key(text)) if _is_mark(text) else text for text in run)
        return [text for text in texts if text is not None]

    def _key(self, mark: str) -> Any:
        """Return the key that stands in a mark as the database spells it."""
        return self.rows.model._meta.pk.to_python(mark.partition(":")[2])
