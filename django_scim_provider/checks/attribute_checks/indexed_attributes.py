"""The attributes that the project wants indexes for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured

from django_scim_provider.checks.entries import error
from django_scim_provider.conf import SETTING
from django_scim_provider.registry import get_registry
from django_scim_provider.storage.sql.indexed.attribute_indexes import find


def check_indexed_attributes(found: dict[str, Any]) -> Iterator[CheckMessage]:
    """Yield what ``INDEXED_ATTRIBUTES`` names and no index can be for."""
    paths = found.get("INDEXED_ATTRIBUTES", [])
    if not paths:
        return
    try:
        registry = get_registry()
    except ImproperlyConfigured:
        return  # reported by a check of its own
    types = [registry.by_name(name).resource_type for name in ("User", "Group")]
    for path in paths:
        _, reason = find(path, types)
        if reason:
            yield error("E012", f"{SETTING}['INDEXED_ATTRIBUTES']: {path!r} {reason}")
