"""What an import came to, as a table and as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.yardstick.pictures import Bar, bars
from benchmarks.yardstick.publishing import sentence, shown
from benchmarks.yardstick.tables import as_rst, as_text
from benchmarks.yardstick.watching import OUTSIDE, WORKS, Seen
from benchmarks.yardstick.wire import Drive

APPLICATION = ("worker", "gunicorn")


@dataclass(frozen=True)
class Way:
    """How people are sent: by so many clients, and so many at once where it is by Bulk."""

    clients: int
    operations: int = 0

    @property
    def label(self) -> str:
        """How it is named."""
        clients = f"{self.clients} client{'s' if self.clients > 1 else ''}"
        return f"Bulk of {self.operations}, {clients}" if self.operations else clients


@dataclass(frozen=True)
class Import:
    """One import: people first, then groups."""

    way: Way
    people: int
    made: Drive
    seen: Seen
    groups: int
    grouped: Drive
    at_groups: Seen

    def cpu(self) -> tuple[float, float]:
        """Return the CPU milliseconds of a person, of application and of database."""
        return _parts(self.seen, self.people)

    def rate(self) -> float:
        """Return how many people came in each second."""
        return self.people / self.made.seconds

    def busy(self) -> float:
        """Return how many workers were busy, on average."""
        return self.seen.cpu["worker"] / self.made.seconds


def table(imports: Sequence[Import]) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows."""
    head = ["way", "people/s", "ms application", "ms database", "workers busy"]
    head += ["database works", "waits", "outside", "groups/s", "ms a group"]
    rows = []
    for one in imports:
        application, database = one.cpu()
        waits = 1 - one.seen.share(WORKS, OUTSIDE) if one.seen.sessions else 0.0
        of_group = sum(_parts(one.at_groups, one.groups))
        cells = [one.way.label, f"{one.rate():.0f}", f"{application:.2f}", f"{database:.2f}"]
        cells += [f"{one.busy():.2f}", *map(_percent, (one.seen.share(WORKS), waits))]
        cells += [_percent(one.seen.share(OUTSIDE)), f"{one.groups / one.grouped.seconds:.0f}"]
        rows.append([*cells, f"{of_group:.1f}"])
    return head, rows


def table_of_processes(imports: Sequence[Import]) -> tuple[list[str], list[list[str]]]:
    """Return the CPU milliseconds of a person by kind of process, and what sessions waited for."""
    kinds = sorted({kind for one in imports for kind in one.seen.cpu})
    rows = []
    for kind in kinds:
        costs = [1000 * one.seen.cpu[kind] / one.people for one in imports]
        if max(costs) >= 0.05:
            rows.append([kind, *(f"{cost:.2f}" for cost in costs)])
    waits = sorted({kind for one in imports for kind, _ in one.seen.waits()})
    rows += [
        [f"waits, {kind}", *(_percent(one.seen.share(kind)) for one in imports)] for kind in waits
    ]
    return ["process, ms a person", *(one.way.label for one in imports)], rows


def shares(imports: Sequence[Import]) -> list[str]:
    """Return what a person costs by each way of Bulk, as a share of a single request's CPU."""
    single = next((one for one in imports if not one.way.operations), None)
    if single is None:
        return []
    whole = sum(single.cpu())
    return [
        f"{one.way.label}: {sum(one.cpu()) / whole:.2f} of the CPU of a single request."
        for one in imports
        if one.way.operations and whole
    ]


def show(imports: Sequence[Import], title: str) -> None:
    """Print the tables."""
    print(as_text(f"\n{title}", *table(imports)))
    print(as_text("", *table_of_processes(imports)))
    print(*shares(imports), sep="\n", flush=True)


def publish(imports: Sequence[Import], title: str, name: str, folder: Path) -> None:
    """Write ``name.inc``, and the picture that it shows."""
    rows = []
    for one in imports:
        application, database = one.cpu()
        parts = {"application": application, "database": database}
        rows.append(Bar(one.way.label, parts, f"{one.rate():.0f} people/s"))
    drawn = bars(f"{title}: CPU of a person", ("application", "database"), rows)
    page = [f"{sentence(title)}\n", as_rst(*table(imports)), shown(drawn, name, folder)]
    page += [f"{line}\n" for line in shares(imports)]
    page += ["**By process**\n", as_rst(*table_of_processes(imports))]
    (folder / f"{name}.inc").write_text("\n".join(page))


def _parts(seen: Seen, number: int) -> tuple[float, float]:
    application = sum(seen.cpu[kind] for kind in APPLICATION)
    rest = sum(seen.cpu.values()) - application
    return 1000 * application / number, 1000 * rest / number


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
