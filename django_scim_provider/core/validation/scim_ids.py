"""What may be the id of a resource that was not made here (RFC 7643 section 3.1).

Such an id comes with a project that moves in from another implementation: identity providers have
noted it, and go on asking for it. Clients never choose ids.
"""

from __future__ import annotations

import re

from django_scim_provider.core.errors import InvalidValue

MAX_ID_LENGTH = 255
_RESERVED = "bulkId"
"""A reserved word that no id may contain (RFC 7643 section 3.1)."""
_PATHS = (".", "..", ".search")
"""Segments of a path that mean something else (RFC 3986 section 3.3, RFC 7644 section 3.4.3)."""


def refuse_unfit_id(id: str) -> None:
    """Refuse what cannot be an id: a client could not be shown it, or could not ask for it.

    Raises:
        InvalidValue: saying what is wrong with it.
    """
    problem = _problem_with(id)
    if problem is not None:
        raise InvalidValue(f"{id[:64]!r} cannot be the id of a resource: {problem}.")


def _problem_with(id: str) -> str | None:
    if not 0 < len(id) <= MAX_ID_LENGTH:
        return f"it must have 1 to {MAX_ID_LENGTH} characters"
    if not id.isprintable():
        return "it has characters that cannot be printed"
    if id != id.strip():
        return "it begins or ends with a blank"
    # WSGI servers decode a path before it is divided, and proxies refuse an encoded slash.
    if "/" in id:
        return "it has a slash, which would divide its address"
    if id.lower() in _PATHS:  # endpoints are found in any case
        return "as the end of an address it means something else"
    if _RESERVED in id:
        return f"it has the reserved word {_RESERVED} in it"
    return None


_HALVES = re.compile("[\ud800-\udfff]")
"""Halves of characters, which no database stores."""


def may_be_id(text: str) -> bool:
    """Tell whether a database may be asked for a text as an id: not every one takes any text.

    No id begins or ends with a blank, and some databases would take it for one without.
    """
    return (
        0 < len(text) <= MAX_ID_LENGTH
        and text == text.strip()
        and (text.isascii() or not _HALVES.search(text))
        and ("\x00" not in text)
    )
