"""Events of changes that were refused or failed, though the token was good."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django_scim_provider.core.errors import NotPrepared, SCIMError, TooManyRequests
from django_scim_provider.observability.repetition import log_fault
from django_scim_provider.registry import get_registry
from django_scim_provider.storage.by_scim_id import with_id
from django_scim_provider.storage.events import record_failure
from django_scim_provider.storage.failures.recording import (
    end_failures,
    failure_key,
    failure_row,
    write_failures,
)
from django_scim_provider.storage.failures.subjects import Subject, subject_of
from django_scim_provider.storage.request_context import entered
from django_scim_provider.storage.resource_ids import is_id
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import write_aside

logger = logging.getLogger("django_scim_provider")

EVENT_ACTIONS = {"POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
"""What events call the methods that change something."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A change that a request asks for."""

    action: str
    resource_type: str = ""
    """The name of the resource type; empty where the address names none."""
    id: str = ""
    """As it was sent; for what of it an event holds, see ``known_id``."""
    body: Any = None
    """What it says, where it was read."""
    is_tried: bool = False
    """Did it get as far as the resources?"""

    @property
    def subject(self) -> Subject:
        """Return whom it is about."""
        return subject_of(self.resource_type, self.id, self.body)


NOBODYS = frozenset({401, 405, 406, 411, 415, 429, 501})
"""Statuses of refusals that are about no person and no group."""
_NAME_COLUMNS = {"User": "user_name", "Group": "display_name"}


def note_failed_attempt(context: StoreContext, attempt: Attempt, error: SCIMError) -> None:
    """Write the event, in a transaction of its own: that of the change is undone.

    A request that comes too soon leaves none, or a client in a loop would fill the table.
    """
    if error.status == TooManyRequests.status:
        return
    what = "The event of a failed SCIM request"

    def write() -> None:
        row = row_of_failure(context, attempt, error, known=record_refusal(context, attempt, error))
        if row is not None:
            write_failures(context.using, context.provider_id, [row])

    try:
        with entered(context):
            write_aside(context.using, what, write, waits=error.status < 500)
    except Exception as problem:  # the project's context manager cannot be entered
        log_fault(logger, logging.ERROR, f"{what} was not written", exc=problem)


def record_refusal(context: StoreContext, attempt: Attempt, error: SCIMError) -> str:
    """Write the event, with the key of the failure that it is; return the id that it names."""
    known = known_id(context, attempt.resource_type, attempt.id)
    failure = _key_of_failure(context, attempt, error)
    record_failure(context, attempt.action, attempt.resource_type, known, error, failure=failure)
    return known


def known_id(context: StoreContext, resource_type: str, id: str) -> str:
    """Return an id that a request names, or an empty text where it could be anything.

    An event holds no names of persons: an id has the form of a key, or is that of a resource of the
    connection.
    """
    if is_id(id):
        return id
    model = get_registry().models().get(resource_type)
    if model is None:
        return ""
    own: dict[str, Any] = {"provider_id": context.provider_id}
    rows = model._default_manager.using(context.using).filter(**own)
    return id if with_id(rows, id).exists() else ""


def row_of_failure(
    context: StoreContext, attempt: Attempt, error: SCIMError, *, known: str
) -> Mapping[str, Any] | None:
    """Return what is noted of whom an attempt was about; None where it was about nobody.

    ``known`` is what ``known_id`` says of its id.
    """
    if not _is_about_somebody(attempt, error):
        return None
    return failure_row(
        context,
        attempt.action,
        get_registry().by_name(attempt.resource_type).resource_type,
        attempt.subject,
        error,
        attempt.body,
        resource_id=known,
    )


def _key_of_failure(context: StoreContext, attempt: Attempt, error: SCIMError) -> UUID | None:
    """Return the key of the row that ``row_of_failure`` makes."""
    if not _is_about_somebody(attempt, error):
        return None
    resource_type = get_registry().by_name(attempt.resource_type).resource_type
    return failure_key(context, attempt.action, resource_type, attempt.subject, error)


def _is_about_somebody(attempt: Attempt, error: SCIMError) -> bool:
    if not attempt.is_tried or not attempt.resource_type or error.status in NOBODYS:
        return False
    if error.status == 503 and not isinstance(error, NotPrepared):
        return False  # the same request will do
    if attempt.action == "delete" and error.status == 404:
        return False  # what was wanted
    if attempt.action == "create":
        return isinstance(attempt.body, Mapping) and bool(attempt.body)
    return bool(attempt.id)


def note_successes(context: StoreContext, attempts: Iterable[Attempt]) -> None:
    """End what was open of those whom changes were about that were made.

    It costs nothing that the answer depends on, and is asked for only where something is open.
    """
    subjects = list(_subjects(context, list(attempts)))
    end = partial(end_failures, context.using, context.provider_id, subjects)
    write_aside(context.using, "The end of a failure", end)


def _subjects(context: StoreContext, attempts: list[Attempt]) -> Iterator[Subject]:
    """Yield whom attempts are about; a PATCH need not say their names, so that rows are read."""
    unnamed: dict[str, set[str]] = {}
    for attempt in attempts:
        subject = attempt.subject
        yield subject
        if attempt.action == "update" and not (subject.name or subject.external_id):
            unnamed.setdefault(attempt.resource_type, set()).add(attempt.id)
    for resource_type, ids in unnamed.items():
        model = get_registry().models().get(resource_type)
        if model is None:
            continue
        own: dict[str, Any] = {"provider_id": context.provider_id, "scim_id__in": ids}
        rows = model._base_manager.using(context.using).filter(**own)
        named = _NAME_COLUMNS.get(resource_type)
        columns = ("external_id",) if named is None else ("external_id", named)
        for external_id, *names in rows.values_list(*columns):
            yield Subject(resource_type, "", str(*names), external_id or "")
