"""Databases that no SQL of the app is written for: what it does there, it does by the ORM alone.

The portable way (``storage.portable``) is run on MongoDB, compiled for SQL Server, and untested on
any other backend of Django's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from copy import deepcopy
from typing import Any, ClassVar, NoReturn

from django.db import DatabaseError, IntegrityError, NotSupportedError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from django_scim_provider.core.errors import InvalidValue, PayloadTooLarge, SCIMError
from django_scim_provider.storage.sql.vendors.base import SQL, Vendor
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.indexes import IndexInPlace, WantedIndex
from django_scim_provider.storage.sql.vendors.levels import SupportLevel
from django_scim_provider.storage.sql.vendors.text_indexes import NamedIndex


class Portable(Vendor):
    """Any database that Django has a backend for."""

    backend = ""
    level = SupportLevel.UNTESTED
    orm_only = True

    @classmethod
    def serves(cls, connection: BaseDatabaseWrapper) -> bool:
        """Tell by the name of the backend; whatever is asked last serves all others."""
        return cls.backend in ("", connection.vendor)

    def indexes_of(self, connection: BaseDatabaseWrapper, table: str) -> list[IndexInPlace] | None:
        """Return None: nobody is asked for indexes here."""
        return None

    def named_indexes(self, connection: BaseDatabaseWrapper, prefix: str) -> list[NamedIndex]:
        """Return nothing: only migrations make indexes here."""
        return []

    # What the app writes by hand elsewhere has no words here: to ask for it is a fault of the app.

    def raw(self, document: str, names: Sequence[str]) -> str:
        """Refuse."""
        self._has_no_sql()

    def text(self, document: str, names: Sequence[str]) -> str:
        """Refuse."""
        self._has_no_sql()

    def exact(self, text: str) -> str:
        """Refuse."""
        self._has_no_sql()

    def number(self, text: str, beside: float = 0) -> str:
        """Refuse."""
        self._has_no_sql()

    def elements(self, document: str, names: Sequence[str], subs: Sequence[str]) -> str:
        """Refuse."""
        self._has_no_sql()

    def element_text(self, sub: str) -> str:
        """Refuse."""
        self._has_no_sql()

    def beginning(self, document: str, names: Sequence[str], length: int, index: str) -> str:
        """Refuse."""
        self._has_no_sql()

    def part(self, text: str, op: str, value: str) -> SQL:
        """Refuse."""
        self._has_no_sql()

    def insert_or_ignore(self, rows: str) -> str:
        """Refuse."""
        self._has_no_sql()

    def any_case_index(self, column: str, *, is_short: bool) -> WantedIndex:
        """Refuse."""
        self._has_no_sql()

    def _has_no_sql(self) -> NoReturn:
        raise NotSupportedError("The app has no SQL of its own for this database.")


class SQLServer(Portable):
    """Microsoft's SQL Server, by ``mssql-django``."""

    overtaken: ClassVar[frozenset[str]] = frozenset({"3960"})
    pads_texts = True
    """https://learn.microsoft.com/sql/t-sql/language-elements/string-comparison-assignment"""

    backend = "microsoft"
    level = SupportLevel.COMPILED

    @classmethod
    def code_of(cls, error: BaseException) -> str | None:
        """Return the number of the error, or its SQLSTATE where the driver tells no more.

        pyodbc gives the SQLSTATE first, and a text with the number in brackets behind it.
        """
        if type(error).__module__.partition(".")[0] != "pyodbc" or not error.args:
            return None
        *_, text = map(str, error.args)
        numbers = [each for each in _CODES if f"({each})" in text]
        return numbers[0] if numbers else str(error.args[0])

    @classmethod
    def cause_of(cls, error: BaseException) -> Cause | None:
        """Judge by the number, then by the class of the SQLSTATE."""
        code = cls.code_of(error)
        if code is None:
            return None
        if code in _CODES:
            return _CODES[code]
        # 08: the connection; 40: the transaction was rolled back; HYT: a time limit.
        if code.startswith("40"):
            return Cause.CONFLICT
        return Cause.OUTAGE if code.startswith(("08", "HYT")) else Cause.FAULT

    @classmethod
    def missing_value_of(cls, error: BaseException) -> str | None:
        """Read the name between quotes: the text is in the language of the server."""
        if cls.code_of(error) != _MISSING:
            return None
        found = re.search(r"'([^']+)'", str(error.args[-1]))
        return found.group(1) if found else ""


_MISSING = "515"
_CODES = {
    _MISSING: Cause.FAULT,
    "1205": Cause.CONFLICT,  # deadlock
    "3960": Cause.CONFLICT,  # a snapshot was overtaken
    "1222": Cause.OUTAGE,  # waited too long for a lock
    "3906": Cause.OUTAGE,  # read-only
    "1105": Cause.OUTAGE,  # the disk is full
    "9002": Cause.OUTAGE,  # the log is full
}
"""https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors"""


class MongoDB(Portable):
    """MongoDB, by ``django-mongodb-backend``; transactions need a replica set.

    There are no row locks: two transactions that write the same document do not wait for each
    other, but the later one fails, and is run again.
    """

    backend = "mongodb"
    level = SupportLevel.RUN
    is_optimistic = True
    has_savepoints = False
    keeps_nulls_out = False

    @contextmanager
    def atomic(self, using: str) -> Iterator[None]:
        """Open the backend's own transaction: Django's does nothing there.

        After a commit that fails the backend would go on with the session that is over, and no
        transaction would ever begin again; and the driver's errors of it are not Django's.
        """
        from django_mongodb_backend.transaction import atomic
        from pymongo.errors import PyMongoError

        wrapper: Any = connections[using]
        apart = nullcontext(_nothing) if self.in_transaction(wrapper) else _apart(wrapper)
        try:
            with apart as before_the_commit, atomic(using=using):
                yield
                before_the_commit()
        except BaseException as error:
            if not self.in_transaction(wrapper) and (session := wrapper.session) is not None:
                wrapper.session, wrapper.run_on_commit = None, []
                session.end_session()  # undoes what was not committed
            if isinstance(error, PyMongoError):
                raise DatabaseError(str(error)) from error
            raise

    def in_transaction(self, connection: BaseDatabaseWrapper) -> bool:
        """Ask the backend."""
        return bool(getattr(connection, "in_atomic_block_mongo", False))

    def lacks_transactions(self, connection: BaseDatabaseWrapper) -> bool:
        """Tell whether it is no replica set."""
        from pymongo.errors import PyMongoError

        try:
            has_them: Any = getattr(connection.features, "_supports_transactions", True)
        except PyMongoError as error:
            raise DatabaseError(str(error)) from error
        return not has_them

    def answers(self, connection: BaseDatabaseWrapper) -> bool:
        """Send a ping: there are no statements."""
        connection.ensure_connection()
        client: Any = connection.connection
        return bool(client.admin.command("ping")["ok"])

    def is_lost(self, connection: BaseDatabaseWrapper) -> bool:
        """Return False: the driver's pool connects anew by itself."""
        return False

    @classmethod
    def code_of(cls, error: BaseException) -> str | None:
        """Return the server's number of the error, or the name of the driver's class."""
        if type(error).__module__.partition(".")[0] not in ("pymongo", "secantus"):
            return None
        # An insert of several documents has the number of what stopped it inside.
        found = (getattr(error, "details", None) or {}).get("writeErrors")
        code = found[0].get("code") if found else getattr(error, "code", None)
        return str(code or type(error).__name__)

    @classmethod
    def missing_value_of(cls, error: BaseException) -> str | None:
        """Read what the backend says itself, of the name of the field."""
        found = _LACKS.fullmatch(str(error)) if isinstance(error, IntegrityError) else None
        return found.group(1) if found else None

    @classmethod
    def refusal_of(cls, error: BaseException) -> SCIMError | None:
        """Know documents that are too large, and integers of more than 64 bits."""
        if type(error).__name__ == "DocumentTooLarge" or cls.code_of(error) in _TOO_LARGE:
            return PayloadTooLarge("It is larger than the 16 MB that MongoDB keeps in a document.")
        if isinstance(error, OverflowError) and "8-byte ints" in str(error):
            return InvalidValue("MongoDB keeps no integer of more than 64 bits.")
        return None

    @classmethod
    def cause_of(cls, error: BaseException) -> Cause | None:
        """Ask the labels of the error: the server says itself what may be tried again."""
        if cls.code_of(error) is None:
            return None
        label: Any = getattr(error, "has_error_label", None)
        if label is not None and label("TransientTransactionError"):
            return Cause.CONFLICT
        if type(error).__name__ in _LOST or cls.code_of(error) in _AWAY:
            return Cause.OUTAGE
        return Cause.FAULT


_OF_DJANGO: dict[str, Any] = {
    "in_atomic_block": False,
    "savepoint_ids": [],
    "atomic_blocks": [],
    "needs_rollback": False,
    "commit_on_exit": True,
    "autocommit": True,
}
"""What a connection holds of Django's own blocks where none is open."""


def _nothing() -> None:
    """Do nothing before the commit: this block is not the one that commits."""


@contextmanager
def _apart(wrapper: Any) -> Iterator[Callable[[], None]]:
    """Keep a transaction of the backend's and blocks of Django's, which do nothing, apart.

    Django drops what is to follow the commit when one of its outermost blocks fails, so those in
    the transaction are never outermost. The backend refuses to call it while one is open, as where
    a user is deleted or with ATOMIC_REQUESTS, so that none is at the commit: what is yielded is to
    be called before it.
    """
    held = {name: getattr(wrapper, name) for name in _OF_DJANGO}

    def take(**changed: Any) -> None:
        vars(wrapper).update({**deepcopy(_OF_DJANGO), **changed})

    take(in_atomic_block=True)
    try:
        yield take
    finally:
        vars(wrapper).update(held)


_LOST = {
    "AutoReconnect",
    "ConnectionFailure",
    "ExecutionTimeout",
    "NetworkTimeout",
    "NotPrimaryError",
    "ServerSelectionTimeoutError",
    "WaitQueueTimeoutError",
    "WTimeoutError",
}
_LACKS = re.compile(r"You can't set (\w+) \(a non-nullable field\) to None\.")
_TOO_LARGE = {"10334", "17419", "17420"}
"""Sent too large, or become so by an update."""
_AWAY = {"91", "189", "10107", "11600", "11602", "13435", "14031", "262", "50"}
"""Shutting down, stepping down, not the primary, out of disk space, out of time.

https://www.mongodb.com/docs/manual/reference/error-codes/"""
