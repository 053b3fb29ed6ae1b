"""The suite of ``tests.test_roles`` over imported ids."""

from __future__ import annotations

from tests.test_roles import *  # noqa: F403
