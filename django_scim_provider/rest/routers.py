"""The routes of the registered resource types; a trailing slash makes no difference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, re_path

from django_scim_provider.registry import Registration, Registry
from django_scim_provider.rest.viewsets import ResourceViewSet

COLLECTION = {"get": "list", "post": "create"}
RESOURCE = {
    "get": "retrieve",
    "put": "update",
    "patch": "partial_update",
    "delete": "destroy",
}


def resource_routes(registry: Registry) -> Iterator[URLPattern]:
    """Yield the collection, search and resource routes of each registration."""
    for registration in registry.registrations:
        yield from _routes(registration)


def _routes(registration: Registration) -> Iterator[URLPattern]:
    name = registration.resource_type.endpoint.lstrip("/")
    prefix = re.escape(name)

    def view(actions: Any) -> Any:
        return ResourceViewSet.as_view(actions, endpoint=name)

    yield re_path(rf"^{prefix}/?$", view(COLLECTION), name=f"{name}-list")
    yield re_path(rf"^{prefix}/\.search/?$", view({"post": "search"}), name=f"{name}-search")
    yield re_path(rf"^{prefix}/(?P<id>[^/]+)/?$", view(RESOURCE), name=f"{name}-detail")
