"""The form of the checks' messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.checks import CheckMessage, Error, Warning


def check_id(number: str) -> str:
    """Return the id of a check."""
    return f"scim_provider.{number}"


def error(number: str, message: str, hint: str | None = None) -> Error:
    """Return an error."""
    return Error(message, hint=hint, id=check_id(number))


def did_you_mean(given: str, spellings: Mapping[str, str]) -> str | None:
    """Return the hint for a name that is not known, with the one that it may stand for.

    ``spellings`` holds what is known by whatever it may have been meant by.
    """
    folded = {spelling.casefold(): known for spelling, known in spellings.items()}
    close = difflib.get_close_matches(given.casefold(), folded, n=1)
    return f"Did you mean {folded[close[0]]!r}?" if close else None


def unknown_keys(
    where: str, found: dict[str, Any], known: Iterable[str], number: str = "E003"
) -> Iterator[CheckMessage]:
    """Yield an error for each key that is not known, with the known one that it may stand for."""
    spellings = {name: name for name in known}
    for key in found.keys() - spellings.keys():
        hint = did_you_mean(str(key), spellings)
        yield error(number, f"{where} has no key {key!r}.", hint)


def warning(number: str, message: str, hint: str | None = None) -> Warning:
    """Return a warning."""
    return Warning(message, hint=hint, id=check_id(number))
