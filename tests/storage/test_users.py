"""The store contract over the database, and what only the database store does."""

from __future__ import annotations

import pytest

from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.store import UserStore
from tests.factories import make_connection
from tests.store_contract import StoreContract


@pytest.mark.django_db
class TestUserStore(StoreContract):
    """Accounts of one connection keep the contract."""

    @pytest.fixture
    def store(self, db: None) -> UserStore:
        """Return the store of a connection without users."""
        connection = make_connection(provider_id="acme")
        return UserStore(StoreContext(provider_id=connection.provider_id))
