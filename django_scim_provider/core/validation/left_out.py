"""What a body holds and no schema knows: it is left out and named, or refused."""

from __future__ import annotations

from typing import Any

from django_scim_provider.core.errors import InvalidSyntax
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import Attribute

MAX_NAMES = 10
"""Names that are kept of one request, at most."""
MAX_NAME_LENGTH = 64
"""What is longer is cut."""
MAX_TOLD_LENGTH = 200
"""In an error, which is not stored: a URN alone nearly takes up the other limit."""


class LeftOut:
    """The names, of one request, of attributes that no schema defines; never their values."""

    def __init__(self, profile: Profile) -> None:
        self.refuses = not profile.leave_out_unknown
        self.names: dict[str, None] = {}
        """In their order, each once; a mapping, since they are looked up with each one."""

    def note(self, prefix: str, key: str, value: Any) -> None:
        """Leave an attribute out; ``prefix`` is what stands before its key in a path.

        Raises:
            InvalidSyntax: the profile refuses what no schema defines.
        """
        if self.refuses:
            name = shown(prefix + key, MAX_TOLD_LENGTH)
            raise InvalidSyntax(f"{name} is not an attribute that a schema defines.")
        # Null is no value (RFC 7643 section 2.5): nothing is lost.
        if value is not None:
            self.add(prefix + key[:MAX_NAME_LENGTH])

    def add(self, name: str) -> None:
        """Keep the name of what is left out whatever the profile says of bodies."""
        if len(self.names) < MAX_NAMES:
            self.names[shown(name)] = None


def holds_nothing_known(value: Any, attribute: Attribute) -> bool:
    """Tell whether all that a value says of an attribute is what no schema knows, or readOnly.

    Whoever sent it did not mean to take away what the attribute holds. An empty list or object
    does mean that.
    """
    items = value if isinstance(value, list) else [value]
    subs = attribute.sub_attributes
    known = {sub.name.lower() for sub in subs if sub.mutability != "readOnly"} or {"value"}
    return bool(items) and all(
        isinstance(item, dict) and item and known.isdisjoint(key.lower() for key in item)
        for item in items
    )


def shown(name: str, limit: int = MAX_NAME_LENGTH) -> str:
    """Return a name for lists, logs and messages: cut, and without what would break them.

    Who sent it may have written anything.
    """
    cut = name[:limit]
    return "".join(c if c.isprintable() and c != "," else "?" for c in cut)
