"""Comparing all of a connection with the project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django_scim_provider.admin.connection_pages.drift import comparison_of
from django_scim_provider.insight.drift import Divergence
from django_scim_provider.models import CheckRun

SHOWN = 100
"""Accounts and groups that are named."""


def compare(run: CheckRun, found: dict[str, Any], note: Callable[[int, int], None]) -> str:
    """Compare; names of attributes are kept, and no values."""
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

    comparison_of(run.provider).run(seen=see, progress=progress)
    return ""
