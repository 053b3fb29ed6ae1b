"""What an error of a database means: by what the server says, never by the class of the error.

One cause comes in several classes (a PostgreSQL that became read-only raises ``InternalError``),
and one class has several causes (an ``OperationalError`` of SQLite is a lock or a missing table).
An exception does not say which connection it comes from, so each vendor is asked whether it knows
it.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import InterfaceError, OperationalError

from django_scim_provider.core.errors import SCIMError
from django_scim_provider.storage.sql.vendors import VENDORS
from django_scim_provider.storage.sql.vendors.causes import Cause, Overtaken

MAX_CHAIN = 10
"""Exceptions that are looked at: a hook of the project's may raise from its own, without an end."""


def cause_of(error: BaseException) -> Cause:
    """Return why something failed: by the first error of a database in the chain of causes.

    An exception that the project's code raised because of such an error is judged by that error.
    """
    for each in _chain(error):
        if isinstance(each, Overtaken):
            return Cause.CONFLICT
        for vendor in VENDORS:
            found = vendor.cause_of(each)
            if found is not None:
                return found
    # What happens to the connection itself is noticed by the driver, which has no code for it.
    silent = any(isinstance(each, OperationalError | InterfaceError) for each in _chain(error))
    return Cause.OUTAGE if silent else Cause.FAULT


def code_of(error: BaseException) -> str:
    """Return what the server calls an error, such as ``25006`` or ``1213``; empty for nothing."""
    for each in _chain(error):
        for vendor in VENDORS:
            code = vendor.code_of(each)
            if code is not None:
                return code
    return ""


def missing_value_of(error: BaseException) -> str | None:
    """Return the column that lacks a value, where that is what a database says.

    Empty where it does not say which.
    """
    for each in _chain(error):
        for vendor in VENDORS:
            column = vendor.missing_value_of(each)
            if column is not None:
                return column
    return None


def refusal_of(error: BaseException) -> SCIMError | None:
    """Return what to tell a client of a value that no try would store; None for any other error."""
    found = (vendor.refusal_of(each) for each in _chain(error) for vendor in VENDORS)
    return next((refusal for refusal in found if refusal is not None), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    each: BaseException | None = error
    for _ in range(MAX_CHAIN):
        if each is None:
            return
        yield each
        # The context as well: the rollback to a savepoint that a deadlock took away raises too.
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
