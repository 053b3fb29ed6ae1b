"""Measurements of the app, beside it and not in it; ``python -m benchmarks`` has them all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def use_example_project(database: str) -> None:
    """Let Django's set-up find the example project, over a database."""
    example = str(ROOT / "example_project")
    if example not in sys.path:
        sys.path.insert(0, example)
    os.environ.setdefault("SECRET_KEY", "benchmarks")
    os.environ["DATABASE_URL"] = database
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
