"""The database, and the stores that the project puts in place of ours or has of its own."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage
from django.db import connections
from django.utils.module_loading import import_string

from django_scim_provider.checks.entries import error, warning
from django_scim_provider.conf import SETTING, Settings
from django_scim_provider.registry import Registration
from django_scim_provider.storage.resource_columns import problems_of
from django_scim_provider.storage.resources import ModelStore
from django_scim_provider.storage.sql.vendors import level_of
from django_scim_provider.storage.sql.vendors.levels import SupportLevel

_LEVELS = {
    SupportLevel.COMPILED: (
        "The database {alias!r} is a {vendor}: the statements of django-scim-provider are compiled "
        "for it in the tests, and no test runs them on a server."
    ),
    SupportLevel.UNTESTED: (
        "django-scim-provider has never been tested with {vendor}, which {alias!r} is."
    ),
}
_SEE = "See “Use MongoDB or SQL Server” in the documentation, and try it before you rely on it."
_ATTRIBUTES = ("supports_sort", "relation", "patch_returns_resource")
_CALLS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "get": (("id",), {"skip_members": True}),
    "query": (("query",), {}),
    "create": (("resource",), {}),
    "update": (("id", "change"), {}),
    "delete": (("id", "check"), {}),
}
"""How the engine calls the methods of ``core.stores.ResourceStore``."""
_MEMBERS = (("id", "change", "members"), {"show_members": True})
RELATIONS = {"USER_STORE": "groups", "GROUP_STORE": "members"}


def check_database(found: dict[str, Any]) -> Iterator[CheckMessage]:
    """Yield how far the vendor of the database is tested, where not all tests are run on it.

    The database is not asked.
    """
    alias = Settings(**found).DATABASE
    if alias not in connections.settings:
        return
    connection = connections[alias]
    told = _LEVELS.get(level_of(connection))  # type: ignore[arg-type]  # None is in no mapping
    if told is not None:
        yield warning("W029", told.format(alias=alias, vendor=connection.display_name), _SEE)


def check_stores(found: dict[str, Any]) -> Iterator[CheckMessage]:
    """Yield what stores lack of ``core.stores.ResourceStore``; what cannot be imported is E004."""
    for key, relation in RELATIONS.items():
        store = _imported(found.get(key))
        for problem in () if store is None else _problems(store):
            yield error("E010", f"{SETTING}[{key!r}] {problem}")
        if getattr(store, "relation", None) not in (None, relation):
            yield error("E010", f"{SETTING}[{key!r}] must have the relation {relation!r} or None.")
    for path in found.get("RESOURCE_TYPES", ()):
        registration = _imported(path)
        if isinstance(registration, Registration) and isinstance(registration.store, type):
            for problem in _problems(registration.store):
                yield error("E010", f"The store of {path!r} {problem}")
            if issubclass(registration.store, ModelStore):
                for problem in problems_of(registration.store, registration.resource_type):
                    yield error("E011", problem)


def _imported(path: str | None) -> Any:
    try:
        return None if path is None else import_string(path)
    except ImportError:
        return None


def _problems(store: Any) -> Iterator[str]:
    if not isinstance(store, type):
        yield "is no class."
        return
    if not _takes(store, "context", "resource_type"):
        yield "must be made with a context and a resource type."
    for name in _ATTRIBUTES:
        if not hasattr(store, name):
            yield f"has no attribute {name!r}."
    calls = _CALLS | ({"update_members": _MEMBERS} if hasattr(store, "update_members") else {})
    for name, (arguments, keywords) in calls.items():
        method = getattr(store, name, None)
        if not callable(method):
            yield f"has no method {name!r}."
        elif not _takes(method, "self", *arguments, **keywords):
            yield f"has a method {name!r} that cannot be called as ResourceStore says."


def _takes(called: Any, *arguments: Any, **keywords: Any) -> bool:
    try:
        inspect.signature(called).bind(*arguments, **keywords)
    except (TypeError, ValueError):
        return False
    return True
