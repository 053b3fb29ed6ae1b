"""The table of threats is whole, and each test that it names exists."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
TABLE = (TESTS.parent / "docs/explanation/security-cases.rst").read_text()
ROWS = re.findall(
    r"\* - (T\d+)\n     - (.+)\n     - (.+)\n     - ((?:\| ``\S+``\s+)+)", TABLE + "\n"
)


@cache
def _functions(path: str) -> set[str]:
    return set(re.findall(r"^\s*def (test_\w+)", (TESTS / path).read_text(), re.MULTILINE))


def test_each_threat_has_a_row() -> None:
    assert [row[0] for row in ROWS] == [f"T{number:02d}" for number in range(1, 109)]


@pytest.mark.parametrize(("threat", "text", "state", "tests"), ROWS, ids=[row[0] for row in ROWS])
def test_row_is_handled_or_says_why_not(threat: str, text: str, state: str, tests: str) -> None:
    named = [name.split("::") for name in re.findall(r"``(\S+)``", tests)]

    assert named
    assert not [(path, test) for path, test in named if test not in _functions(path)]
    assert state == "handled" or (state == "not handled" and "Not handled: " in text)
