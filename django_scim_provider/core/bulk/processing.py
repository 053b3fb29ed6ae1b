"""Bulk requests (RFC 7644 section 3.7): their order, what is answered, and when they end.

A reference ``bulkId:<id>`` stands for the id of what another operation creates. Operations are done
in their order, but none before those that it refers to. Those that refer to each other in a circle
are created without those references, which are added afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from urllib.parse import unquote

from django_scim_provider.core.bulk.operation_paths import BulkPaths
from django_scim_provider.core.bulk.operations import BulkOperation, BulkRequest, addition
from django_scim_provider.core.bulk.order import ordered
from django_scim_provider.core.bulk.references import (
    DROPPED,
    REFERENCE,
    references,
    substituted,
    without,
)
from django_scim_provider.core.bulk.running_time import UNLIMITED, TimeLimit
from django_scim_provider.core.bulk.sharing import with_runs
from django_scim_provider.core.engine import Answer
from django_scim_provider.core.errors import Conflict, PayloadTooLarge, SCIMError, Unavailable
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.urns import BULK_RESPONSE_URN

Execute = Callable[[BulkOperation], Answer]
"""Does one operation whose references are resolved, all of it or nothing; raises SCIMError."""
Share = Callable[[Sequence[BulkOperation]], Iterable[Sequence[Answer] | None]]
"""Does operations that create at one endpoint, in their order, and yields what several of them are
answered; None for each that has to be done alone, before those behind it."""
Together = Callable[[Callable[[], None]], None]
"""Does all of some work or nothing; it may run the work again, from its beginning."""
Failed = Callable[[BulkOperation, SCIMError], None]
"""Hears of each operation that failed, once, after it was undone."""
Left = Callable[[int, SCIMError], None]
"""Hears, once, how many operations the time limit left undone, and what they are answered."""


def _alone(operations: Sequence[BulkOperation]) -> Iterable[None]:
    return [None] * len(operations)


@dataclass(slots=True)
class _Run:
    request: BulkRequest
    execute: Execute
    together: Together
    failed: Failed
    left: Left
    paths: BulkPaths
    limit: TimeLimit
    share: Share
    results: dict[int, Resource] = field(default_factory=dict)
    ids: dict[str, str | None] = field(default_factory=dict)
    """What each bulkId stands for; None where its operation failed."""
    errors: int = 0
    undone: list[int] = field(default_factory=list)
    """The operations that the time limit left."""

    def go(self) -> None:
        """Do the operations until all are done, too many have failed, or the time is used up."""
        # Only POST creates, so only what POSTs create can be referred to; whatever else a reference
        # names is a conflict when its operation comes.
        needs = self.needs()
        for together in self.steps(needs):
            limit = self.request.fail_on_errors
            # Section 3.7: what was not tried is not in the response.
            if limit is not None and self.errors >= limit:
                break
            # The first is done in any case, or a client that repeats the rest would never end.
            if self.undone or (self.results and self.limit.is_over()):
                self.undone += together
            elif len(together) > 1 and not needs[together[0]]:
                self.do_together(together)
            elif len(together) > 1 or together[0] in needs[together[0]]:
                self.resolve_circle(together)
            else:
                self.do(together[0])
        if self.undone:
            self.leave()

    def steps(self, needs: Sequence[Sequence[int]]) -> Iterable[list[int]]:
        """Return the numbers of the operations in their order: circles, single ones, and runs.

        Where errors end the request, each has to wait for what becomes of the one before it.
        """
        if self.request.fail_on_errors is not None:
            return ordered(needs)
        return with_runs(ordered(needs), self.request.operations, self.paths)

    def needs(self) -> list[list[int]]:
        """Return, for each operation, those that create what it refers to."""
        operations = self.request.operations
        creates = {
            operation.bulk_id: number
            for number, operation in enumerate(operations)
            if operation.method == "POST" and not operation.error
        }
        return [[creates[n] for n in each.references if n in creates] for each in operations]

    def do_together(self, run: Sequence[int]) -> None:
        """Do what can be done together, and each of the others in its place."""
        operations = [self.request.operations[number] for number in run]
        left = list(run)
        for answers in _alone(operations) if self.limit.is_over() else self.share(operations):
            if answers is None:
                self.do(left.pop(0))
            for answer in answers or ():
                self.succeed(left.pop(0), answer)
            if left and self.limit.is_over():
                self.undone += left
                break

    def do(self, number: int) -> None:
        operation = self.request.operations[number]
        try:
            answer = self.execute(self.resolved(operation))
        except SCIMError as error:
            self.fail(number, error)
        else:
            self.succeed(number, answer)

    def resolved(self, operation: BulkOperation) -> BulkOperation:
        """Return the operation with ids in place of its references.

        Raises:
            SCIMError: its form is wrong.
            Conflict: a reference stands for nothing.
        """
        if operation.error is not None:
            # Here and not in the beginning: it counts as an error in its place.
            raise operation.error
        for name in sorted(operation.references):
            if self.ids.get(name) is None:
                # Section 3.7.1 names 409 for references that cannot be resolved.
                raise Conflict(f"bulkId {name[:64]!r} stands for no resource.")
        return replace(
            operation,
            path=REFERENCE.sub(self.id_of, operation.path),
            data=substituted(operation.data, self.value_of),
        )

    def value_of(self, found: re.Match[str]) -> str:
        """Return the id that a reference in a value stands for."""
        id = self.ids.get(found.group(1))
        # Ids were taken from an address, where they are percent-encoded; a value holds the id
        # itself.
        return unquote(id) if id else found.group()

    def id_of(self, found: re.Match[str]) -> str:
        """Return the id that a reference in a path stands for, percent-encoded as there."""
        return str(self.ids.get(found.group(1)) or found.group())

    def succeed(self, number: int, answer: Answer) -> None:
        operation = self.request.operations[number]
        if operation.bulk_id is not None and answer.location is not None:
            # The address is all that an answer without a body says, and its end is the id.
            self.ids[operation.bulk_id] = answer.location.rpartition("/")[2]
        result = self.result(operation, answer.status)
        if answer.location is not None:
            result["location"] = answer.location
        if answer.etag is not None:
            result["version"] = answer.etag
        self.results[number] = result

    def fail(self, number: int, error: SCIMError) -> None:
        self.errors += 1
        operation = self.request.operations[number]
        path = REFERENCE.sub(self.id_of, operation.path)
        told = operation if path == operation.path else replace(operation, path=path)
        self.failed(told, error)
        if operation.bulk_id is not None:
            # What refers to it fails as well, instead of naming a resource that was undone.
            self.ids[operation.bulk_id] = None
        self.refuse(number, error)

    def refuse(self, number: int, error: SCIMError) -> None:
        result = self.result(self.request.operations[number], error.status)
        self.results[number] = {**result, "response": error.to_resource()}

    def leave(self) -> None:
        """Answer what the time limit left, which says nothing of what it asks for."""
        error = Unavailable(
            f"Not done: the time limit of {self.limit.seconds:g} s for a bulk request is used up; "
            "send this operation again."
        )
        self.left(len(self.undone), error)
        for number in self.undone:
            self.refuse(number, error)

    def result(self, operation: BulkOperation, status: int) -> Resource:
        """Return the outcome of an operation; one that creates has no address of its own."""
        result: Resource = {"method": operation.method, "status": str(status)}
        if operation.bulk_id is not None:
            result["bulkId"] = operation.bulk_id
        if operation.method != "POST" and operation.path:
            # Section 3.7.3 requires it of all others, whatever became of them.
            result["location"] = self.paths.location(REFERENCE.sub(self.id_of, operation.path))
        return result

    def resolve_circle(self, circle: Sequence[int]) -> None:
        """Create what refers to each other, all or none (section 3.7.1)."""
        # The ids of a circle that was undone must not be found by what comes after it.
        first, ids = not self.results, dict(self.ids)
        limit = self.limit
        if first:  # it has the whole time, also where this is another try of the transaction
            limit = replace(limit, started=limit.clock())
        try:
            # Half a circle would be resources without the references that the client asked for.
            self.together(partial(self.create_circle, circle, limit, ids))
        except _Late:
            self.ids = ids
            for number in circle:
                self.results.pop(number, None)
            if not first:
                self.undone += circle
                return
            # Sent again, it would take as long again.
            error: SCIMError = PayloadTooLarge(
                f"{len(circle)} operations refer to each other in a circle, and take longer than "
                f"the time limit of {limit.seconds:g} s for a bulk request."
            )
            self.fail_circle(circle, error)
        except SCIMError as found:
            self.ids = ids
            self.fail_circle(circle, Conflict(f"A circular reference: {found.detail}"))

    def create_circle(
        self, circle: Sequence[int], limit: TimeLimit, ids: Mapping[str, str | None]
    ) -> None:
        answers: list[tuple[BulkOperation, Answer]] = []
        self.ids = dict(ids)  # those of an earlier try were undone with it
        for number in circle:
            operation = self.request.operations[number]
            if answers and limit.is_over():
                raise _Late()
            # Created without the references to what does not exist yet: the store would refuse
            # them.
            known = replace(operation, data=self.known_part(operation.data))
            answers.append((operation, self.execute(known)))
            self.succeed(number, answers[-1][1])
        for operation, answer in answers:
            if answers and limit.is_over():
                raise _Late()
            # By PATCH, since a PUT would take back what the server itself has added.
            self.execute(self.resolved(addition(operation, answer.location or "")))

    def fail_circle(self, circle: Sequence[int], error: SCIMError) -> None:
        for number in circle:
            self.fail(number, error)

    def known_part(self, data: Any) -> Any:
        """Return data without the values whose references stand for nothing yet."""
        found = without(data, {name for name in references(data) if self.ids.get(name) is None})
        return substituted({} if found is DROPPED else found, self.value_of)


class _Late(Exception):
    """The time is used up within a circle."""


Tried = tuple[BulkOperation, Resource]
"""An operation and its result as the response has it."""


def run_bulk(
    request: BulkRequest,
    execute: Execute,
    together: Together,
    paths: BulkPaths,
    *,
    failed: Failed = lambda operation, error: None,
    left: Left = lambda count, error: None,
    limit: TimeLimit = UNLIMITED,
    share: Share = _alone,
) -> list[Tried]:
    """Do the operations and return those that were tried, in the order of the request.

    Where the time is used up, no further operation is begun: those left are returned with status
    503. The first is done in any case.
    """
    run = _Run(request, execute, together, failed, left, paths, limit, share)
    run.go()
    return [(request.operations[number], run.results[number]) for number in sorted(run.results)]


def bulk_response(tried: Iterable[Tried]) -> Resource:
    """Return the BulkResponse."""
    results = [result for _, result in tried]
    return {"schemas": [BULK_RESPONSE_URN], "Operations": results}
