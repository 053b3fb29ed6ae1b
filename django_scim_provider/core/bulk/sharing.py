"""What bulk operations can share: runs that create at one endpoint and need no other operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django_scim_provider.core.bulk.operation_paths import BulkPaths
from django_scim_provider.core.bulk.operations import BulkOperation
from django_scim_provider.core.engine import Answer, ResourceEngine
from django_scim_provider.core.errors import SCIMError
from django_scim_provider.core.preconditions import etag
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.stores import SharingStore
from django_scim_provider.core.validation.cleaning import clean
from django_scim_provider.core.validation.left_out import LeftOut

MOST = 100
"""Operations of a run at most: the time limit is looked at between runs."""


def with_runs(
    steps: Iterable[list[int]], operations: Sequence[BulkOperation], paths: BulkPaths
) -> Iterator[list[int]]:
    """Yield the steps in their order, single ones that can share joined into runs."""
    run: list[int] = []
    at: str | None = None
    for step in steps:
        endpoint = _shared_endpoint(operations[step[0]], paths) if len(step) == 1 else None
        if run and (endpoint is None or endpoint != at or len(run) == MOST):
            yield run
            run = []
        if endpoint is None:
            yield step
        else:
            run, at = [*run, *step], endpoint
    if run:
        yield run


def _shared_endpoint(operation: BulkOperation, paths: BulkPaths) -> str | None:
    """Return the endpoint at which an operation creates something, where it needs no other one."""
    if operation.method != "POST" or operation.error is not None or operation.references:
        return None
    if paths.is_foreign(operation.path):
        return None
    endpoint, id = paths.target(operation.path)
    return endpoint if endpoint and id is None else None


def create_together(
    engine: ResourceEngine, bodies: Sequence[Any]
) -> Iterator[Sequence[Answer] | None]:
    """Yield the answers to POSTs in their order, several at once.

    None stands for a body that is to be answered by itself, before those behind it: one that may be
    refused, so that it is refused in the same words as by itself.
    """
    store = engine.store
    if not isinstance(store, SharingStore):
        yield from [None] * len(bodies)
        return
    notes = [LeftOut(engine.profile) for _ in bodies]
    found = [_cleaned(engine, *each) for each in zip(bodies, notes, strict=True)]
    done = 0
    for part in store.create_together(found):
        for left_out, made in zip(notes[done:], part or (), strict=False):
            engine.tell(made, left_out)
        done += 1 if part is None else len(part)
        if part is None:
            yield None
            continue
        yield [Answer(201, None, etag(made.version), engine.location(made.id)) for made in part]


def _cleaned(engine: ResourceEngine, body: Any, left_out: LeftOut) -> Resource | None:
    """Return the resource that a body asks for; None for one that is refused."""
    kind = engine.store.resource_type
    try:
        resource = clean(body, kind, engine.profile, context="create", left_out=left_out)
        engine.check_size(resource)
    except SCIMError:
        return None
    return resource
