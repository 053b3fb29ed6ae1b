"""What the doctor can find: kinds with stable ids, and findings of such a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How bad a finding is; only errors make the exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that can be wrong.

    ``id`` is stable: programs and the documentation refer to it. ``seen`` and ``change`` are
    translatable and have named placeholders, which are filled after translation.
    """

    id: str
    level: Level
    seen: Any
    """One sentence: what was seen."""
    change: Any
    """What to change, and where."""

    def found(self, request_id: str | None = None, **values: object) -> Finding:
        """Return a finding of this kind."""
        return Finding(self, values, request_id)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with the deployment; holds no token and nothing of people's data."""

    kind: Kind
    values: Mapping[str, object] = field(default_factory=dict)
    """What fills the placeholders."""
    request_id: str | None = None
    """The ``X-Request-ID`` of the request that showed it, by which logs and events are found."""

    @property
    def seen(self) -> str:
        """Return what was seen, in the language in force."""
        return str(self.kind.seen) % self.values

    @property
    def change(self) -> str:
        """Return what to change, in the language in force."""
        return str(self.kind.change) % self.values


class NoAnswer(Exception):
    """A request had no answer that could be used; carries the finding that says why."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.kind.id)


class Throttled(NoAnswer):
    """The limit on requests does not let the doctor go on."""
