"""Filters that lack the quotes of RFC 7644 section 3.4.2.2.

Releases of authentik sent them, and Microsoft's own collection of requests has some
(AzureAD/SCIMReferenceCode, PostmanCollection.json).
"""

from __future__ import annotations

import json
import re

_UNQUOTED = re.compile(
    r"\s*([\w.$:-]+\s+(?:eq|ne|co|sw|ew|gt|ge|lt|le))\s+([^\s\"()\[\]]+)\s*", re.IGNORECASE
)
_VALUE = re.compile(r"true|false|null|-?[0-9]+(\.[0-9]+)?", re.IGNORECASE)
"""What stands without quotes in any filter."""


def with_quotes(text: str) -> str:
    """Return ``userName eq ann`` as ``userName eq "ann"``, and every other filter as it is.

    Only a filter of one comparison is read so: in a longer one nobody can tell where a text ends,
    and a person named ``x or userName pr`` would be found as everybody.
    """
    found = _UNQUOTED.fullmatch(text)
    if found is None or _VALUE.fullmatch(found[2]):
        return text
    return f"{found[1]} {json.dumps(found[2])}"
