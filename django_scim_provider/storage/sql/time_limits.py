"""A time limit for queries that no index serves, and for these alone."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connections

from django_scim_provider.conf import get_settings
from django_scim_provider.core.errors import TooMany
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.error_codes import code_of
from django_scim_provider.storage.transactions import savepoint


@contextmanager
def time_limit(using: str) -> Iterator[None]:
    """Give each query of the block ``QUERY_TIME_LIMIT`` seconds.

    The block reads only. A limit of the project's own that is shorter stays in force.

    Raises:
        TooMany: a query took longer; a transaction around the block can go on.
    """
    seconds = get_settings().QUERY_TIME_LIMIT
    if seconds is None:
        yield
        return
    vendor = vendor_of(using)
    try:
        with vendor.time_limited(connections[using], seconds, savepoint):
            yield
    except DatabaseError as error:
        # By its code: servers translate their texts.
        if code_of(error) not in vendor.out_of_time:
            raise
        raise _too_long(seconds) from error


class Deadline:
    """The time at which a query that is answered in Python has to end."""

    def __init__(self) -> None:
        self._seconds = get_settings().QUERY_TIME_LIMIT
        self._end = math.inf if self._seconds is None else time.monotonic() + self._seconds

    def check(self) -> None:
        """Do nothing before it.

        Raises:
            TooMany: it is over.
        """
        if time.monotonic() > self._end:
            raise _too_long(self._seconds or 0)


def _too_long(seconds: float) -> TooMany:
    return TooMany(
        f"No index serves the filter or the order, and the query took longer than the"
        f" {seconds:g} seconds of QUERY_TIME_LIMIT, or than the database allows."
    )
