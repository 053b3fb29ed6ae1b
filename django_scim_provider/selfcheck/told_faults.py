"""What a check tells: what is wrong, and where in the project's code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class ToldFault:
    """Something that is wrong."""

    where: str
    """The dotted path of code of the project's, with the line where it raised."""
    says: str
    """One sentence."""
    level: Level = "error"
    """A warning may be meant so."""
    reason: str = ""
    """What makes it the same one, whatever request shows it; empty: what it says."""

    @property
    def key(self) -> tuple[str, str]:
        """Return what two faults have in common that are one."""
        return self.where, self.reason or self.says


class NothingToCheck(Exception):
    """A check does not apply; the text says why."""


class TransactionEnded(Exception):
    """A request has made the database end the transaction of the checks."""

    def __init__(self, fault: ToldFault) -> None:
        super().__init__(fault.says)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """One check: its name, what it looks at, and how."""

    name: str
    about: str
    find: Callable[[Any], Iterator[ToldFault]]
    """Takes the ``CheckedConnection``.

    Raises:
        NothingToCheck: the project has nothing of the kind.
        TransactionEnded: what is left of the check cannot be made.
    """


@dataclass(slots=True)
class CheckedPart:
    """What became of one check for one connection."""

    name: str
    about: str
    connection: str
    """What the connection is: its profile, and whether it is an organization's."""
    faults: list[ToldFault] = field(default_factory=list)
    skipped: str = ""
    """Why it was not made; empty where it was."""

    @property
    def state(self) -> str:
        """Return ``failed``, ``skipped`` or ``passed``."""
        if any(fault.level == "error" for fault in self.faults):
            return "failed"
        return "skipped" if self.skipped else "passed"

    def as_dict(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "check": self.name,
            "connection": self.connection,
            "state": self.state,
            "skipped": self.skipped or None,
            "faults": [
                {"level": fault.level, "where": fault.where, "says": fault.says}
                for fault in self.faults
            ],
        }
