"""The index that serves ``co`` on e-mail addresses, where the database can have one: of trigrams.

``scim_index_users`` makes it, since it takes an extension. Whether it is there decides about time
limits, and is remembered: for good where it is there, for some minutes where it is not.
"""

from __future__ import annotations

import re
import time
from typing import Any

from django.db import connections

from django_scim_provider.models import AccountEmail
from django_scim_provider.storage.sql.vendors import vendor_of

NAME = "scim_email_trigrams"
_ASKED_AGAIN = 300.0
"""Seconds."""
_WORD = re.compile(r"[a-z0-9]{3}")
_known: dict[tuple[str, str], tuple[bool, float]] = {}


def served(using: str, part: str) -> bool:
    """Tell whether the index leads to the addresses that hold a text.

    It knows letters and digits in threes, and nothing of a text without.
    """
    return _WORD.search(part) is not None and _is_there(using)


def _is_there(using: str) -> bool:
    connection = connections[using]
    key = using, str(connection.settings_dict["NAME"])
    is_there, until = _known.get(key, (False, 0.0))
    if not is_there and time.monotonic() >= until:
        is_there = vendor_of(using).has_index(connection, NAME)
        _known[key] = is_there, time.monotonic() + _ASKED_AGAIN
    return is_there


def forget() -> None:
    """Ask again at the next filter."""
    _known.clear()


def statements(using: str) -> list[str]:
    """Return what makes the index; nothing where it is there, or cannot be made."""
    connection: Any = connections[using]
    quote, field = connection.ops.quote_name, AccountEmail._meta.get_field("value_key")
    table, column = quote(AccountEmail._meta.db_table), quote(field.column)
    return vendor_of(using).part_index(connection, NAME, table, column)


def undo_statements(using: str) -> list[str]:
    """Return what drops it; the extension stays, as others may use it."""
    is_there = vendor_of(using).has_index(connections[using], NAME)
    return [f"DROP INDEX {NAME}"] if is_there else []
