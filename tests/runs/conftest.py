"""A connection that is checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scim_provider.insight.run_keeping import begin_run
from django_scim_provider.models import CheckRun, ProviderConnection
from tests.factories import make_connection, make_token
from tests.scim_client import SCIMTestClient

ORIGIN = "http://testserver"
Begin = Callable[..., CheckRun]


@pytest.fixture
def acme(db: None) -> ProviderConnection:
    return make_connection(provider_id="acme")


@pytest.fixture
def ann(acme: ProviderConnection) -> Any:
    return SCIMTestClient(make_token(provider_id="acme")).create_user("ann@x.example")


@pytest.fixture
def begin(acme: ProviderConnection) -> Begin:
    """Return a function that begins a run of a kind."""

    def begun(kind: str, **options: object) -> CheckRun:
        run = begin_run(acme, kind, {"origin": ORIGIN, **options})
        assert run is not None
        return run

    return begun
