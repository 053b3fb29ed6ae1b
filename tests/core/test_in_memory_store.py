"""The store contract over the in-memory store."""

from __future__ import annotations

import pytest

from tests.core.in_memory import InMemoryStore
from tests.store_contract import StoreContract


class TestInMemoryStore(StoreContract):
    """The oracle keeps the contract."""

    @pytest.fixture
    def store(self) -> InMemoryStore:
        """Return an empty store."""
        return InMemoryStore()
