"""Events of changes that a good token asked for in vain."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial

from django_scim_provider.core.errors import SCIMError, TooManyRequests
from django_scim_provider.observability.repetition import log_fault
from django_scim_provider.storage.events import record_failure
from django_scim_provider.storage.request_context import entered
from django_scim_provider.storage.resource_ids import parse_id
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
    """The name of a resource type; empty where the address is that of none."""
    id: str = ""
    """As it was sent; an event holds it only if it is the form of an id."""


def note_failed_attempt(context: StoreContext, attempt: Attempt, error: SCIMError) -> None:
    """Write the event, in a transaction of its own: that of the change is undone.

    A request that comes too soon leaves none, or a client in a loop would fill the table.
    """
    if error.status == TooManyRequests.status:
        return
    key = parse_id(attempt.id)
    id = "" if key is None else str(key)
    what = "The event of a failed SCIM request"
    write = partial(record_failure, context, attempt.action, attempt.resource_type, id, error)
    try:
        with entered(context):
            write_aside(context.using, what, write)
    except Exception as problem:  # the project's context manager cannot be entered
        log_fault(logger, logging.ERROR, f"{what} was not written", exc=problem)
