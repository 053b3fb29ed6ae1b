"""Lists of resources of the project's own by the ORM alone are those that SQL finds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inventory.scanners import ScannerStore
from tests.portable.both_ways import same_pages, small_batches
from tests.test_resource_columns import FILTERS, PATHS, stores

__all__ = ["stores"]


def test_filters_find_the_same(stores: list[ScannerStore], monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch)
    for store in stores:
        found = [same_pages(store, text) for text in FILTERS]
        assert set(found) >= {0, 1, 2, 3}


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort_by", PATHS)
def test_orders_are_the_same(stores: list[ScannerStore], sort_by: str, descending: Any) -> None:
    for store in stores:
        for text in (None, "floor pr", 'displayName co "n"'):
            same_pages(store, text, sort_by=sort_by, descending=descending)
