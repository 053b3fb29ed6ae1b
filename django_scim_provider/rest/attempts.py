"""Events of changes that were refused or failed, though the token was good."""

from __future__ import annotations

from dataclasses import dataclass

from django_scim_provider.core.errors import SCIMError, TooManyRequests
from django_scim_provider.storage.events import record_failure
from django_scim_provider.storage.resource_ids import parse_id
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import write_aside

EVENT_ACTIONS = {"POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
"""What events call the methods that change something."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A change that a request asks for."""

    action: str
    resource_type: str = ""
    """The name of the resource type; empty where the address names none."""
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
    write_aside(
        context.using,
        "The event of a failed SCIM request",
        lambda: record_failure(context, attempt.action, attempt.resource_type, id, error),
    )
