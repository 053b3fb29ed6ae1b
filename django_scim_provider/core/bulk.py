"""Bulk requests (RFC 7644 section 3.7): what they say, in which order it is done, what is answered.

A reference ``bulkId:<id>`` stands for the id of what another operation creates. Operations are done
in their order, but none before those that it refers to. What is left then refers to each other in a
circle: it is created without those references, which are added afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from django_scim_provider.core.bulk_references import (
    DROPPED,
    REFERENCE,
    references,
    substituted,
    without,
)
from django_scim_provider.core.engine import Answer
from django_scim_provider.core.errors import (
    Conflict,
    InvalidSyntax,
    InvalidValue,
    PayloadTooLarge,
    SCIMError,
)
from django_scim_provider.core.messages import PATCH_URN, message_members
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schema import Resource

BULK_REQUEST_URN = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
BULK_RESPONSE_URN = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
METHODS = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOperation:
    """One operation, as it was sent; ``error`` says what is wrong with its form."""

    method: str
    path: str
    bulk_id: str | None = None
    version: str | None = None
    data: Any = None
    error: SCIMError | None = None

    def references(self) -> set[str]:
        """Return the bulkIds that the path and the data refer to."""
        return set(REFERENCE.findall(self.path)) | set(references(self.data))


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """The operations of a bulk request."""

    operations: list[BulkOperation]
    fail_on_errors: int | None = None
    """Errors after which the rest is not done; None: everything is tried."""


def parse_bulk_request(body: Any, profile: Profile, *, max_operations: int) -> BulkRequest:
    """Return what a bulk request says.

    Raises:
        InvalidSyntax: the body is no BulkRequest, or a bulkId occurs twice.
        InvalidValue: ``failOnErrors`` is no positive number.
        PayloadTooLarge: it has more operations than are allowed; nothing is done.
    """
    members = message_members(body, BULK_REQUEST_URN, profile)
    items = members.get("operations")
    if not isinstance(items, list) or not items:
        raise InvalidSyntax("A bulk request needs Operations, a list.")
    if len(items) > max_operations:
        raise PayloadTooLarge(f"A bulk request may have at most {max_operations} operations.")
    limit = members.get("failonerrors")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise InvalidValue("failOnErrors must be a positive whole number.")
    operations = [_operation(item) for item in items]
    named = [operation.bulk_id for operation in operations if operation.bulk_id is not None]
    if len(set(named)) != len(named):
        raise InvalidSyntax("A bulkId may be given to one operation only.")
    return BulkRequest(operations, limit)


def _operation(item: Any) -> BulkOperation:
    if not isinstance(item, dict):
        raise InvalidSyntax("Each operation must be an object.")
    members = {key.lower(): value for key, value in item.items()}
    texts = {name: members.get(name) for name in ("method", "path", "bulkid", "version")}
    wrong = [name for name, value in texts.items() if value is not None and not _text(value)]
    method = str(texts["method"] or "").upper()
    error: SCIMError | None = None
    if wrong:
        error = InvalidSyntax(f"{wrong[0]} must be text.")
    elif method not in METHODS:
        error = InvalidSyntax(f"method must be one of {', '.join(METHODS)}.")
    elif not texts["path"]:
        error = InvalidSyntax("An operation needs a path.")
    elif method == "POST" and not texts["bulkid"]:
        error = InvalidSyntax("An operation with POST needs a bulkId.")
    elif method != "DELETE" and not isinstance(members.get("data"), dict):
        error = InvalidSyntax("data must be an object.")
    return BulkOperation(
        method=method if method in METHODS else str(texts["method"] or ""),
        path=_text(texts["path"]) or "",
        bulk_id=_text(texts["bulkid"]),
        version=_text(texts["version"]),
        data=members.get("data"),
        error=error,
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


Execute = Callable[[BulkOperation], Answer]
"""Does one operation whose references are resolved, in a savepoint; raises SCIMError."""
Savepoint = Callable[[], AbstractContextManager[Any]]
Failed = Callable[[BulkOperation, SCIMError], None]
"""Hears of each operation that failed, once, outside its savepoint."""


@dataclass(slots=True)
class _Run:
    request: BulkRequest
    execute: Execute
    savepoint: Savepoint
    failed: Failed
    base_url: str
    results: dict[int, Resource] = field(default_factory=dict)
    ids: dict[str, str | None] = field(default_factory=dict)
    """What each bulkId stands for; None where its operation failed."""
    errors: int = 0

    def go(self) -> None:
        waiting = dict(enumerate(self.request.operations))
        created = {op.bulk_id for op in waiting.values() if op.method == "POST" and not op.error}
        while waiting and not self.is_over():
            ready = [n for n, op in waiting.items() if not self.waits(op, created)]
            for number in ready or list(waiting):
                if self.is_over():
                    return
                if not ready:
                    self.resolve_circle(waiting)
                    return
                self.do(number, waiting.pop(number))

    def is_over(self) -> bool:
        limit = self.request.fail_on_errors
        return limit is not None and self.errors >= limit

    def waits(self, operation: BulkOperation, created: set[str | None]) -> bool:
        """Tell whether an operation refers to one that has not been done."""
        return any(name in created and name not in self.ids for name in operation.references())

    def do(self, number: int, operation: BulkOperation) -> None:
        try:
            answer = self.execute(self.resolved(operation))
        except SCIMError as error:
            self.fail(number, operation, error)
        else:
            self.succeed(number, operation, answer)

    def resolved(self, operation: BulkOperation) -> BulkOperation:
        """Return the operation with ids in place of its references.

        Raises:
            SCIMError: its form is wrong.
            Conflict: a reference stands for nothing.
        """
        if operation.error is not None:
            raise operation.error
        for name in sorted(operation.references()):
            if self.ids.get(name) is None:
                raise Conflict(f"bulkId {name[:64]!r} stands for no resource.")
        return replace(
            operation,
            path=REFERENCE.sub(self.id_of, operation.path),
            data=substituted(operation.data, self.value_of),
        )

    def value_of(self, found: re.Match[str]) -> str:
        """Return the id that a reference in a value stands for."""
        id = self.ids.get(found.group(1))
        return unquote(id) if id else found.group()

    def id_of(self, found: re.Match[str]) -> str:
        """Return the id that a reference in a path stands for, percent-encoded as there."""
        return str(self.ids.get(found.group(1)) or found.group())

    def succeed(self, number: int, operation: BulkOperation, answer: Answer) -> None:
        if operation.bulk_id is not None and answer.location is not None:
            self.ids[operation.bulk_id] = answer.location.rpartition("/")[2]
        result = self.result(operation, answer.status)
        if answer.location is not None:
            result["location"] = answer.location
        if answer.etag is not None:
            result["version"] = answer.etag
        self.results[number] = result

    def fail(self, number: int, operation: BulkOperation, error: SCIMError) -> None:
        self.errors += 1
        path = REFERENCE.sub(self.id_of, operation.path)
        self.failed(replace(operation, path=path), error)
        if operation.bulk_id is not None:
            self.ids[operation.bulk_id] = None
        result = self.result(operation, error.status)
        self.results[number] = {**result, "response": error.to_resource()}

    def result(self, operation: BulkOperation, status: int) -> Resource:
        """Return the outcome of an operation; one that creates has no address of its own."""
        result: Resource = {"method": operation.method, "status": str(status)}
        if operation.bulk_id is not None:
            result["bulkId"] = operation.bulk_id
        if operation.method != "POST" and operation.path:
            path = REFERENCE.sub(self.id_of, operation.path)
            result["location"] = f"{self.base_url}/{path.strip('/')}"
        return result

    def resolve_circle(self, waiting: dict[int, BulkOperation]) -> None:
        """Do operations that wait for each other, all or none (section 3.7.1)."""
        ids = dict(self.ids)
        answers: dict[int, tuple[BulkOperation, Answer]] = {}
        try:
            with self.savepoint():
                for number, operation in waiting.items():
                    if operation.method == "POST":
                        without = replace(operation, data=self.known_part(operation.data))
                        answers[number] = operation, self.execute(without)
                        self.succeed(number, *answers[number])
                for operation, answer in answers.values():
                    self.execute(self.resolved(_addition(operation, answer)))
                for number, operation in waiting.items():
                    if operation.method != "POST":
                        self.succeed(number, operation, self.execute(self.resolved(operation)))
        except SCIMError as error:
            self.ids = ids
            for number, operation in waiting.items():
                self.fail(number, operation, Conflict(f"A circular reference: {error.detail}"))

    def known_part(self, data: Any) -> Any:
        """Return data without the values whose references stand for nothing yet."""
        found = without(data, {name for name in references(data) if self.ids.get(name) is None})
        return substituted({} if found is DROPPED else found, self.value_of)


Tried = tuple[BulkOperation, Resource]
"""An operation and its result as the response has it."""


def run_bulk(
    request: BulkRequest,
    execute: Execute,
    savepoint: Savepoint,
    base_url: str,
    *,
    failed: Failed = lambda operation, error: None,
) -> list[Tried]:
    """Do the operations and return those that were tried, in the order of the request."""
    run = _Run(request, execute, savepoint, failed, base_url)
    run.go()
    return [(request.operations[number], run.results[number]) for number in sorted(run.results)]


def bulk_response(tried: Iterable[Tried]) -> Resource:
    """Return the BulkResponse."""
    results = [result for _, result in tried]
    return {"schemas": [BULK_RESPONSE_URN], "Operations": results}


def _addition(operation: BulkOperation, answer: Answer) -> BulkOperation:
    """Return the PATCH that adds the attributes with references to what was created."""
    id = (answer.location or "").rpartition("/")[2]
    value = {key: held for key, held in operation.data.items() if any(references(held))}
    data = {"schemas": [PATCH_URN], "Operations": [{"op": "add", "value": value}]}
    path = f"{operation.path.rstrip('/')}/{id}"
    return BulkOperation(method="PATCH", path=path, data=data)
