"""Records beside what a request does: if they fail, it goes on without them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import nullcontext, suppress
from functools import partial
from typing import Any

from django.db import Error, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from django_scim_provider.core.errors import Unavailable
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.error_codes import code_of

logger = logging.getLogger("django_scim_provider")


def write_aside(using: str, what: str, write: Callable[[], Any], *, waits: bool = False) -> None:
    """Write records that a request does not depend on; if that fails, log it.

    The transaction that is under way, if there is one, goes on without it. ``what`` is the subject
    of the log's sentence. ``waits`` lets it wait for SQLite's only write lock as any write does:
    for what people look for, where the request has not waited in vain already.
    """
    connection = connections[using]
    try:
        vendor = vendor_of(connection)
        if not vendor.in_transaction(connection):
            with nullcontext() if waits else vendor.not_waiting(connection):
                write()
        elif not vendor.has_savepoints:
            # It would go with the transaction, and take it along where it fails.
            transaction.on_commit(partial(write_aside, using, what, write), using=using)
        elif not connection.needs_rollback:
            with vendor.atomic(using):
                write()
    except (Error, Unavailable) as error:
        logger.warning("%s was not written (%s %s)", what, type(error).__name__, code_of(error))
        if not vendor_of(connection).in_transaction(connection):
            drop_if_broken(connection)


def drop_if_broken(connection: BaseDatabaseWrapper) -> None:
    """Close a connection that was lost, so that the next statement makes one.

    Django does so between requests only, which commands and workers do not have.
    """
    if vendor_of(connection).is_lost(connection):
        with suppress(Error):  # PyMySQL complains of what is closed already
            connection.close()
