"""The settings of a project without time zones, whose clocks are put forward and back."""

from __future__ import annotations

from tests.settings import *  # noqa: F403 - the same project but for its time
from tests.settings import DATABASES

USE_TZ = False
TIME_ZONE = "Europe/Berlin"
if not DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Runs beside the main suite, which holds its own test database on the same server.
    DATABASES["default"]["TEST"]["NAME"] = f"test_{DATABASES['default']['NAME']}_naive"
