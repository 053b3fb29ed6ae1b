"""How attributes are shown: what is said of each, its type and its default."""

from __future__ import annotations

import dataclasses
from typing import Any


def keep_colons(lines: list[str]) -> None:
    """Begin what is said of an attribute with a comment, which shows nothing.

    napoleon takes what stands before a colon in the first line for the type of the attribute.
    """
    lines[:0] = ["..", ""]


def show_default(owner: type[Any], name: str, lines: list[str]) -> None:
    """End what is said of a field of a dataclass with its default."""
    for field in dataclasses.fields(owner) if dataclasses.is_dataclass(owner) else ():
        if field.name == name and (default := default_of(field)) is not None:
            lines += ["", f"*Default:* ``{default}``", ""]


def default_of(field: dataclasses.Field[Any]) -> str | None:
    """Return the default of a field as Python writes it; None where a value must be given."""
    if field.default_factory is not dataclasses.MISSING:
        return repr(field.default_factory())
    return None if field.default is dataclasses.MISSING else repr(field.default)
