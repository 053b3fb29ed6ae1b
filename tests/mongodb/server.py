"""A server that speaks MongoDB's wire protocol, for machines that have none.

It is SecantusDB, an engine of its own with a replica set and transactions: that a test passes on it
is no proof of MongoDB. What django-mongodb-backend asks of a server and SecantusDB 0.7.0b3 does not
do is filled in here.

Usage: python -m tests.mongodb.server FOLDER [PORT]; the first line it prints is its URL. It stops
when its standard input is closed, and so never outlives the one who started it.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from secantus import SecantusDBServer, aggregate, commands

LIFETIME = 15.0
"""Seconds that a transaction may idle: MongoDB's 60 would be long to wait for in a test."""


def _flat(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``{"a": {"b": 1}}`` of a projection as ``{"a.b": 1}``; it is taken for a value."""
    flat: dict[str, Any] = {}
    for key, value in spec.items():
        nested = isinstance(value, Mapping) and value and not any(k.startswith("$") for k in value)
        if nested:
            flat.update({f"{key}.{name}": each for name, each in _flat(value).items()})
        else:
            flat[key] = value
    return flat


def _project(spec: Any, documents: Any, context: Any) -> Any:
    """Project nested fields too, which ``values_list`` over a relation asks for."""
    return aggregate._stage_project(
        _flat(spec) if isinstance(spec, Mapping) else spec, documents, context
    )


def _add_fields(spec: Any, documents: Any, context: Any) -> Any:
    """Add nested fields beside those that are there, as an order along a relation needs it."""
    return aggregate._stage_add_fields(
        _flat(spec) if isinstance(spec, Mapping) else spec, documents, context
    )


def _union_with(spec: Any, documents: Any, context: Any) -> Any:
    """Unite with documents that the stage itself brings, which ``count()`` asks for on Django 6."""
    pipeline = spec.get("pipeline") if isinstance(spec, Mapping) and "coll" not in spec else None
    if not pipeline or "$documents" not in pipeline[0]:
        return aggregate._stage_union_with(spec, documents, context)
    inner = aggregate.PipelineContext(
        storage=context.storage,
        db_name=context.db_name,
        coll_name=None,
        collation=context.collation,
    )
    brought = [dict(each) for each in pipeline[0]["$documents"]]
    return list(documents) + aggregate.apply_pipeline(brought, pipeline[1:], inner)


def _names_in(value: Any) -> set[str]:
    """Return the keys of a pipeline and of all that is in it."""
    if isinstance(value, Mapping):
        return set(value).union(*map(_names_in, value.values()))
    return set().union(*map(_names_in, value)) if isinstance(value, list) else set()


def _refused_in_a_transaction(name: str, command: Mapping[str, Any], context: Any) -> Any:
    """Refuse ``$unionWith`` as well, which MongoDB has not in a transaction, at any depth.

    https://www.mongodb.com/docs/manual/reference/operator/aggregation/unionWith/
    """
    if "$unionWith" in _names_in(command.get("pipeline")):
        return "Stage not supported inside of a multi-document transaction: $unionWith"
    return _refused_by_itself(name, command, context)


_refused_by_itself = commands._txn_unsupported_reason


def fill_gaps() -> None:
    """Replace the stages, and what says that one may not be in a transaction."""
    commands._txn_unsupported_reason = _refused_in_a_transaction
    stages = next(
        table
        for table in vars(aggregate).values()
        if isinstance(table, dict) and table.get("$project") is aggregate._stage_project
    )
    stages["$project"] = _project
    stages["$addFields"] = stages["$set"] = _add_fields
    stages["$unionWith"] = _union_with


def _abort_what_is_left(server: Any) -> None:
    """End transactions whose client is gone, as MongoDB does by itself.

    SecantusDB looks for them only when another transaction asks something, and a write outside of
    transactions, which waits for them, would wait for ever.
    """
    while True:
        time.sleep(1)
        server.transactions.prune_expired()


def main(folder: str, port: str = "0") -> None:
    """Serve what is in the folder until standard input ends."""
    fill_gaps()
    with SecantusDBServer(
        storage_path=folder, port=int(port), transaction_lifetime_seconds=LIFETIME
    ) as server:
        threading.Thread(target=_abort_what_is_left, args=(server,), daemon=True).start()
        print(server.uri, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
