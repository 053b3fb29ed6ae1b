"""Fixtures for the tests of projects; needs pytest-django.

The project asks for them in its root ``conftest.py``:

.. code-block:: python

    pytest_plugins = ["django_scim_provider.pytest_plugin"]

or with ``-p django_scim_provider.pytest_plugin``. It is no entry point, which would load it into
every run of every project that has the app installed, whether it tests provisioning or not.
Nothing of Django is imported before a fixture is used, so that it may be loaded before the settings
are configured.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django_scim_provider.models import ProviderConnection
    from django_scim_provider.testing import FakeIdP, SCIMTestClient

MARKER = (
    "scim_connection(**fields): fields of the connection of the fixtures, such as "
    'profile="entra" and organization_id="acme"'
)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def scim_connection(request: pytest.FixtureRequest, db: None) -> ProviderConnection:
    """Return a connection without anybody, ``acme``, or the one that the test has made of that id.

    The marker ``scim_connection`` gives it other fields; an organization has to be there.
    """
    from django_scim_provider.testing import found_or_made

    marker = request.node.get_closest_marker("scim_connection")
    return found_or_made(**({} if marker is None else marker.kwargs))


@pytest.fixture
def scim_client(scim_connection: ProviderConnection) -> SCIMTestClient:
    """Return a client with a token of ``scim_connection``, which may do all that tokens may."""
    from django_scim_provider.testing import client_of

    return client_of(scim_connection)


@pytest.fixture
def fake_idp(request: pytest.FixtureRequest) -> Callable[..., FakeIdP]:
    """Return a function that returns a vendor by name, connected to ``scim_connection``.

    ``fake_idp("okta").assign("ann@example.com")``; with ``client=`` it is connected to another one.
    """
    from django_scim_provider.testing import FakeIdP as Vendor

    def connected(name: str, *, client: SCIMTestClient | None = None) -> FakeIdP:
        return Vendor(name, client or request.getfixturevalue("scim_client"))

    return connected
