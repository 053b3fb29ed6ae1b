"""Counts what is sent to a database: commands to MongoDB, statements to others, transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from threading import local
from typing import Any
from unittest.mock import patch

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.test.utils import CaptureQueriesContext

from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.base import Vendor

Found = dict[str, int]


@contextmanager
def sent() -> Iterator[Found]:
    """Yield a dict that in the end has the number of what was ``sent`` meanwhile.

    Of MongoDB it has the ``documents`` of the answers as well, and the longest list of ``keys``.
    """
    found: Found = {}
    if connection.vendor == "mongodb":
        with _commands(found):
            yield found
        return
    with CaptureQueriesContext(connection) as captured:
        yield found
    found["sent"] = len(captured)


@contextmanager
def _commands(found: Found) -> Iterator[None]:
    """Count by a client of its own that is listened to: to listen takes CPU."""
    listener = _listener(found)
    options, wrapper = connection.settings_dict["OPTIONS"], connection
    _connect_anew(wrapper)
    options["event_listeners"] = [listener]
    try:
        yield
    finally:
        del options["event_listeners"]
        _connect_anew(wrapper)


def _connect_anew(wrapper: Any) -> None:
    wrapper.ensure_connection()
    wrapper.close_pool()


class _Counting:
    """What ``pymongo.monitoring.CommandListener`` asks for."""

    found: Found

    def started(self, event: Any) -> None:
        """Count a command."""
        if event.command_name == "endSessions":  # the client goes
            return
        self.found["sent"] += 1
        self.found["keys"] = max(self.found["keys"], _longest_list(event.command))

    def succeeded(self, event: Any) -> None:
        """Count the documents of an answer."""
        cursor = event.reply.get("cursor", {})
        for batch in ("firstBatch", "nextBatch"):
            self.found["documents"] += len(cursor.get(batch, ()))

    def failed(self, event: Any) -> None:
        """Do nothing: the command was counted."""


def _listener(found: Found) -> Any:
    from pymongo.monitoring import CommandListener

    found |= {"sent": 0, "documents": 0, "keys": 0}
    return type("Listener", (_Counting, CommandListener), {"found": found})()


def _longest_list(command: Any) -> int:
    if isinstance(command, Mapping):
        keys = command.get("$in")
        own = len(keys) if isinstance(keys, list | tuple) else 0
        return max([own, *map(_longest_list, command.values())])
    several = isinstance(command, list | tuple)
    return max(map(_longest_list, command), default=0) if several else 0


@contextmanager
def transactions() -> Iterator[Callable[[], int]]:
    """Yield what tells how many transactions the thread that asks has begun meanwhile.

    Those within others are not counted.
    """
    vendor, counted = vendor_of(DEFAULT_DB_ALIAS), local()
    kind = type(vendor)
    begin = kind.atomic

    def begun() -> int:
        return getattr(counted, "number", 0)

    def atomic(own: Vendor, using: str) -> AbstractContextManager[None]:
        if not own.in_transaction(connections[using]):
            counted.number = begun() + 1
        return begin(own, using)

    with patch.object(kind, "atomic", atomic):
        yield begun
