"""Exceptions for the log: where they came from and of which kind, without what they say.

The text of an exception may hold what somebody is called: databases quote the value that is
there twice, parsers the one that they cannot read.
"""

from __future__ import annotations

from django.conf import settings
from django.db import Error as DatabaseFault

from django_scim_provider.core.errors import NotPrepared

WORDS_OF_CODE = (AttributeError, ImportError, NameError, TypeError)
"""What Python says of these names attributes, modules and types, and no values."""
MAX_CHAIN = 10


def for_log(exc: BaseException) -> BaseException:
    """Return what to log as ``exc_info`` for an exception; under ``DEBUG`` that is itself.

    It prints like the exception, with the frames and the chain, but for the text. For errors of
    databases the code and the constraint stand in its place.
    """
    return exc if settings.DEBUG else _without_text(exc, MAX_CHAIN)


def _without_text(exc: BaseException, left: int) -> BaseException:
    kind = type(exc)
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    shadow: BaseException = type(kind.__name__, (Exception,), names)(_substitute(exc))
    shadow.__traceback__ = exc.__traceback__
    if left:
        if exc.__cause__ is not None:
            shadow.__cause__ = _without_text(exc.__cause__, left - 1)
        elif exc.__context__ is not None and not exc.__suppress_context__:
            shadow.__context__ = _without_text(exc.__context__, left - 1)
    shadow.__suppress_context__ = exc.__suppress_context__
    return shadow


def _substitute(exc: BaseException) -> str:
    """Return what to say in place of the text: words that no value of a person can be in."""
    # Its sentence is for the operator, who has nothing else to go by: not all databases have the
    # name of the column among their codes.
    if isinstance(exc, (*WORDS_OF_CODE, NotPrepared)):
        return str(exc)
    details = getattr(exc, "diag", None)  # psycopg
    found = [
        getattr(exc, "sqlstate", None),
        getattr(exc, "sqlite_errorname", None),
        getattr(details, "table_name", None),
        getattr(details, "column_name", None),
        getattr(details, "constraint_name", None),
        getattr(exc, "errno", None),
        _number(exc),
    ]
    return " ".join(["text withheld", *(str(each) for each in found if each is not None)])


def _number(exc: BaseException) -> int | None:
    """Return the number that the drivers of MySQL put before the text."""
    first = exc.args[0] if exc.args and isinstance(exc, DatabaseFault) else None
    return first if isinstance(first, int) else None
