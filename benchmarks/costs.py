"""Measures what the worst request of each kind costs as it grows.

Each cell is one request in a forked process of its own, through Django's handler on a fresh SQLite
database, with the settings of the example project. It shows the status, the CPU seconds (also of
the database), the MB that the request took at most beyond what was there before, and how the CPU
time grows: the exponent ``e`` of ``size ** e`` between the two largest sizes, 1 where it is linear,
"flat" where it stays small. ``!`` marks what is over the target: 0.1 s and 10 MB, and 0.5 s and
30 MB for each MiB of the request or the answer. A cell that uses more than ``--seconds`` of CPU is
ended. Needs Linux (``/proc``) and the extra ``test``.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import logging
import math
import multiprocessing
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import django

from benchmarks import ROOT, use_example_project
from benchmarks.sessions import Session
from benchmarks.worst_inputs import KINDS, PEOPLED

CONNECTION = "costs"
MIB = 1024 * 1024
BYTES_OF_A_MEMBER = 49
CPU_OF_A_MIB = 0.5
MEMORY_OF_A_MIB = 30.0
START = (0.1, 10.0)
"""CPU seconds and MB that a request of any size may take beside that."""


@dataclass(frozen=True)
class Cell:
    """One request: its status, CPU seconds and MB; None where it was ended."""

    status: int
    cpu: float
    memory: float
    answer: int


def main(arguments: Sequence[str]) -> None:
    """Parse the command line, measure each kind at each size, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks costs", description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=size_of, default=[2**16, 2**18, 2**20, 2**22])
    parser.add_argument("--only", nargs="+", default=[""], help="kinds whose name holds a text")
    parser.add_argument("--seconds", type=int, default=60, help="CPU seconds of a cell at most")
    found = parser.parse_args(arguments)
    kinds = [name for name in KINDS if any(text in name for text in found.only)]
    sizes = sorted(found.sizes)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), found.seconds)
        show_head(sizes)
        for kind in kinds:
            users = sizes[-1] // BYTES_OF_A_MEMBER if kind in PEOPLED else 0
            print(row(kind, sizes, [bench.cell(kind, size, users) for size in sizes]), flush=True)


def size_of(text: str) -> int:
    """Return the bytes of ``64K`` or ``4M``."""
    found = re.fullmatch(r"(\d+)([KM]?)", text.upper())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text} is no size such as 64K or 4M.")
    return int(found.group(1)) * {"": 1, "K": 1024, "M": MIB}[found.group(2)]


class Bench:
    """Runs cells, each on a copy of a database that is made once."""

    def __init__(self, folder: Path, seconds: int) -> None:
        self.folder = folder
        self.seconds = seconds
        self.tokens: dict[int, str] = {}
        self.path = folder / "cell" / "database.sqlite3"
        use_example_project(f"sqlite:///{self.path}")
        django.setup()
        logging.disable()

    def cell(self, kind: str, size: int, users: int) -> Cell | None:
        """Return what a request costs; None where it was ended for its CPU time."""
        database = self.database(users)
        self.path.parent.mkdir()
        shutil.copyfile(database, self.path)
        context = multiprocessing.get_context("fork")
        receiver, sender = context.Pipe(duplex=False)
        arguments = (sender, kind, size, self.tokens[users], self.seconds)
        process = context.Process(target=measure, args=arguments)
        process.start()
        sender.close()
        try:
            cell: Cell | None = receiver.recv()
        except EOFError:
            cell = None
        process.join()
        shutil.rmtree(self.path.parent)
        if cell is None and process.exitcode != -signal.SIGKILL:
            raise SystemExit(f"{kind} at {size} failed.")
        return cell

    def database(self, users: int) -> Path:
        """Return the database with so many users."""
        path = self.folder / f"{users}.sqlite3"
        if users not in self.tokens:
            environment = {
                **os.environ,
                "DATABASE_URL": f"sqlite:///{path}",
                "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
            }
            fill = [sys.executable, "-m", "benchmarks.load", CONNECTION, str(users)]
            filled = subprocess.run(
                fill, env=environment, check=True, capture_output=True, text=True, cwd=ROOT
            )
            self.tokens[users] = filled.stdout.strip()
        return path


def measure(sender: Connection, kind: str, size: int, token: str, seconds: int) -> None:
    """Prepare a request, send it, and tell what sending it cost."""
    session = Session(token)
    session.user_ids(1)
    request = KINDS[kind](session, size)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")  # the high water mark begins again
    before = memory("VmRSS")
    limit = int(time.process_time()) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    started = time.process_time()
    status, answer = session.send(request)
    cpu = time.process_time() - started
    sender.send(Cell(status, cpu, memory("VmHWM") - before, len(answer)))


def memory(name: str) -> float:
    """Return a figure of the kernel about this process, in MB."""
    line = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name)
    )
    return int(line.split()[1]) / 1024


def show_head(sizes: list[int]) -> None:
    """Print the head of the table."""
    named = [f"{size // MIB} MiB" if size >= MIB else f"{size // 1024} KiB" for size in sizes]
    print(f"{'status, CPU seconds, MB':36}" + "".join(f"{name:>20}" for name in named) + "  growth")


def row(kind: str, sizes: list[int], cells: list[Cell | None]) -> str:
    """Return a row of the table; what is over the target is marked."""
    shown = "".join(
        f"{shown_cell(size, cell):>20}" for size, cell in zip(sizes, cells, strict=True)
    )
    return f"{kind:36}{shown}  {growth(sizes, cells)}"


def shown_cell(size: int, cell: Cell | None) -> str:
    """Return the text of one cell."""
    if cell is None:
        return "ended!"
    # An answer that is larger than the request is what the memory is for.
    mib = max(size, cell.answer) / MIB
    over = (
        cell.cpu > START[0] + CPU_OF_A_MIB * mib or cell.memory > START[1] + MEMORY_OF_A_MIB * mib
    )
    return f"{cell.status} {cell.cpu:.3f} {cell.memory:.0f}{'!' if over else ' '}"


def growth(sizes: list[int], cells: list[Cell | None]) -> str:
    """Return the exponent of the CPU time between the two largest sizes that were measured."""
    done = [(size, cell.cpu) for size, cell in zip(sizes, cells, strict=True) if cell is not None]
    if len(done) < 2 or done[-1][1] < START[0]:
        return "flat" if len(done) == len(cells) else "?"
    (small, less), (large, more) = done[-2:]
    return f"{math.log(more / max(less, 0.01)) / math.log(large / small):.2f}"
