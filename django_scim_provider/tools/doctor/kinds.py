"""What the doctor can find: kinds with stable ids, and diagnoses of such a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django_scim_provider.tools.answers import HTTPAnswer


class Level(StrEnum):
    """How bad a diagnosis is; only errors make the exit code 1."""

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
    seen: Any
    """One sentence: what was seen."""
    change: Any
    """What to change, and where."""
    level: Level = Level.ERROR

    def found(self, answer: HTTPAnswer | None = None, **values: object) -> Diagnosis:
        """Return a diagnosis of this kind.

        ``request``, ``status`` and ``scim_type`` are those of the answer that showed it.
        """
        if answer is None:
            return Diagnosis(self, values)
        known = {"request": answer.name, "status": answer.status, "scim_type": answer.scim_type}
        return Diagnosis(self, {**known, **values}, answer.request_id)


@dataclass(frozen=True, slots=True)
class Diagnosis:
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
