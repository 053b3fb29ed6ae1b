"""What slices say: multiples of the floor in the same round, and growth in the same round."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.yardstick.rounds import Slice
from benchmarks.yardstick.targets import KINDS
from benchmarks.yardstick.works import Work

FLOOR = "floor"
OURS = "ours"
GROWTH = 1.2
"""What a work that an index serves may grow by."""


@dataclass(frozen=True)
class Ratio:
    """The median of a ratio over the rounds, and from where to where it went."""

    middle: float
    least: float
    most: float


def ratio(of: Sequence[Slice], to: Sequence[Slice]) -> Ratio | None:
    """Return the cost of slices as a multiple of others', round by round."""
    others = {one.round: one for one in to if not one.problem and one.cost}
    found = [
        one.cost / others[one.round].cost for one in of if one.round in others and not one.problem
    ]
    if not found:
        return None
    return Ratio(statistics.median(found), min(found), max(found))


def is_peer(target: str) -> bool:
    """Tell whether a target is another package."""
    return target in KINDS and KINDS[target].peer


class Figures:
    """Looks up slices by work, target and size."""

    def __init__(self, slices: Iterable[Slice], works: Sequence[Work]) -> None:
        self._slices: dict[tuple[str, str, int], list[Slice]] = {}
        for one in slices:
            self._slices.setdefault((one.work, one.target, one.size), []).append(one)
        names = {work for work, _, _ in self._slices}
        self.works = [work for work in works if work.name in names]
        self.targets = list(dict.fromkeys(target for _, target, _ in self._slices))
        self.sizes = list(dict.fromkeys(size for _, _, size in self._slices))

    def slices(self, work: str, target: str, size: int) -> list[Slice]:
        """Return the slices of a cell."""
        return self._slices.get((work, target, size), [])

    def targets_at(self, size: int) -> list[str]:
        """Return the targets that were measured at a size; other packages are at one alone."""
        return [
            target
            for target in self.targets
            if any(self.slices(work.name, target, size) for work in self.works)
        ]

    def to_floor(self, work: str, target: str, size: int) -> Ratio | None:
        """Return the cost as a multiple of the floor's at the same size."""
        return ratio(self.slices(work, target, size), self.slices(work, FLOOR, size))

    def ahead(self, work: str, size: int) -> list[str]:
        """Return the other packages that do a work for less than we do."""
        ours = self.to_floor(work, OURS, size)
        found = {name: self.to_floor(work, name, size) for name in self.targets if is_peer(name)}
        if ours is None:
            return [name for name, each in found.items() if each]
        return [name for name, each in found.items() if each and each.middle < ours.middle]

    def growth(self, work: str, target: str, size: int) -> Ratio | None:
        """Return the cost as a multiple of that at the smallest size."""
        first = self.slices(work, target, self.sizes[0])
        return ratio(self.slices(work, target, size), first)

    def milliseconds(self, work: str, target: str, size: int) -> tuple[float, float] | None:
        """Return the medians of the CPU of application and database, in milliseconds."""
        done = [one for one in self.slices(work, target, size) if not one.problem]
        if not done:
            return None
        return (
            1000 * statistics.median(one.application for one in done),
            1000 * statistics.median(one.database for one in done),
        )

    def problems(self, size: int) -> list[str]:
        """Return why a target did not do a work that another one did."""
        found = []
        for work in self.works:
            missing = {
                target: slices[0].problem
                for target in self.targets
                if (slices := self.slices(work.name, target, size)) and slices[0].problem
            }
            if len(missing) < len(self.targets):
                found += [f"{work.name}, {target}: {why}" for target, why in missing.items()]
        return found

    def behind(self, size: int) -> list[str]:
        """Return the sentence that says in which rows another package is ahead of us."""
        peers = [name for name in self.targets_at(size) if is_peer(name)]
        rows = {work.label: ", ".join(self.ahead(work.name, size)) for work in self.works}
        found = [f"{label} ({names})" for label, names in rows.items() if names]
        if not peers:
            return []
        return [
            f"Another package is ahead in {len(found)} rows: {'; '.join(found)}"
            if found
            else "No other package is ahead in any row."
        ]

    def refused(self) -> list[str]:
        """Return where answers were not what they should be."""
        return [
            f"{one.work} of {one.target} at {one.size:,}: {one.refused} refused"
            for slices in self._slices.values()
            for one in slices
            if one.refused
        ]
