"""Settings and routes of a block are put into force, and serve an identity provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.cache import CacheHandler
from django.core.checks.urls import check_url_config
from django.db.utils import ConnectionHandler
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils.module_loading import import_string

from django_scim_provider.checks import check_settings
from tests.documentation.python_blocks.life import live
from tests.documentation.python_blocks.project import URLS, Project


def settings_of_the_app(project: Project, found: dict[str, Any]) -> None:
    """Nothing is found wrong with them, and they serve."""
    project.configure(**found)
    said = check_settings()
    assert not said, said
    live(project.client)


def adapter(project: Project, found: type) -> None:
    """It takes whom an identity provider sends."""
    project.configure(ADAPTER="accounts.scim.Adapter")
    live(project.client)


def routes(project: Project, found: list[Any]) -> None:
    """They are in order, and one of SCIM answers."""
    project.settings.ROOT_URLCONF = URLS
    assert not check_url_config(None)
    try:
        resolve("/scim/v2/ServiceProviderConfig")
    except Resolver404:
        return
    answer = Client().get("/scim/v2/ServiceProviderConfig")
    assert answer.status_code == 401, answer.status_code


def middleware(project: Project, found: list[str]) -> None:
    """Requests pass through it."""
    before = [each for each in project.settings.MIDDLEWARE if each not in found]
    project.settings.MIDDLEWARE = [*before, *found]
    live(project.client)


def databases(project: Project, found: dict[str, Any]) -> None:
    """Django knows how to connect, where an engine is named."""
    if "ENGINE" in found["default"]:
        assert ConnectionHandler(found)["default"].get_connection_params()


def caches(project: Project, found: dict[str, Any]) -> None:
    """Django makes their clients."""
    handler: Any = CacheHandler(found)
    assert all(handler[alias]._cache.get_client() for alias in found)


def paths(project: Project, found: list[str]) -> None:
    """Each can be imported."""
    assert all(import_string(path) for path in found)


def path(project: Project, found: str) -> None:
    """It can be imported."""
    assert import_string(found)


FORCE: dict[str, Callable[[Project, Any], None]] = {
    "Adapter": adapter,
    "AUTHENTICATION_BACKENDS": paths,
    "CACHES": caches,
    "DATABASES": databases,
    "MIDDLEWARE": middleware,
    "OIDC_CALLBACK_CLASS": path,
    "SCIM_PROVIDER": settings_of_the_app,
    "SOCIALACCOUNT_ADAPTER": path,
    "SOCIAL_AUTH_PIPELINE": paths,
    "urlpatterns": routes,
}
"""By the names that blocks define; a use of its own for a page takes its place."""
