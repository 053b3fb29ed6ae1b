"""The routes; neither the case of endpoints nor a slash too many makes a difference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from types import ModuleType
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.urls import NoReverseMatch, URLPattern, get_script_prefix, get_urlconf, reverse
from django.urls.resolvers import RegexPattern
from django.utils.translation import get_language

from django_scim_provider.connections.base_url import root_path
from django_scim_provider.registry import Registration, Registry
from django_scim_provider.rest.viewsets import ResourceViewSet

COLLECTION = {"get": "list", "post": "create"}
RESOURCE = {
    "get": "retrieve",
    "put": "update",
    "patch": "partial_update",
    "delete": "destroy",
}


class AnyCasePattern(RegexPattern):
    """Found in any case of ASCII letters, and reversed as it is written.

    Microsoft's own collection of requests asks for ``/users``. Django takes no flags within a
    pattern when it reverses one.
    """

    @cached_property
    def regex(self) -> re.Pattern[str]:  # type: ignore[override]  # Django's descriptor does as much
        """Return the compiled pattern."""
        return re.compile(str(self), re.IGNORECASE | re.ASCII)


def endpoint_path(route: str, view: Any, *, name: str | None = None) -> URLPattern:
    """Return the route of an endpoint; ``route`` is a regular expression without its ends.

    A base URL that people paste with its slash becomes ``/scim/v2//Users`` in clients that add one.
    """
    # In a group, because Django's urls.W002 warns of slashes at the beginning.
    pattern = rf"^(?:/*){route}/*$"
    return URLPattern(AnyCasePattern(pattern, name, is_endpoint=True), view, {}, name)


def resource_routes(registry: Registry) -> Iterator[URLPattern]:
    """Yield the collection, search and resource routes of each registration."""
    for registration in registry.registrations:
        yield from _routes(registration)


def _routes(registration: Registration) -> Iterator[URLPattern]:
    name = registration.resource_type.endpoint.lstrip("/")
    prefix = re.escape(name)

    def view(actions: Any) -> Any:
        return ResourceViewSet.as_view(actions, endpoint=name)

    yield endpoint_path(prefix, view(COLLECTION), name=f"{name}-list")
    yield endpoint_path(rf"{prefix}/+\.search", view({"post": "search"}), name=f"{name}-search")
    yield endpoint_path(rf"{prefix}/+(?P<id>[^/]+)", view(RESOURCE), name=f"{name}-detail")


class RootWithoutSlash(RegexPattern):
    """The SCIM root without its slash, which no route below the root can be found by.

    It stands in the urlconf of the management API, and is found where that is included above the
    root, as the manual has it.
    """

    def __init__(self) -> None:
        super().__init__(r"^.+$", is_endpoint=True)

    def match(self, path: str) -> Any:
        """Return the match of the root's own path, None for any other."""
        root = _root_below_management(
            get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF, get_language()
        )
        return super().match(path) if f"{path}/" == root else None


@lru_cache(maxsize=256)
def _root_below_management(
    script_prefix: str, urlconf: str | ModuleType, language: str | None
) -> str | None:
    """Return the path of the SCIM root below that of the management API, None where it is not."""
    try:
        root, listing = root_path(), reverse("scim-management:list-tokens")
    except NoReverseMatch:
        return None
    above = listing.removesuffix("list-tokens")
    return unquote(root.removeprefix(above)) if root.startswith(above) else None
