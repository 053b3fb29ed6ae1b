"""A fixture for tests of both ways."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.portable.watching.vendor import only_portable
from tests.portable.watching.watch import Watch, watching


@pytest.fixture
def portable() -> Iterator[Watch]:
    """Go the portable way in this test, and fail on what it forbids."""
    with only_portable(), watching() as watch:
        yield watch
        assert watch.violations == []
