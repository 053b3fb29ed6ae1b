"""Measures works on targets in alternation.

In each round every target does a slice of the work in turn, so that what the machine does beside it
is about the same for all; a ratio is one of two slices of the same round.
"""

from __future__ import annotations

import itertools
import json
import random
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial

from benchmarks.yardstick.targets import Target
from benchmarks.yardstick.wire import drive
from benchmarks.yardstick.works import SPARE, UnsupportedError, Work


@dataclass(frozen=True, slots=True)
class Slice:
    """What a target did in one round; ``problem`` says why it did nothing."""

    work: str
    target: str
    size: int
    round: int
    requests: int = 0
    application: float = 0.0
    """CPU seconds of one request."""
    database: float = 0.0
    waited: float = 0.0
    """Seconds until the client has half of the answers."""
    rate: float = 0.0
    refused: int = 0
    problem: str = ""

    @property
    def cost(self) -> float:
        """The CPU seconds of one request, of application and database."""
        return self.application + self.database


WARM = 12
"""Requests that are sent before the first slice of a work and not measured: a worker imports and
compiles at the first request of a kind."""


PAUSE = 0.02
"""Seconds until the kernel has noted what a process used that waits by now."""


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    works: Sequence[Work]
    rounds: int
    seconds: float
    clients: int


def measured(
    plan: Plan, targets: Sequence[Target], tell: Callable[[Work, list[Slice]], None]
) -> list[Slice]:
    """Return all slices; tells of each work when it is done."""
    for target in targets:
        alive = itertools.repeat(target.door.message("GET", f"/Users/{target.people[0]}"))
        drive(target.door, alive, (200,), clients=2 * plan.clients, at_most=4 * WARM)
    found: list[Slice] = []
    for work in plan.works:
        slices: list[Slice] = []
        given_up: set[tuple[str, int]] = set()
        for number in range(plan.rounds):
            for target in targets:
                if (target.name, target.size) not in given_up:
                    one = _slice(plan, work, target, number)
                    slices.append(one)
                    if one.problem:
                        given_up.add((target.name, target.size))
        tell(work, slices)
        found += slices
    return found


def _slice(plan: Plan, work: Work, target: Target, number: int) -> Slice:
    empty = Slice(work.name, target.name, target.size, number)
    try:
        messages = work.make(target, random.Random(number))  # noqa: S311 - guards nothing
        first = next(messages)  # by now the work was tried
    except (UnsupportedError, StopIteration, OSError) as error:
        return replace(empty, problem=str(error) or "it ends at once")
    sender = partial(drive, target.door, expected=work.expected, clients=plan.clients)
    warm = sender(messages, at_most=0 if number else WARM, keep=work.keeps)
    before = target.cpu()
    done = sender(
        itertools.chain([first], messages),
        seconds=plan.seconds,
        at_most=work.at_most,
        keep=work.keeps,
    )
    time.sleep(PAUSE)
    after = target.cpu()
    if work.keeps:
        _forget(target, [str(json.loads(body)["id"]) for body in warm.bodies + done.bodies])
    requests = len(done.waited)
    if not requests or len(done.refused) > requests // 2:
        return replace(empty, problem=str(done.refused[:1]))
    return replace(
        empty,
        requests=requests,
        application=(after[0] - before[0]) / requests,
        database=(after[1] - before[1]) / requests,
        waited=statistics.median(done.waited),
        rate=requests / done.seconds,
        refused=len(done.refused),
    )


def _forget(target: Target, made: list[str]) -> None:
    """Keep some of the people who were made, and delete the others: the size stays."""
    target.made += made
    rest, target.made = target.made[SPARE:], target.made[:SPARE]
    messages = (target.door.message("DELETE", f"/Users/{id}") for id in rest)
    drive(target.door, messages, (204,), clients=2)


def as_rows(slices: Iterable[Slice]) -> list[dict[str, object]]:
    """Return slices as what can be kept as JSON."""
    return [asdict(one) for one in slices]
