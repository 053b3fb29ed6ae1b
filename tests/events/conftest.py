"""Fixtures of the tests of events."""

from __future__ import annotations

from tests.management.conftest import ann, person

__all__ = ["ann", "person"]
