"""Drift: what the identity provider last said against what the project has now."""

from __future__ import annotations

from django_scim_provider.insight.drift.findings import (
    KEPT_REASONS,
    Difference,
    Drift,
    Finding,
    Kept,
    Part,
)
from django_scim_provider.insight.drift.run import BATCH_SIZE, MAX_BATCH_SIZE, Comparison

__all__ = [
    "BATCH_SIZE",
    "KEPT_REASONS",
    "MAX_BATCH_SIZE",
    "Comparison",
    "Difference",
    "Drift",
    "Finding",
    "Kept",
    "Part",
]
