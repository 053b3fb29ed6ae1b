"""The recorded traffic of identity providers over imported ids."""

from __future__ import annotations

from tests.judges.test_interop_cases import *  # noqa: F403
