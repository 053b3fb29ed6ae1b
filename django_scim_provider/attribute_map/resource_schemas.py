"""The schemas of users and groups as the settings extend them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from django_scim_provider.attribute_map.owned import with_owned
from django_scim_provider.conf import get_settings, until_settings_change
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import ResourceType, Schema, SchemaExtension


@until_settings_change
def user_type() -> ResourceType:
    """Return the resource type of users, with the extensions of the project.

    Raises:
        ImproperlyConfigured: as ``extensions_in_settings``.
    """
    more = extensions_in_settings().get("User", ())
    return with_owned(replace(USER, extensions=(*USER.extensions, *more)))


def extensions_in_settings() -> dict[str, list[SchemaExtension]]:
    """Return the extensions that the project declares, by the names of resource types.

    Raises:
        ImproperlyConfigured: what the setting names cannot be imported or is something else.
    """
    named = get_settings().EXTENSIONS
    if not isinstance(named, dict):
        raise ImproperlyConfigured("SCIM_PROVIDER['EXTENSIONS'] must be a dict of lists.")
    return {
        name: [_extension(path) for path in listed(f"['EXTENSIONS'][{name!r}]", paths)]
        for name, paths in named.items()
    }


def imported(key: str, path: str) -> Any:
    """Return what a dotted path of the setting ``key`` names.

    Raises:
        ImproperlyConfigured: it cannot be imported.
    """
    # URLs are made of the registry, and Django imports them before the system checks can report.
    try:
        return import_string(path)
    except ImportError as problem:
        message = f"SCIM_PROVIDER[{key!r}]: {path!r} cannot be imported: {problem}."
        raise ImproperlyConfigured(message) from problem


def listed(where: str, paths: Any) -> Iterable[str]:
    """Return what should be a list; a lone text would be read letter by letter.

    Raises:
        ImproperlyConfigured: it is none.
    """
    if isinstance(paths, list | tuple):
        return paths
    raise ImproperlyConfigured(f"SCIM_PROVIDER{where} must be a list of dotted paths.")


def _extension(path: str) -> SchemaExtension:
    found = imported("EXTENSIONS", path)
    if isinstance(found, SchemaExtension):
        return found
    if isinstance(found, Schema):
        return SchemaExtension(schema=found)
    raise ImproperlyConfigured(
        f"SCIM_PROVIDER['EXTENSIONS']: {path!r} is not a Schema or a SchemaExtension."
    )
