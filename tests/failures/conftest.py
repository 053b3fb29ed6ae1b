"""People who are in the way of somebody else, and who may link them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from tests.administration import staff
from tests.failures.test_page import LINKS, SEES


@pytest.fixture
def ann(db: None) -> Any:
    """Return a user with a password, whom the policy alone would not link."""
    make = get_user_model().objects.create_user
    return make("ann", email="ann@x.example", password="ann's own")


@pytest.fixture
def worker(db: None) -> Any:
    return staff("worker", *SEES, *LINKS)
