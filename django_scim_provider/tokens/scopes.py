"""The scopes that a token may have: those of users and groups, and of the project's own types."""

from __future__ import annotations

from django.utils.module_loading import import_string

from django_scim_provider.conf import get_settings, until_settings_change
from django_scim_provider.tokens.wire import SCOPES


@until_settings_change
def all_scopes() -> tuple[str, ...]:
    """Return the names of all scopes, each once."""
    own = [import_string(path) for path in get_settings().RESOURCE_TYPES]
    scopes = [scope for found in own for scope in (found.read_scope, found.write_scope)]
    return tuple(dict.fromkeys([*SCOPES, *scopes]))
