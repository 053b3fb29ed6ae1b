"""Comparing all of a connection with the project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django_scim_provider.insight.drift import Divergence, DriftComparison
from django_scim_provider.models import CheckRun
from django_scim_provider.registry import get_registry

SHOWN = 100
"""Accounts and groups that are named."""


def compare(run: CheckRun, found: dict[str, Any], note: Callable[[int, int], None]) -> str:
    """Compare; names of attributes are kept, and no values."""
    registry = get_registry()
    findings: list[dict[str, Any]] = []
    found |= {"compared": 0, "differing": 0, "findings": findings}

    def see(divergence: Divergence) -> None:
        found["differing"] += divergence.is_drift
        if len(findings) < SHOWN:
            findings.append(
                {
                    "type": divergence.resource_type,
                    "id": divergence.resource_id,
                    "names": sorted({each.name for each in divergence.differences}),
                }
            )

    def progress(done: int, total: int) -> None:
        found["compared"] = done
        note(done, total)

    DriftComparison(
        run.provider,
        user_type=registry.by_name("User").resource_type,
        group_type=registry.by_name("Group").resource_type,
    ).run(seen=see, progress=progress)
    return ""
