"""CPU time and memory of process trees, as the kernel of Linux counts them.

CPU time hardly depends on what else the machine does, which is why costs are told in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

PROCESSES = Path("/proc")


def cpu_seconds(roots: Iterable[int], *, below: bool = True) -> float:
    """Return the CPU seconds that processes have used, with all that are below them."""
    return sum(_cpu(pid) for root in roots for pid in (tree(root) if below else [root]))


def tree(root: int) -> Iterator[int]:
    """Yield a process and all below it that live."""
    yield root
    with suppress(OSError):
        for children in PROCESSES.glob(f"{root}/task/*/children"):
            with suppress(OSError):
                for child in children.read_text().split():
                    yield from tree(int(child))


def _cpu(pid: int) -> float:
    total = 0
    with suppress(OSError):
        for schedule in PROCESSES.glob(f"{pid}/task/*/schedstat"):
            with suppress(OSError):
                total += int(schedule.read_text().split()[0])
    return total / 1e9


def resident_bytes(roots: Iterable[int]) -> int:
    """Return what the processes below those hold in memory, which are workers."""
    return sum(_resident(pid) for root in roots for pid in tree(root) if pid != root)


def _resident(pid: int) -> int:
    lines = (PROCESSES / str(pid) / "status").read_text().splitlines()
    kibibytes = next(line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return 1024 * int(kibibytes)
