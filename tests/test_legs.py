"""The files that the whole check needs once are those that there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import legs

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("path", [*legs.ONCE, *legs.ONCE_PER_DATABASE])
def test_what_is_marked_has_tests(path: str) -> None:
    found = (ROOT / path).rglob("test_*.py") if path.endswith("/") else [ROOT / path]

    assert any(file.is_file() for file in found)


def test_no_file_has_both_marks() -> None:
    assert not [path for path in legs.ONCE_PER_DATABASE if path.startswith(legs.ONCE)]


def test_marks_are_given_by_path(request: pytest.FixtureRequest) -> None:
    marks = {
        legs.marker_of(f"{path}test_some.py::test" if path.endswith("/") else f"{path}::test")
        for path in legs.ONCE
    }

    assert marks == {"once"}
    assert legs.marker_of("tests/test_concurrency.py::test") == "once_per_database"
    assert legs.marker_of(request.node.nodeid) is None
