"""Drift: what the identity provider last said against what the project has now."""

from __future__ import annotations

from django_scim_provider.insight.drift.findings import (
    KEPT_REASONS,
    Aspect,
    Difference,
    Divergence,
    Drift,
    Kept,
)
from django_scim_provider.insight.drift.run import BATCH_SIZE, MAX_BATCH_SIZE, DriftComparison

__all__ = [
    "BATCH_SIZE",
    "KEPT_REASONS",
    "MAX_BATCH_SIZE",
    "Aspect",
    "Difference",
    "Divergence",
    "Drift",
    "DriftComparison",
    "Kept",
]
