"""The index names tests that exist."""

from __future__ import annotations

from importlib import import_module

import pytest

from tests.seed.index import INDEX

NAMED = sorted({name for promise in INDEX for name in promise.tests})


@pytest.mark.parametrize("name", NAMED)
def test_named_test_exists(name: str) -> None:
    module, _, function = name.partition("::")

    found = import_module(f"tests.{module}")

    assert any(each.startswith("test_") for each in vars(found))
    assert not function or callable(getattr(found, function))


def test_every_promise_has_a_test() -> None:
    assert all(promise.tests for promise in INDEX)
