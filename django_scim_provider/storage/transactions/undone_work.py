"""Work that may be refused when part of it was written, and is then undone alone."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

from django_scim_provider.storage.operation_clock import BeginsAgain, running_clock
from django_scim_provider.storage.sql.vendors import vendor_of

Refusal = TypeVar("Refusal")
rehearsed: ContextVar[bool] = ContextVar("scim_rehearsed", default=False)
"""Is all of the transaction undone in any case?"""


def refused(
    using: str, name: str, work: Callable[[], object], judge: Callable[[Exception], Refusal]
) -> Refusal | None:
    """Do ``work`` and return None; where it fails, undo it alone, and return what ``judge`` says.

    ``judge`` raises the error itself where all of the transaction has to end. Without savepoints
    (MongoDB) no part can be undone alone: all of the transaction begins again, remembers what
    was said, and leaves out the work of that name. One of somebody else's, which nobody here can
    begin again, would keep what is half done, so there the error is raised, unless all of it is
    undone in any case.
    """
    clock, vendor = running_clock(), vendor_of(using)
    if clock is not None and name in clock.refused:
        found: Refusal = clock.refused[name]
        return found
    try:
        with vendor.atomic(using):
            work()
    except BeginsAgain:
        raise
    except Exception as error:
        told = judge(error)
        if vendor.has_savepoints or rehearsed.get():
            return told
        if clock is None or not clock.may_begin_again:
            raise
        clock.refused[name] = told
        raise BeginsAgain from error
    return None
