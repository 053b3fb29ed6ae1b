"""The report of a simulation: a table of the operations with the failures, or a dict."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from django_scim_provider.tools.simulator.simulation import Simulation
from django_scim_provider.tools.simulator.steps import IdentityProvider
from django_scim_provider.tools.simulator.traffic import Operation, ProvisioningFailure

SHOWN_FAILURES = 10
SHARES = {"median": 0.5, "p95": 0.95, "max": 1.0}


def print_simulation(console: Console, run: Simulation) -> None:
    """Print a row for each operation, what the server asked to wait, and the first failures."""
    traffic = run.session.traffic
    table = Table(title=f"{run.provider.title}, run {run.session.directory.run}")
    table.title_justify = "left"
    table.add_column("Operation, in ms")  # breaks where a terminal is narrow; numbers never do
    for heading in ("Requests", "Median", "95 %", "Longest", "Waited", "Failed"):
        table.add_column(heading, justify="right", no_wrap=True)
    for operation in traffic.operations.values():
        failed = len(operation.failures)
        table.add_row(
            operation.name,
            str(len(operation.milliseconds)),
            *(latency(operation, share) for share in SHARES.values()),
            str(operation.throttled),
            f"[red]{failed}[/red]" if failed else "0",
        )
    console.print(table)
    if traffic.waited:
        console.print(f"Waited {traffic.waited:.0f} s because the server answered 429.")
    if not run.provider.pushes_groups:
        console.print(f"{run.provider.title} pushes no groups.")
    _print_failures(console, run.provider, traffic.failures)


def latency(operation: Operation, share: float) -> str:
    """Return what this share of the answers stayed within, ``-`` where nothing was sent."""
    return f"{operation.at(share):.1f}" if operation.milliseconds else "-"


def as_dict(run: Simulation) -> dict[str, Any]:
    """Return the run as numbers and texts; latencies are in milliseconds, waits in seconds."""
    traffic = run.session.traffic
    return {
        "provider": run.provider.name,
        "run": run.session.directory.run,
        "good": run.good,
        "stopped": run.stopped,
        "requests": sum(len(one.milliseconds) for one in traffic.operations.values()),
        "waited": traffic.waited,
        "operations": [_operation(one) for one in traffic.operations.values()],
        "failures": [_failure(run.provider, one) for one in traffic.failures],
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


def _failure(provider: IdentityProvider, failure: ProvisioningFailure) -> dict[str, Any]:
    return {
        "operation": failure.request.operation,
        "request": failure.request.name,
        "status": failure.status,
        "scimType": failure.scim_type,
        "wrong": failure.wrong,
        "shown": provider.shown(failure),
    }


def _print_failures(
    console: Console, provider: IdentityProvider, failures: list[ProvisioningFailure]
) -> None:
    if not failures:
        return
    table = Table(title=f"What {provider.title} would show", title_justify="left", show_lines=True)
    for heading in ("Status", "scimType", "Wrong", "Its administrator sees"):
        table.add_column(heading, overflow="fold")
    for failure in failures[:SHOWN_FAILURES]:
        status = "-" if failure.status is None else str(failure.status)
        request = f"{failure.request.name}: {failure.wrong}"
        cells = (status, failure.scim_type or "-", request, provider.shown(failure))
        table.add_row(*map(escape, cells))
    console.print(table)
    if len(failures) > SHOWN_FAILURES:
        console.print(f"and {len(failures) - SHOWN_FAILURES} more failures")
