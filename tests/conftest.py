"""Fixtures of the whole suite."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import argon2
import pytest
from django.core.management.commands import flush
from django.db import connections
from django.test import Client
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from django_scim_provider.models import ProviderConnection, keys
from django_scim_provider.observability.repetition import shown
from django_scim_provider.rest.throttling import breaker
from django_scim_provider.rest.throttling.breaker import breaker_of
from django_scim_provider.rest.throttling.throttles import in_process
from django_scim_provider.storage.sql import running, vendors
from django_scim_provider.storage.sql.vendors.portable import Portable
from django_scim_provider.tokens.verification import proofs
from tests import emptying, legs, making
from tests.administration import logged_in, staff
from tests.conformance.recording import Recorder
from tests.factories import make_token
from tests.live import LiveSCIM, unused_port
from tests.scim_client import SCIMTestClient

pytest_plugins = ["django_scim_provider.pytest_plugin", "tests.portable.plugin"]
# Tests in a browser need Playwright, a browser and axe-core (the extra ``browser``).
collect_ignore = [] if find_spec("playwright") else ["browser"]


# A busy machine may take long over one example without a fault of ours.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    """Keep how the tests of conformance went where somebody asks for it."""
    if path := os.environ.get("SCIM_CONFORMANCE"):
        config.pluginmanager.register(Recorder(Path(path)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what the whole check needs only once."""
    for item in items:
        if name := legs.marker_of(item.nodeid):
            item.add_marker(name)


@pytest.fixture(scope="session")
def withheld() -> Iterator[pytest.MonkeyPatch]:
    """Return what gives the migrations back that are withheld while the database is made."""
    with pytest.MonkeyPatch.context() as patched:
        yield patched


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, withheld: pytest.MonkeyPatch
) -> None:
    """Let pytest-django make the tables of other packages from their models."""
    making.withhold_migrations(withheld)


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, withheld: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker
) -> None:
    """Run our migrations on the database that pytest-django made."""
    withheld.undo()
    with django_db_blocker.unblock():
        for alias in connections:
            making.migrate_ours(alias)


@pytest.fixture(scope="session", autouse=True)
def only_what_was_written_is_emptied() -> Iterator[None]:
    """Let tests that commit leave an empty database at the price of what they wrote."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(flush.Command, "handle", emptying.handle)
        yield


@pytest.fixture(autouse=True)
def keys_of_the_present() -> Iterator[None]:
    """Forget the last key: after a test that travelled in time, keys would stay in the future."""
    yield
    keys._last = 0


@pytest.fixture(autouse=True)
def no_proofs() -> Iterator[None]:
    """Forget which tokens were proven; database rows are undone after each test, this is not."""
    yield
    proofs.clear()


@pytest.fixture(autouse=True)
def no_faults() -> None:
    """Forget which faults were shown, which caches are left alone, and what was counted."""
    shown.clear()
    breaker_of.cache_clear()
    in_process.clear()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Go on counting where a busy machine answers late: ``test_breaker`` has the breaker."""
    monkeypatch.setattr(breaker, "SLOW", 60.0)


@pytest.fixture
def scim_settings(settings: Any) -> Callable[..., None]:
    """Return a function that sets keys of ``SCIM_PROVIDER`` for the test."""

    def change(**keys: Any) -> None:
        settings.SCIM_PROVIDER = {**settings.SCIM_PROVIDER, **keys}

    return change


@pytest.fixture
def hashings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by one entry each time argon2 verifies a secret."""
    seen: list[str] = []
    verify = argon2.PasswordHasher.verify

    def counted(self: argon2.PasswordHasher, hash: str, password: str) -> bool:
        seen.append(hash)
        return bool(verify(self, hash, password))

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    return seen


@pytest.fixture
def scim_client(scim_connection: ProviderConnection) -> SCIMTestClient:
    """Return that of the kit, at the address of the tests."""
    return SCIMTestClient(make_token(provider_id=scim_connection.provider_id))


@pytest.fixture
def root(db: None) -> Client:
    """Return a browser in which a superuser is logged in."""
    return logged_in(staff("root", is_superuser=True))


@pytest.fixture
def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    return unused_port()


@pytest.fixture(scope="session")
def live_server(django_db_setup: None, live_server: Any) -> Any:
    """Start the server after the test database is made.

    Before, a SQLite database is still the one in memory of the settings, and the threads of the
    server would get, and close, the connection of the test.
    """
    return live_server


@pytest.fixture
def scim(live_server: Any, scim_settings: Any) -> LiveSCIM:
    """Return a running server with an empty connection.

    It has the extension of the example project, as one of the recorded cases sends it.
    """
    scim_settings(EXTENSIONS={"User": ["tests.extensions.WORKPLACE"]})
    return LiveSCIM(f"{live_server.url}/scim/v2", make_token(provider_id="judged"))


@pytest.fixture
def people(scim_client: SCIMTestClient) -> list[str]:
    """Return the ids of three users."""
    names = [f"user{number}" for number in range(3)]
    return [scim_client.create_user(name, displayName=name)["id"] for name in names]


@pytest.fixture
def orm_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each database go the portable way, and fail where the app sends SQL of its own."""

    def refuse(using: str, sql: str, *_: Any) -> NoReturn:
        pytest.fail(f"sent on the portable way: {sql}")

    monkeypatch.setattr(vendors, "_made_for", Portable)
    monkeypatch.setattr(vendors, "_known", {})
    monkeypatch.setattr(running, "_run", refuse)
