"""What a reconciliation did, and whose roles a preview or a replay is narrowed to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django_scim_provider.models import RoleMapping
from django_scim_provider.storage.roles.targets import RoleTarget, target_of

FIRST = 10
"""Users who are named, of those who gained or lost something."""


@dataclass(slots=True)
class RoleChanges:
    """What a reconciliation did, or would do."""

    granted: int = 0
    """Grants that were written, those included of users who had the same by another connection."""
    revoked: int = 0
    gained: int = 0
    """Users who have something now that they did not have before; one who gained two counts
    twice."""
    lost: int = 0
    first_gained: list[Any] = field(default_factory=list)
    """The keys of the first of them, ``FIRST`` at most."""
    first_lost: list[Any] = field(default_factory=list)

    def note_gained(self, keys: Iterable[Any]) -> None:
        """Count users who have something now."""
        self.gained += _noted(self.first_gained, keys)

    def note_lost(self, keys: Iterable[Any]) -> None:
        """Count users who have it no more."""
        self.lost += _noted(self.first_lost, keys)

    def add(self, other: RoleChanges) -> None:
        """Add what another batch did."""
        self.granted += other.granted
        self.revoked += other.revoked
        self.gained += other.gained
        self.lost += other.lost
        _noted(self.first_gained, other.first_gained)
        _noted(self.first_lost, other.first_lost)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The roles that are looked at, and the mappings as they are going to be."""

    targets: Sequence[RoleTarget]
    mappings: Sequence[RoleMapping] | None = None
    """All of the connection; None: those that are stored."""

    def of(self, stored: Iterable[RoleMapping]) -> list[RoleMapping]:
        """Return the mappings that give one of the roles."""
        rows = stored if self.mappings is None else self.mappings
        return [row for row in rows if target_of(row) in self.targets]

    @property
    def keys(self) -> list[str]:
        """Return what names the roles in the ``target_key`` of grants."""
        return sorted(target.key for target in self.targets)


def _noted(first: list[Any], keys: Iterable[Any]) -> int:
    found = list(keys)
    first.extend(found[: FIRST - len(first)])
    return len(found)


def by_target(
    pairs: set[tuple[Any, RoleTarget]], *, first: Collection[RoleTarget] = ()
) -> list[tuple[RoleTarget, list[Any]]]:
    """Return the users by the target, in an order that is always the same."""
    found: dict[RoleTarget, list[Any]] = {}
    for key, target in sorted(pairs, key=str):
        found.setdefault(target, []).append(key)
    return sorted(found.items(), key=lambda each: each[0] not in first)
