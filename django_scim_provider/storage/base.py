"""Transactions of the stores: one per write, serialised by row locks, retried when they
deadlock."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, IntegrityError, OperationalError, connections, transaction

from django_scim_provider.core.errors import Unavailable
from django_scim_provider.models import ProviderConnection

logger = logging.getLogger("django_scim_provider")

Result = TypeVar("Result")

MAX_TRIES = 8
_POSTGRESQL_RETRYABLE = {"40001", "40P01"}  # serialization_failure, deadlock_detected
_MYSQL_RETRYABLE = {1020, 1205, 1213}  # record changed, lock wait timeout, deadlock
_SQLITE_RETRYABLE = ("database is locked", "database table is locked")


def in_transaction(using: str, provider_id: str, work: Callable[[], Result]) -> Result:
    """Run ``work`` in one transaction and return its result; try again when the database says so.

    On databases without row locks (SQLite) the transaction starts with a write, so that two of them
    never read the same state and then both write.

    Raises:
        Unavailable: it deadlocked or waited in vain on every try.
    """
    connection = connections[using]
    nested = connection.in_atomic_block
    for attempt in range(1, MAX_TRIES + 1):
        try:
            with transaction.atomic(using=using):
                if not connection.features.has_select_for_update:
                    _take_write_lock(using, provider_id)
                return work()
        except DatabaseError as error:
            if not _is_retryable(error) or nested:
                raise
            if attempt == MAX_TRIES:
                raise Unavailable() from error
            logger.info("SCIM write of %s tried again after a deadlock", provider_id)
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 - jitter, no secret
    raise AssertionError("unreachable")


def settling_conflicts(write: Callable[[], Result], explain: Callable[[], Result | None]) -> Result:
    """Return what a write returns, or where a constraint refuses it, what ``explain`` does.

    ``explain`` raises what it finds taken. Where it finds nothing, whoever was in the way is gone
    by now, and the write is tried again.

    Raises:
        IntegrityError: nobody is in the way; a constraint of the project's is broken.
    """
    for attempt in range(1, MAX_TRIES + 1):
        try:
            return write()
        except IntegrityError:
            found = explain()
            if found is not None:
                return found
            if attempt == MAX_TRIES:
                raise
    raise AssertionError("unreachable")


def _take_write_lock(using: str, provider_id: str) -> None:
    options = connections[using].settings_dict.get("OPTIONS", {})
    if str(options.get("transaction_mode", "")).upper() in {"IMMEDIATE", "EXCLUSIVE"}:
        return
    rows = ProviderConnection.objects.using(using).filter(provider_id=provider_id)
    rows.update(provider_id=provider_id)


def _is_retryable(error: DatabaseError) -> bool:
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) in _POSTGRESQL_RETRYABLE:
        return True
    if error.args and error.args[0] in _MYSQL_RETRYABLE:
        return True
    return isinstance(error, OperationalError) and str(error).startswith(_SQLITE_RETRYABLE)
