"""The suite of ``tests.test_resource_types`` over imported ids."""

from __future__ import annotations

from tests.test_resource_types import *  # noqa: F403
