"""What the portable way forbids, each with the database that it is forbidden for.

Read in django-mongodb-backend 5.2 and mssql-django 2.0, or seen on a server that speaks MongoDB's
protocol. ``iexact`` and ``icontains`` are not among them: both compile them to what folds case (an
escaped pattern there, ``UPPER`` here); what they cost is a look at each row.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tests.portable.frames import Place


class Construct(Enum):
    """One construct; its value says what is wrong with it."""

    RAW_CURSOR = "a statement written by hand: MongoDB has no SQL"
    RAW_SQL = "RawSQL, extra() or raw(): MongoDB refuses them"
    OWN_SQL = "an expression or look-up of ours that is written as SQL: MongoDB has no form for it"
    UNKNOWN_FUNCTION = "a function of Django's that MongoDB has no form for"
    UPDATE_WITH_JOIN = "update() with a join: MongoDB refuses it"
    UPDATE_WITH_SUBQUERY = "update() with a subquery: on MongoDB it writes no row, silently"
    DELETE_WITH_JOIN = "delete() with a join: MongoDB refuses it"
    DELETE_WITH_SUBQUERY = "delete() with a subquery: MongoDB refuses it"
    SLICED_SUBQUERY = "IN with a sliced subquery: MongoDB ignores the slice, silently"
    SUBQUERY = "a subquery (Exists, Subquery, IN): MongoDB runs it for each row; read keys first"
    JSON_LOOKUP = "a look-up in a JSONField: MongoDB answers some of them wrongly, silently"
    VALUES_OVER_RELATION = "values() or values_list() over a relation: portable code reads the rows"
    IGNORE_CONFLICTS = "bulk_create(ignore_conflicts): MongoDB and SQL Server have none"
    UPDATE_CONFLICTS = "bulk_create(update_conflicts): MongoDB and SQL Server have none"
    LOCK_OF = "select_for_update(of=...): SQL Server refuses it"
    DISTINCT_ON = "distinct() with fields: only PostgreSQL has it"
    COMBINATION = "difference() or intersection(): MongoDB has neither"
    GROUPED_UNION = "union() of what is grouped: MongoDB answers the first part wrongly, silently"
    COUNT_IN_TRANSACTION = (
        "count() or aggregate() without groups in a transaction: MongoDB's backend asks for "
        "$unionWith, which its transactions have not; count a slice, or in groups"
    )
    IN_ROWS_IN_TRANSACTION = "IN with a queryset in a transaction: for the same reason"
    SUBQUERY_IN_AGGREGATE = "a subquery in an aggregate: SQL Server refuses it (error 130)"
    SLICED_AGGREGATE = "aggregate() of a slice: MongoDB's backend fails where it is empty"
    SAVEPOINT = "a transaction in a transaction of ours: MongoDB has no savepoints"
    WENT_ON = "a statement after an IntegrityError, in its transaction: on MongoDB it is over"
    DIRECT_TRANSACTION = "Django's transactions without the seam: on MongoDB they do nothing"
    LEFT_TO_DATABASE = "a write that a check, a key or a length refuses: MongoDB has none of them"
    TOO_LONG = "a text longer than its column: MongoDB would keep it"

    @property
    def is_slow_only(self) -> bool:
        """Is it right everywhere, and slow on MongoDB? Pages for people may have it."""
        return self is Construct.SUBQUERY


ELSEWHERE = {
    ("organizations/members.py", Construct.RAW_SQL): "it runs the queries of the project's own "
    "backend, which are written for the project's database",
    ("rest/probes.py", Construct.RAW_CURSOR): "MongoDB is sent a ping, others SELECT 1",
}
"""What is right where it stands, by its file, and why."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A construct, what of it was met, and the place of ours that asked for it."""

    construct: Construct
    detail: str
    place: Place

    def __str__(self) -> str:
        return f"{self.place}: {self.construct.value} ({self.construct.name}; {self.detail})"


class ForbiddenConstruct(AssertionError):
    """The app did what the portable way forbids."""

    def __init__(self, *violations: Violation) -> None:
        super().__init__("\n".join(map(str, violations)))
        self.violations = violations
