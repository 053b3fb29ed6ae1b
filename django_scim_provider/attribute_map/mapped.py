"""What ``SCIM_PROVIDER["ATTRIBUTE_MAP"]`` says of one attribute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


# Equal only to itself, so that what is compiled from it is found by it.
@dataclass(frozen=True, slots=True, eq=False)
class Mapped:
    """The field that an attribute goes into or comes from; a mere name stands for one of these."""

    field: str
    """A field of the user model, ``"job_title"``, or of a model with a one-to-one relation to it,
    ``"profile.department"``."""
    write: bool = True
    """Is the field written when the attribute changes?"""
    read: bool = False
    """Is the attribute shown as the field has it? With ``write=False`` the project owns it, and
    what clients send of it is passed over."""
    to_host: Callable[[Any], Any] | str | None = None
    """What makes the value of the field from that of the attribute, a function or its dotted path.
    ``ValueError`` and ``ValidationError`` are 400, with their text."""
    to_scim: Callable[[Any], Any] | str | None = None
    """What makes the value of the attribute from that of the field; None is no value."""
    choices: Mapping[Any, Any] | None = None
    """Values of the attribute, and what each is in the field; texts in any case. Others are 400."""
