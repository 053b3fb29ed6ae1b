"""What a run met, counted, and written for ``tests.portable.summary``."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from tests.portable.constructs import Violation


class Collection:
    """How often each violation was met, with a test that meets it; a file is written of it."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._examples: dict[tuple[str, str], dict[str, Any]] = {}

    def add(self, test: str, violations: list[Violation]) -> None:
        """Count what a test met."""
        for violation in violations:
            key = violation.construct.name, str(violation.place)
            self._counts[key] += 1
            self._examples.setdefault(key, {"detail": violation.detail, "test": test})

    def append_to(self, path: Path) -> None:
        """Write a line of JSON for each, behind those of other processes, and begin again."""
        lines = [
            json.dumps(
                {"construct": name, "place": place, "count": count, **self._examples[name, place]}
            )
            for (name, place), count in self._counts.items()
        ]
        with path.open("a") as file:
            file.write("".join(f"{line}\n" for line in lines))
        self._counts.clear()
