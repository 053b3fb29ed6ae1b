"""Handing messages to a worker as soon as they are there, where the project has such workers."""

from __future__ import annotations

import logging
from typing import Any

from django.db import connections
from django.utils.module_loading import import_string

from django_scim_provider.conf import get_settings
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.transactions import after_commit

logger = logging.getLogger("django_scim_provider")

_ENQUEUE = "django_scim_provider.webhooks.webhook_tasks.enqueue"
"""By name: the senders stand above the storage."""


def send_soon(using: str) -> None:
    """Have a worker of Django's tasks send what waits, once the transaction is committed.

    Once for each transaction. A queue that is away is logged: the command sends what waits.
    """
    if get_settings().WEBHOOK_TASKS is None:
        return
    connection: Any = connections[using]
    if any(call is _enqueue for _, call, *_ in connection.run_on_commit):
        return
    # Asked of the vendor: Django's own flag stays down in a transaction of MongoDB's.
    if vendor_of(using).in_transaction(connection):
        after_commit(using, _enqueue, robust=True)
    else:
        _enqueue()


def _enqueue() -> None:
    try:
        import_string(_ENQUEUE)()
    except Exception as error:
        logger.warning("SCIM webhooks were given to no worker (%s)", type(error).__name__)
