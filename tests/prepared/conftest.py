"""Sessions in which nothing is prepared yet, and somebody to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from tests.scim_client import SCIMTestClient


@pytest.fixture(autouse=True)
def own_session() -> Iterator[None]:
    """Begin and end with a session in which nothing is prepared."""
    connection.close()
    yield
    connection.close()


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that opens the connection again with more ``OPTIONS``."""

    def change(**more: Any) -> None:
        options = {**connection.settings_dict["OPTIONS"], **more}
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
        connection.close()

    return change


@pytest.fixture
def ada(scim_client: SCIMTestClient) -> str:
    """Return the id of a user."""
    return str(scim_client.create_user("ada", externalId="a1")["id"])


@pytest.fixture
def get(scim_client: SCIMTestClient, ada: str) -> Callable[[], None]:
    """Return what reads a user and looks at the answer."""

    def read() -> None:
        assert scim_client.get(f"/Users/{ada}").json["userName"] == "ada"

    return read
