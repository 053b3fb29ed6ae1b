"""How the checks speak."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Warning


def check_id(number: str) -> str:
    """Return the id of a check."""
    return f"scim_provider.{number}"


def error(number: str, message: str, hint: str | None = None) -> Error:
    """Return an error."""
    return Error(message, hint=hint, id=check_id(number))


def unknown_keys(
    where: str, found: dict[str, Any], known: Iterable[str], number: str = "E003"
) -> Iterator[CheckMessage]:
    """Yield an error for each key that is not known, with the known one that it may stand for."""
    spellings = {name.casefold(): name for name in known}
    for key in found.keys() - spellings.values():
        close = difflib.get_close_matches(str(key).casefold(), spellings, n=1)
        hint = f"Did you mean {spellings[close[0]]!r}?" if close else None
        yield error(number, f"{where} has no key {key!r}.", hint)


def warning(number: str, message: str, hint: str | None = None) -> Warning:
    """Return a warning."""
    return Warning(message, hint=hint, id=check_id(number))
