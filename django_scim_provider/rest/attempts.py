"""Events of changes that were refused or failed, though the token was good."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from django_scim_provider.core.errors import SCIMError, TooManyRequests
from django_scim_provider.observability.repetition import log_fault
from django_scim_provider.registry import get_registry
from django_scim_provider.storage.by_scim_id import with_id
from django_scim_provider.storage.events import record_failure
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


def note_failed_attempt(context: StoreContext, attempt: Attempt, error: SCIMError) -> None:
    """Write the event, in a transaction of its own: that of the change is undone.

    A request that comes too soon leaves none, or a client in a loop would fill the table.
    """
    if error.status == TooManyRequests.status:
        return
    what = "The event of a failed SCIM request"

    def write() -> None:
        id = known_id(context, attempt.resource_type, attempt.id)
        record_failure(context, attempt.action, attempt.resource_type, id, error)

    try:
        with entered(context):
            write_aside(context.using, what, write)
    except Exception as problem:  # the project's context manager cannot be entered
        log_fault(logger, logging.ERROR, f"{what} was not written", exc=problem)


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
