"""Columns of what is no text: booleans, numbers and dateTimes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Model, Q

from django_scim_provider.models.moments import as_held
from django_scim_provider.storage.sql.columns.declared import LOOKUPS
from django_scim_provider.storage.sql.reach import Reach, in_order


@dataclass(frozen=True, slots=True)
class BooleanColumn:
    """A boolean column, compared with ``"true"`` or ``"false"``."""

    name: str
    sort: str | None = None

    def compare(self, op: str, value: str) -> Q | None:
        """Compare for equality."""
        wanted = Q(**{self.name: value == "true"})
        return wanted if op == "eq" else ~wanted

    def present(self) -> Q:
        """Return the condition that the column is not NULL."""
        return Q(**{f"{self.name}__isnull": False})

    def reach(self, op: str, value: str, model: type[Model]) -> Reach:
        """An index that finds half of the rows saves nothing."""
        return Reach.ROWS


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A column of numbers."""

    name: str
    sort: str | None = None
    whole: bool = False
    """Does it hold integers only?"""

    def compare(self, op: str, value: float) -> Q | None:
        """Compare; Django would cut the fraction off for a column of integers."""
        if self.whole and isinstance(value, float):
            if not value.is_integer():
                return None
            value = int(value)
        if op == "ne":
            return ~Q(**{self.name: value})
        found = Q(**{f"{self.name}__{LOOKUPS[op]}": value})
        # Below a number that no column can hold are all rows for Django, also those without one.
        return found if op == "eq" else self.present() & found

    def present(self) -> Q:
        """Return the condition that the column is not NULL."""
        return Q(**{f"{self.name}__isnull": False})

    def reach(self, op: str, value: float, model: type[Model]) -> Reach:
        """An index leads to one number and to a range."""
        if self.compare(op, value) is None:
            return Reach.DOCUMENTS
        return in_order(model, self.name, op)


@dataclass(frozen=True, slots=True)
class DateColumn:
    """A timestamp column, compared with folded dateTimes."""

    name: str
    sort: str | None = None
    nullable: bool = False
    own: Q = Q()  # noqa: RUF009 - an expression is never changed
    """See ``Columns.own_document``, where the column is one of it."""

    def compare(self, op: str, value: str) -> Q | None:
        """Compare instants; operators on the text are left to the folded document."""
        # ``co``, ``sw`` and ``ew`` ask for characters, which an instant does not have.
        if op not in LOOKUPS and op != "ne":
            return None
        try:
            moment = datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        except ValueError:
            return None
        moment = as_held(moment)  # the column may be the project's own
        if op == "ne":
            return ~Q(**{self.name: moment})
        return self.own & Q(**{f"{self.name}__{LOOKUPS[op]}": moment})

    def leads(self, op: str) -> bool:
        """Tell whether ``compare`` asks for the documents of the connection."""
        return op in LOOKUPS and bool(self.own)

    def present(self) -> Q:
        """Return the condition that there is a time."""
        return Q(**{f"{self.name}__isnull": False}) if self.nullable else Q()

    def reach(self, op: str, value: str, model: type[Model]) -> Reach:
        """An index leads to one instant and to a range; texts are looked at one by one."""
        known = op in LOOKUPS or op == "ne"
        return in_order(model, self.name, op) if known else Reach.DOCUMENTS
