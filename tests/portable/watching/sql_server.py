"""Hooks that compile for SQL Server what the app asks of any database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.sql.compiler import SQLCompiler, SQLInsertCompiler

from tests.portable.frames import is_own, place_of_ours
from tests.portable.sql_server.database import LongLists, compiling_connection


class NotCompiled(AssertionError):
    """There is a query of the app that SQL Server's backend does not compile."""


class Compiled:
    """The different statements that were compiled."""

    def __init__(self) -> None:
        self.statements: set[str] = set()
        self.failures: dict[str, str] = {}
        """What was wrong, by the place of the app that asked."""

    def compile(self, compiler: SQLCompiler) -> None:
        """Compile a query for SQL Server as well, before it runs.

        Raises:
            NotCompiled: its backend refused.
        """
        model = getattr(compiler.query, "model", None)
        place = place_of_ours(own_rows=is_own(model))
        if place is None or compiler.connection is compiling_connection():
            return
        query: Any = compiler.query
        query = query.clone() if hasattr(query, "clone") else query
        lists = LongLists.made
        try:
            if hasattr(query, "inner_query"):
                with _in_place_of_default():
                    found = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
            else:
                found = query.get_compiler(connection=compiling_connection()).as_sql()
        except (EmptyResultSet, FullResultSet):
            return
        except Exception as error:
            self.failures[str(place)] = f"{type(error).__name__}: {error}"
            raise NotCompiled(f"{place}: {error}") from error
        if LongLists.made > lists + 1:
            self.failures[str(place)] = "two long lists"
            raise NotCompiled(f"{place}: two lists of over 2,048 values in one statement")
        first = found[0] if isinstance(found, list) else found
        self.statements.add(first[0])


@contextmanager
def _in_place_of_default() -> Iterator[None]:
    """Let an aggregate find the connection: it compiles its inner query for an alias."""
    before = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = compiling_connection()
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = before


def compile_all(patched: pytest.MonkeyPatch) -> Compiled:
    """Compile each query of the app from now on."""
    compiling_connection()
    compiled = Compiled()
    for kind in (SQLCompiler, SQLInsertCompiler):
        _hook(patched, kind, compiled)
    return compiled


def _hook(patched: pytest.MonkeyPatch, kind: Any, compiled: Compiled) -> None:
    execute = kind.execute_sql

    def executed(self: Any, *args: Any, **kwargs: Any) -> Any:
        compiled.compile(self)
        return execute(self, *args, **kwargs)

    patched.setattr(kind, "execute_sql", executed)
