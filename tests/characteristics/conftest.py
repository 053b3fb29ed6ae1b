"""The settings that declare the attributes, and a client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.characteristics.places import PLACES, SETTINGS, WAYS, Place
from tests.factories import make_token
from tests.scim_client import SCIMTestClient


@pytest.fixture(autouse=True)
def declared(scim_settings: Callable[..., None], settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.characteristics.urls"
    scim_settings(**SETTINGS)


@pytest.fixture
def client(db: None) -> SCIMTestClient:
    return SCIMTestClient(make_token())


@pytest.fixture(params=list(PLACES))
def place(request: pytest.FixtureRequest) -> Place:
    return PLACES[request.param]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)
