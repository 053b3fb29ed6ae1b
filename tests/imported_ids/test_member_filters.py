"""The suite of ``tests.test_member_filters`` over imported ids."""

from __future__ import annotations

from tests.test_member_filters import *  # noqa: F403
