"""The time at which the tests of the health page play."""

from __future__ import annotations

from datetime import UTC, datetime

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
"""A Wednesday."""
