"""What a run shows: a bar, and then a table of the operations with the failures, or JSON.

Needs rich, of the extra ``tools``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

from django.core.management.base import OutputWrapper
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from django_scim_provider.tools.simulator.exchange import Failure, Operation
from django_scim_provider.tools.simulator.run import Announce, Run
from django_scim_provider.tools.simulator.steps import IdentityProvider

SHOWN_FAILURES = 10
WIDTH = 140
"""Columns where the output is not a terminal."""
SHARES = {"median": 0.5, "p95": 0.95, "max": 1.0}


def console_on(wrapper: OutputWrapper) -> Console:
    """Return a console that writes where a command does.

    It writes past Django's wrapper, which would end each movement of a bar by a line break.
    """
    raw = cast(IO[str], wrapper._out)
    return Console(file=raw, width=None if raw.isatty() else WIDTH)


@contextmanager
def bar(console: Console) -> Iterator[Announce]:
    """Show a progress bar; yield what moves it."""
    columns = (
        TextColumn("{task.description:28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=None)

        def announce(name: str, done: int, total: int) -> None:
            progress.update(task, description=name, completed=done, total=total)

        yield announce


def print_run(console: Console, run: Run) -> None:
    """Print a row for each operation, what the server asked to wait, and the first failures."""
    exchange = run.session.exchange
    table = Table(title=f"{run.provider.title}, run {run.session.directory.run}")
    table.title_justify = "left"
    table.add_column("Operation, in ms")  # breaks where a terminal is narrow; numbers never do
    for heading in ("Requests", "Median", "95 %", "Longest", "Waited", "Failed"):
        table.add_column(heading, justify="right", no_wrap=True)
    for operation in exchange.operations.values():
        failed = len(operation.failures)
        table.add_row(
            operation.name,
            str(len(operation.milliseconds)),
            *(latency(operation, share) for share in SHARES.values()),
            str(operation.throttled),
            f"[red]{failed}[/red]" if failed else "0",
        )
    console.print(table)
    if exchange.waited:
        console.print(f"Waited {exchange.waited:.0f} s because the server answered 429.")
    if not run.provider.pushes_groups:
        console.print(f"{run.provider.title} pushes no groups.")
    _print_failures(console, run.provider, exchange.failures)


def latency(operation: Operation, share: float) -> str:
    """Return what this share of the answers stayed within, ``-`` where nothing was sent."""
    return f"{operation.at(share):.1f}" if operation.milliseconds else "-"


def as_json(run: Run) -> dict[str, Any]:
    """Return the run as numbers and texts; latencies are in milliseconds, waits in seconds."""
    exchange = run.session.exchange
    return {
        "provider": run.provider.name,
        "run": run.session.directory.run,
        "good": run.good,
        "stopped": run.stopped,
        "requests": sum(len(one.milliseconds) for one in exchange.operations.values()),
        "waited": exchange.waited,
        "operations": [_operation(one) for one in exchange.operations.values()],
        "failures": [_failure(run.provider, one) for one in exchange.failures],
    }


def _operation(operation: Operation) -> dict[str, Any]:
    sent = bool(operation.milliseconds)
    return {
        "operation": operation.name,
        "count": len(operation.milliseconds),
        **{name: round(operation.at(of), 3) if sent else None for name, of in SHARES.items()},
        "throttled": operation.throttled,
        "failures": len(operation.failures),
    }


def _failure(provider: IdentityProvider, failure: Failure) -> dict[str, Any]:
    return {
        "operation": failure.operation,
        "request": f"{failure.method} {failure.path}",
        "status": failure.status,
        "scimType": failure.scim_type,
        "wrong": failure.wrong,
        "shown": provider.shown(failure),
    }


def _print_failures(console: Console, provider: IdentityProvider, failures: list[Failure]) -> None:
    if not failures:
        return
    table = Table(title=f"What {provider.title} would show", title_justify="left", show_lines=True)
    for heading in ("Status", "scimType", "Wrong", "Its administrator sees"):
        table.add_column(heading, overflow="fold")
    for failure in failures[:SHOWN_FAILURES]:
        status = "-" if failure.status is None else str(failure.status)
        request = f"{failure.method} {failure.path}: {failure.wrong}"
        cells = (status, failure.scim_type or "-", request, provider.shown(failure))
        table.add_row(*map(escape, cells))
    console.print(table)
    if len(failures) > SHOWN_FAILURES:
        console.print(f"and {len(failures) - SHOWN_FAILURES} more failures")
