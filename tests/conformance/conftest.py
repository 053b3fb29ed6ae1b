"""The examples of the RFCs, by the name of their file in ``tests/samples``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.fixture
def sample() -> Callable[[str], Any]:
    """Return a function that reads a sample."""

    def read(name: str) -> Any:
        return json.loads((SAMPLES / f"{name}.json").read_text())

    return read
