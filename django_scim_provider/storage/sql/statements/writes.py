"""Rows of the app's own that are written together: by one statement, where the vendor has such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from django.db import NotSupportedError, connections

from django_scim_provider.storage.sql.running import Row, execute, fetch_all
from django_scim_provider.storage.sql.statements.by_orm import Call, Part
from django_scim_provider.storage.sql.statements.compiled_writes import Delete, Insert, Update
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.base import SQL


class Writes:
    """Parts that wait for ``run``; none depends on what another one writes, but by constraints."""

    def __init__(self, using: str) -> None:
        self.using = using
        self._connection: Any = None
        self._parts: list[Part] = []

    @property
    def connection(self) -> Any:
        """Return the connection, which is looked up once."""
        self._connection = self._connection or connections[self.using]
        return self._connection

    def insert(self, insert: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows, if any."""
        if rows:
            self._parts.append(insert.part(self.using, rows, self.connection))

    def update(self, update: Update, key: Any, values: Mapping[str, Any]) -> None:
        """Add new values of one row."""
        self._parts.append(update.part(self.using, key, values, self.connection))

    def delete(self, delete: Delete, value: Any) -> None:
        """Add that the rows go that have a value in the column of ``delete``."""
        self._parts.append(delete.part(self.using, value, self.connection))

    def add(self, part: Part) -> None:
        """Add any other statement that writes."""
        self._parts.append(part)

    def run_if_none(self, parts: Sequence[SQL], *asked: Part) -> Row:
        """Write everything, and ``parts`` as well where the answer to each question is 0.

        By one statement, so the vendor has to be one that writes inside of WITH. Each of the parts
        ends with its condition.
        """
        questions = _texts(asked)
        waiting, self._parts = _texts(self._parts), []
        parameters = [value for _, values in (*waiting, *questions, *parts) for value in values]
        select = _if_none(*map(_sqls, (waiting, questions, parts)))
        return fetch_all(self.using, select, parameters)[0]

    def rows(self, select: SQL, *asked: Part) -> list[Row]:
        """Write everything, and return the rows of a SELECT with the answers to questions behind.

        By one statement, so the vendor has to be one that writes inside of WITH.
        """
        parts, self._parts = _texts(self._parts), []
        questions = _texts(asked)
        named = ", ".join(f"w{number} AS ({sql})" for number, (sql, _) in enumerate(parts))
        shown = ", ".join(["s.*", *(sql for sql, _ in questions)])
        values = [value for _, each in (*parts, *questions, select) for value in each]
        prefix = f"WITH {named} " if parts else ""
        return fetch_all(self.using, f"{prefix}SELECT {shown} FROM ({select[0]}) s", values)  # noqa: S608 - compiled

    def run(self, *questions: Part) -> Row:
        """Write everything and return the answers to questions, which are expressions, in order.

        They are read by a statement that began after the locks of those before it were granted.
        Whether they see what is written here depends on the vendor, so they ask for other rows.
        """
        parts, self._parts = self._parts, []
        if vendor_of(self.using).orm_only:
            return _called(parts, questions)
        return self._joined(_texts(parts), _texts(questions))

    def _joined(self, parts: Sequence[SQL], questions: Sequence[SQL]) -> Row:
        select = f"SELECT {', '.join(sql for sql, _ in questions)}" if questions else None
        asked = [value for _, values in questions for value in values]
        if parts and len(parts) + bool(questions) > 1:
            joined = _together(self.using, _sqls(parts), select)
            if joined is not None:
                written = [value for _, values in parts for value in values]
                return self._run(joined, [*written, *asked], has_row=select is not None)
        for sql, parameters in parts:
            execute(self.using, sql, parameters)
        return () if select is None else self._run(select, asked, has_row=True)

    def _run(self, sql: str, parameters: Sequence[Any], *, has_row: bool) -> Row:
        if has_row:
            return fetch_all(self.using, sql, parameters)[0]
        execute(self.using, sql, parameters)
        return ()


def _called(parts: Sequence[Part], questions: Sequence[Part]) -> Row:
    for part in parts:
        _call(part)
    return tuple(_call(question) for question in questions)


def _call(part: Part) -> Any:
    if not isinstance(part, Call):
        raise NotSupportedError("The app has no SQL of its own for this database.")
    return part.run()


def _texts(parts: Sequence[Part]) -> list[SQL]:
    # A database has either the one or the other.
    return cast(list[SQL], list(parts))


def _sqls(parts: Sequence[SQL]) -> tuple[str, ...]:
    return tuple([sql for sql, _ in parts])


# The same object each time, so that whoever keeps statements by their text compares nothing.


@lru_cache(maxsize=256)
def _together(using: str, parts: tuple[str, ...], select: str | None) -> str | None:
    return vendor_of(using).together(parts, select)


@lru_cache(maxsize=256)
def _if_none(waiting: tuple[str, ...], questions: tuple[str, ...], parts: tuple[str, ...]) -> str:
    names = [f"q{number}" for number in range(len(questions))]
    shown = ", ".join(f"{sql} AS {name}" for name, sql in zip(names, questions, strict=True))
    none = f"(SELECT {' + '.join(names)} FROM asked) = 0"  # noqa: S608 - names made here
    statements = [
        *(f"w{number} AS ({sql})" for number, sql in enumerate(waiting)),
        f"asked AS (SELECT {shown})",
        *(f"p{number} AS ({sql} AND {none})" for number, sql in enumerate(parts)),
    ]
    return f"WITH {', '.join(statements)} SELECT {', '.join(names)} FROM asked"  # noqa: S608 - as above
