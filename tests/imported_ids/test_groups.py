"""The suite of ``tests.test_groups`` over imported ids."""

from __future__ import annotations

from tests.test_groups import *  # noqa: F403
