"""Which connections were chosen, and how far the work on them is, in fields of a form.

The choice is what was confirmed: connections that come to the list meanwhile, or leave it because
of what is done, change nothing of it. A form of thousands has few fields, and nothing is kept
between its requests.
"""

from __future__ import annotations

import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

MOST = 10_000
"""Connections that may be chosen at once; a key takes 22 characters of the form."""
MAX_REASON_LENGTH = 300
_SIZE = 16


def packed(keys: Iterable[UUID]) -> str:
    """Return keys as one text."""
    return urlsafe_b64encode(b"".join(key.bytes for key in keys)).decode()


def unpacked(text: str) -> list[UUID]:
    """Return the keys of such a text, each once, in their order.

    Raises:
        ValidationError: it is none, or there are more than ``MOST``.
    """
    try:
        found = b64decode(text.encode(), altchars=b"-_", validate=True)
        keys = [UUID(bytes=found[at : at + _SIZE]) for at in range(0, len(found), _SIZE)]
    except ValueError as error:
        raise ValidationError(gettext("Choose the connections again.")) from error
    if len(keys) > MOST:
        raise ValidationError(gettext("Choose the connections again."))
    return list(dict.fromkeys(keys))


@dataclass(slots=True)
class Progress:
    """How far the work on what was chosen is; it travels with the form."""

    left: list[UUID]
    done: list[UUID] = field(default_factory=list)
    refused: dict[str, list[UUID]] = field(default_factory=dict)
    """By the reason: a word of ``Obstacle``, or a sentence."""
    position: str = ""
    """Where the first of ``left`` goes on, if it is begun."""
    number: int = 0
    """What else is counted, such as people who were repaired."""
    spent: int = 0
    """Rows that this request looked at; no field of the form."""

    @classmethod
    def of(cls, data: Mapping[str, str]) -> Progress:
        """Return the progress that a form carries.

        Raises:
            ValidationError: it carries none.
        """
        try:
            told = json.loads(data.get("refused") or "{}")
            json.dumps(told, ensure_ascii=False).encode()  # halves of characters are no text
            refused = {reason[:MAX_REASON_LENGTH]: unpacked(keys) for reason, keys in told.items()}
            number = int(data.get("number") or 0)
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise ValidationError(gettext("Choose the connections again.")) from error
        position = (data.get("position") or "").replace("\x00", "")
        left, done = unpacked(data.get("chosen") or ""), unpacked(data.get("done") or "")
        return cls(left, done, refused, position, number)

    @property
    def worked(self) -> int:
        """Return how many are over, whatever came of them."""
        return len(self.done) + sum(len(keys) for keys in self.refused.values())

    @property
    def total(self) -> int:
        """Return how many were chosen."""
        return self.worked + len(self.left)

    def refuse(self, key: UUID, reason: str) -> None:
        """Note why nothing was done to a connection."""
        self.refused.setdefault(reason[:MAX_REASON_LENGTH], []).append(key)

    def fields(self) -> dict[str, str]:
        """Return the fields of the form, by their names."""
        told = {reason: packed(keys) for reason, keys in self.refused.items()}
        return {
            "chosen": packed(self.left),
            "done": packed(self.done),
            "refused": json.dumps(told),
            "position": self.position,
            "number": str(self.number),
        }
