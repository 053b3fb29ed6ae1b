"""The fixtures of the plugin, and that it harms nobody who loads it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from django_scim_provider.models import ProviderConnection
from django_scim_provider.testing import FakeIdP, SCIMTestClient, client_of


@pytest.mark.scim_connection(profile="entra", name="Acme")
def test_connection_is_the_one_of_the_client(
    scim_connection: ProviderConnection, scim_client: SCIMTestClient
) -> None:
    ann = scim_client.create_user("ann@x.example")

    assert (scim_connection.profile, scim_connection.name) == ("entra", "Acme")
    assert [one.user_name for one in scim_connection.accounts.all()] == ["ann@x.example"]
    assert scim_client.get(f"/Users/{ann['id']}")["userName"] == "ann@x.example"


def test_clients_of_one_connection_live_beside_each_other(
    scim_connection: ProviderConnection, scim_client: SCIMTestClient
) -> None:
    reader = client_of(scim_connection, scopes=["scim.users.read"])

    statuses = [
        scim_client.get("/Users").status,
        reader.get("/Users").status,
        reader.post("/Users", {"userName": "ann@x.example"}).status,
    ]

    assert statuses == [200, 200, 403]


def test_identity_provider_is_connected_to_the_connection(
    scim_connection: ProviderConnection, fake_idp: Callable[..., FakeIdP]
) -> None:
    fake_idp("okta").assign("ann@x.example")

    assert [one.user_name for one in scim_connection.accounts.all()] == ["ann@x.example"]


@pytest.mark.django_db(transaction=True)
def test_transactions_are_real_where_the_test_asks(scim_client: SCIMTestClient) -> None:
    from django.db import connection

    assert not connection.in_atomic_block
    assert scim_client.get("/Users").total == 0


CONFTEST = 'pytest_plugins = ["django_scim_provider.pytest_plugin"]'
SITE = """
SECRET_KEY, ROOT_URLCONF, USE_TZ, ALLOWED_HOSTS = "a project", "its_urls", True, ["*"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "django_scim_provider"
]
"""
URLS = """
from django.urls import include, path
urlpatterns = [path("people/", include("django_scim_provider.urls"))]
"""
OF_A_PROJECT = """
import pytest
from django_scim_provider.testing import assert_provisioned, assert_refused

@pytest.mark.scim_connection(profile="okta")
def test_somebody(scim_connection, scim_client, fake_idp):
    fake_idp("okta").assign("ann@x.example")
    assert_provisioned(scim_connection, "ann@x.example")
    answer = scim_client.post("/Users", {"userName": "ann@x.example"})
    assert_refused(answer, 409, scim_type="uniqueness", attribute="userName")
"""
WITHOUT_DJANGO = """
import sys
import django_scim_provider.pytest_plugin
print(sorted(name for name in sys.modules if name.partition(".")[0] == "django"))
"""


def ran(*arguments: str, **how: Any) -> str:
    """Return what a Python of its own prints."""
    result = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, **how
    )
    return f"{result.stdout}{result.stderr}"


def test_plugin_imports_nothing_of_django() -> None:
    assert ran("-c", WITHOUT_DJANGO).strip() == "[]"


def test_project_asks_for_it_in_a_line(tmp_path: Path) -> None:
    written = {
        "conftest.py": CONFTEST,
        "pytest.ini": "[pytest]\naddopts = --strict-markers\n",
        "site_of_it.py": SITE,
        "its_urls.py": URLS,
        "test_people.py": OF_A_PROJECT,
    }
    for name, text in written.items():
        (tmp_path / name).write_text(text)
    paths = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    own = {"PYTHONPATH": paths, "PYTEST_ADDOPTS": "", "DJANGO_SETTINGS_MODULE": ""}

    printed = ran(
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "--ds=site_of_it"),
        cwd=tmp_path,
        env={**os.environ, **own},
    )

    assert "1 passed" in printed, printed[-3000:]
