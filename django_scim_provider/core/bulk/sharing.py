"""What bulk operations can share: runs that create at one endpoint and need no other operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django_scim_provider.core.bulk.operation_paths import BulkPaths
from django_scim_provider.core.bulk.operations import BulkOperation
from django_scim_provider.core.engine import Answer, ResourceEngine
from django_scim_provider.core.errors import SCIMError
from django_scim_provider.core.preconditions import etag
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


def create_together(engine: ResourceEngine, bodies: Sequence[Any]) -> list[Answer | None]:
    """Answer POSTs of bodies; None for each that is to be answered by itself.

    That is one that may be refused, so that it is refused in the same words as by itself.
    """
    answers: list[Answer | None] = [None] * len(bodies)
    store = engine.store
    if not isinstance(store, SharingStore):
        return answers
    found = []
    for number, body in enumerate(bodies):
        left_out = LeftOut(engine.profile)
        try:
            resource = clean(
                body, store.resource_type, engine.profile, context="create", left_out=left_out
            )
            engine.check_size(resource)
        except SCIMError:
            continue
        found.append((number, resource, left_out))
    stored = store.create_together([resource for _, resource, _ in found])
    for (number, _, left_out), made in zip(found, stored, strict=True):
        if made is not None:
            engine.tell(made, left_out)
            answers[number] = Answer(201, None, etag(made.version), engine.location(made.id))
    return answers
