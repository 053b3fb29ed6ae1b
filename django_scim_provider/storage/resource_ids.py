"""SCIM ids as the keys that they are."""

from __future__ import annotations

import re
from uuid import UUID

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def parse_id(id: str) -> UUID | None:
    """Return a SCIM id as the key that it is; None for a text that cannot be one."""
    return UUID(id) if is_id(id) else None


def is_id(text: str) -> bool:
    """Tell whether a text has the form of a SCIM id."""
    return _ID.fullmatch(text) is not None
