"""The view of ``/Bulk``: what it reads, does and answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from urllib.parse import unquote

import orjson
from rest_framework.request import Request
from rest_framework.response import Response

from django_scim_provider.conf import get_settings
from django_scim_provider.core.bulk.operation_paths import BulkPaths
from django_scim_provider.core.bulk.operations import BulkOperation, parse_bulk_request
from django_scim_provider.core.bulk.processing import (
    Tried,
    bulk_response,
    run_bulk,
)
from django_scim_provider.core.bulk.references import named_values
from django_scim_provider.core.bulk.running_time import TimeLimit
from django_scim_provider.core.bulk.sharing import create_together
from django_scim_provider.core.engine import Answer, RequestOptions, ResourceEngine
from django_scim_provider.core.errors import (
    Forbidden,
    InvalidValue,
    MethodNotAllowed,
    NotFound,
    SCIMError,
)
from django_scim_provider.core.schemas import GROUP
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.observability.exchange import BulkOutcome
from django_scim_provider.registry import get_registry
from django_scim_provider.rest.attempts import (
    EVENT_ACTIONS,
    Attempt,
    known_id,
    note_successes,
    record_refusal,
    row_of_failure,
)
from django_scim_provider.rest.bulk.bulk_transactions import BulkTransactions, transactions_of
from django_scim_provider.rest.throttling.throttles import WindowThrottle
from django_scim_provider.rest.views import SCIMView
from django_scim_provider.rest.viewsets import operation_of
from django_scim_provider.storage.events import record_failure
from django_scim_provider.storage.failures.recording import write_failures
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import write_aside

logger = logging.getLogger("django_scim_provider")

EVENT_ACTION = "bulk"
"""What events call a request that failed as a whole or reached its time limit, and an operation
without a known method."""
ACTIONS = {
    ("POST", False): "create",
    ("PUT", True): "update",
    ("PATCH", True): "partial_update",
    ("DELETE", True): "destroy",
}
"""The actions of viewsets, by the method and whether the path has an id."""


class BulkView(SCIMView):
    """What of a request is one transaction, the database decides: see ``BulkTransactions``."""

    def operation_and_path(self, id: str | None) -> tuple[str, str]:
        """Name the endpoint; ``Exchange.bulk`` has the operations."""
        return "bulk", "/Bulk"

    @property
    def max_body_bytes(self) -> int:
        """Return what ServiceProviderConfig says."""
        return get_settings().BULK_MAX_PAYLOAD_SIZE

    def post(self, request: Request) -> Response:
        """Do the operations and answer with the outcome of each."""
        shared, settings = self.transactions, get_settings()
        most = settings.BULK_MAX_OPERATIONS
        bulk = parse_bulk_request(request.data, shared.context.profile, max_operations=most)
        # A client that sends many operations waits before its next request, not before this one.
        for throttle in self.get_throttles():
            if isinstance(throttle, WindowThrottle):
                throttle.charge(request, max(len(bulk.operations) - 1, 0))

        limit = TimeLimit(
            seconds=settings.BULK_TIME_LIMIT,
            started=self.exchange.started,
            clock=time.perf_counter,
        )

        named = {id for operation in bulk.operations for id in self.named_by(operation)}

        def work() -> list[Tried]:
            self.failed.clear()
            shared.begin(named)
            done = run_bulk(
                bulk,
                self.execute,
                shared.together,
                self.paths,
                failed=self.note_failure,
                left=self.note_left,
                limit=limit,
                share=self.share,
            )
            shared.end()
            self.write_failures(done)
            return done

        tried = shared.run(work)
        self.exchange.bulk = [self.outcome(*each) for each in tried]
        return Response(orjson.dumps(bulk_response(tried)))

    @cached_property
    def transactions(self) -> BulkTransactions:
        """Return what says which operations share a transaction."""
        return transactions_of(self.store_context)

    @cached_property
    def failed(self) -> dict[int, SCIMError]:
        """Return the errors of operations, by the identity of each."""
        return {}

    @property
    def batched_context(self) -> StoreContext:
        """Return the context of the operations."""
        return self.transactions.context

    @cached_property
    def paths(self) -> BulkPaths:
        """Return what reads the paths of the operations."""
        endpoints = (each.resource_type.endpoint for each in get_registry().registrations)
        return BulkPaths(self.store_context.base_url, endpoints)

    @cached_property
    def engines(self) -> dict[str, ResourceEngine]:
        """Return the engines in use by the endpoint of their resource type."""
        return {}

    def execute(self, operation: BulkOperation) -> Answer:
        """Do one operation.

        Raises:
            SCIMError: it cannot be done, and nothing of it is.
        """
        work = partial(self.dispatch_operation, operation)
        return self.transactions.operation(work, set(self.named_by(operation)))

    def share(self, operations: Sequence[BulkOperation]) -> Iterator[Sequence[Answer] | None]:
        """Do operations that create at one endpoint together, as far as they can be."""
        endpoint, _ = self.paths.target(operations[0].path)
        try:
            engine = self.engine_of(endpoint) if self.transactions.shares_runs else None
        except SCIMError:  # each is refused by itself
            engine = None
        if engine is None:
            yield from [None] * len(operations)
            return
        for answers in create_together(engine, [operation.data for operation in operations]):
            if answers is not None:
                self.transactions.events.next_operation()
            yield answers

    def dispatch_operation(self, operation: BulkOperation) -> Answer:
        """Call the engine for the method and path.

        Raises:
            SCIMError: there is no such path or method, it is on another server, the scope is
                missing, or the engine refuses.
        """
        if self.paths.is_foreign(operation.path):
            raise InvalidValue("The path is an address that is not below the SCIM root.")
        endpoint, id = self.paths.target(operation.path)
        engine = self.engine_of(endpoint)
        options = RequestOptions(if_match=operation.version)
        if operation.method == "POST" and id is None:
            return engine.create(operation.data, options)
        if operation.method == "POST" or id is None:
            raise MethodNotAllowed(f"{operation.method} is not allowed on this path.")
        if operation.method == "PUT":
            return engine.replace(id, operation.data, options, silent=True)
        if operation.method == "PATCH":
            return engine.patch(id, operation.data, options, silent=True)
        return engine.delete(id, options)

    def engine_of(self, endpoint: str) -> ResourceEngine:
        """Return the engine of an endpoint that the token may write.

        Raises:
            NotFound: there is no such endpoint.
            Forbidden: the token does not have the scope.
        """
        registration = get_registry().by_endpoint(endpoint)
        if registration is None:
            raise NotFound("There is no such endpoint.")
        if registration.write_scope not in self.token.scopes:
            raise Forbidden(f"The token does not have the scope {registration.write_scope}.")
        if endpoint not in self.engines:
            self.engines[endpoint] = get_registry().engine_for(registration, self.batched_context)
        return self.engines[endpoint]

    def note_failure(self, operation: BulkOperation, error: SCIMError) -> None:
        """Record the event of an operation that failed."""
        self.failed[_identity(operation)] = error
        record_refusal(self.batched_context, self.attempt_of(operation), error)
        self.transactions.after_refusal()

    def attempt_of(self, operation: BulkOperation) -> Attempt:
        """Return what an operation asks to change."""
        endpoint, named = self.paths.target(operation.path)
        registration = get_registry().by_endpoint(endpoint)
        may = registration is not None and registration.write_scope in self.token.scopes
        return Attempt(
            EVENT_ACTIONS.get(operation.method, EVENT_ACTION),
            "" if registration is None else registration.resource_type.name,
            named or "",
            operation.data if isinstance(operation.data, dict) else None,
            is_tried=may and operation.error is None,
        )

    def write_failures(self, tried: Sequence[Tried]) -> None:
        """Write who could not be provisioned, and end what was open of those who were.

        Of operations on the same person the last one counts.
        """
        context, rows, succeeded = self.batched_context, {}, []
        for number, (operation, result) in enumerate(tried):
            attempt = self.attempt_of(operation)
            error = self.failed.get(_identity(operation))
            if error is not None:
                known = known_id(context, attempt.resource_type, attempt.id)
                rows[number] = row_of_failure(context, attempt, error, known=known)
            elif str(result["status"]).startswith("2") and (rows or self.token.has_open_failures):
                id = unquote(str(result.get("location", "")).rpartition("/")[2])
                attempt = replace(attempt, id=id)
                succeeded.append(attempt)
                digests = attempt.subject.all_digests(context.provider_id)
                rows = {
                    each: row
                    for each, row in rows.items()
                    if row is not None and digests.isdisjoint({row["subject"], row["alias"]})
                }
        if succeeded and self.token.has_open_failures:
            note_successes(context, succeeded)
        told = [row for row in rows.values() if row is not None]
        if told:
            write = partial(write_failures, context.using, context.provider_id, told)
            write_aside(context.using, "Failures of a SCIM bulk request", write, waits=True)

    def note_left(self, count: int, error: SCIMError) -> None:
        """Record one event and log one line for all that the time limit left undone."""
        record_failure(self.batched_context, EVENT_ACTION, "", "", error)
        logger.warning(
            "A SCIM bulk request of %s reached its time limit: %d operations were not done",
            self.store_context.provider_id,
            count,
        )

    def outcome(self, operation: BulkOperation, result: Resource) -> BulkOutcome:
        """Return what operators see of an operation; all unknown endpoints look the same."""
        endpoint, id = self.paths.target(operation.path)
        action = ACTIONS.get((operation.method, id is not None))
        known = action is not None and endpoint
        name = operation_of(endpoint, str(action)) if known else "unknown"
        return BulkOutcome(name, int(result["status"]))

    def named_by(self, operation: BulkOperation) -> Iterator[str]:
        """Yield the ids that an operation names: in its path, or as members of a group."""
        endpoint, id = self.paths.target(operation.path)
        if id is not None:
            yield id
        if endpoint == GROUP.endpoint.lstrip("/"):
            yield from named_values(operation.data)

    def attempted_change(self) -> Attempt | None:
        """Return what the event of a request that failed as a whole says."""
        return Attempt(EVENT_ACTION) if self.request.method == "POST" else None


def _identity(operation: BulkOperation) -> int:
    """Return what tells operations apart, whose references may be resolved or not."""
    return id(operation if operation.data is None else operation.data)
