"""Hooks at the ORM's compilers: what a query holds, and what each of its nodes is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models.sql.compiler import SQLCompiler, SQLInsertCompiler
from django.db.models.sql.query import RawQuery
from django.db.models.sql.subqueries import DeleteQuery, UpdateQuery

from tests.portable.constructs import Construct
from tests.portable.watching.blocks import outermost_of_ours
from tests.portable.watching.queries import (
    joins,
    of_node,
    of_node_in_a_transaction,
    of_query,
    of_query_in_a_transaction,
)

Report = Callable[..., None]
"""Told of a construct, a word on it, and the model of the query that has it."""
_AS_WRITE: dict[type[Any], Construct] = {
    UpdateQuery: Construct.UPDATE_WITH_SUBQUERY,
    DeleteQuery: Construct.DELETE_WITH_SUBQUERY,
}


class _Running(threading.local):
    query: Any = None
    seen: frozenset[Any] = frozenset()
    in_a_transaction: bool = False


_running = _Running()


def watch_compilers(patched: pytest.MonkeyPatch, report: Report) -> None:
    """Report what is forbidden in each query of the ORM before it runs."""
    for compiler in (SQLCompiler, SQLInsertCompiler):
        _watch_execution(patched, compiler, report)
    compile_node = SQLCompiler.compile

    def compiled(self: Any, node: Any) -> Any:
        query = _running.query
        if query is not None:
            for construct, detail in of_node(node):
                _found_in(query, construct, detail, report)
            if _running.in_a_transaction:
                for construct, detail in of_node_in_a_transaction(node):
                    _found_in(query, construct, detail, report)
        return compile_node(self, node)

    patched.setattr(SQLCompiler, "compile", compiled)
    execute = RawQuery._execute_query  # type: ignore[attr-defined]  # not in the stubs

    def execute_raw(self: Any) -> None:
        report(Construct.RAW_SQL, "raw()")
        execute(self)

    patched.setattr(RawQuery, "_execute_query", execute_raw)


def _watch_execution(patched: pytest.MonkeyPatch, compiler: Any, report: Report) -> None:
    execute = compiler.execute_sql

    def executed(self: Any, *args: Any, **kwargs: Any) -> Any:
        for construct, detail in of_query(self.query):
            report(construct, detail, self.query.model)
        under_way = outermost_of_ours(self.connection) is not None
        if under_way:
            for construct, detail in of_query_in_a_transaction(self.query):
                report(construct, detail, self.query.model)
        before = vars(_running).copy()
        vars(_running).update(query=self.query, seen=frozenset(), in_a_transaction=under_way)
        try:
            return execute(self, *args, **kwargs)
        finally:
            vars(_running).clear()
            vars(_running).update(before)

    patched.setattr(compiler, "execute_sql", executed)


def _found_in(query: Any, construct: Construct, detail: str, report: Report) -> None:
    """Report what a node is, once for each statement; a write is worse off with a subquery."""
    if construct in (Construct.SUBQUERY, Construct.SLICED_SUBQUERY):
        for kind, as_write in _AS_WRITE.items():
            if isinstance(query, kind):
                if joins(query):
                    return  # Django itself makes the subquery, of a join that is reported.
                construct = as_write
    if (construct, detail) not in _running.seen:
        _running.seen |= {(construct, detail)}
        report(construct, detail, query.model)
