"""The suite of ``tests.test_bulk`` over imported ids."""

from __future__ import annotations

from tests.test_bulk import *  # noqa: F403
