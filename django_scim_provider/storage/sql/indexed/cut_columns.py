"""Columns that hold the beginning of a folded text, so that every database can index it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, IntegerField, Q, Value
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from django_scim_provider.models.accounts import MAX_BEGINNING
from django_scim_provider.storage.sql.columns.text_columns import TextColumn
from django_scim_provider.storage.sql.vendors.fragments.placed import made_of

_DECIDED_EARLY = {"eq", "ne", "gt", "ge", "lt", "le"}


@dataclass(frozen=True, slots=True)
class CutColumn(TextColumn):
    """A column with the first ``MAX_BEGINNING`` characters of a text, or the whole of a shorter."""

    def compare(self, op: str, value: str) -> Q | None:
        """Compare where the beginning decides: a value that is shorter, or is the beginning."""
        if op in _DECIDED_EARLY and len(value) < MAX_BEGINNING:
            return TextColumn.compare(self, op, value)
        if op == "sw" and len(value) <= MAX_BEGINNING:
            return TextColumn.compare(self, op, value)
        return None

    def narrowed(self, op: str, value: str, whole: Q) -> Q:
        """Compare with the rest, which the document has: ``whole`` is the condition on it.

        It is read for the few texts that may be longer than the column.
        """
        if op in ("eq", "sw"):
            return Q(**{self.name: made_of(value, _beginning)}) & whole
        if op not in ("co", "ew"):
            return whole
        length = Length(F(self.name), output_field=IntegerField())
        short = Q(LessThan(length, Value(MAX_BEGINNING)))
        long = self.present() & Q(GreaterThanOrEqual(length, Value(MAX_BEGINNING)))
        by_column = TextColumn.compare(self, op, value)
        return (short & (by_column or Q()) & self.present()) | (long & whole)


def _beginning(text: str) -> str:
    return text[:MAX_BEGINNING]
