"""The suite of ``tests.test_nested_groups`` over imported ids."""

from __future__ import annotations

from tests.test_nested_groups import *  # noqa: F403
