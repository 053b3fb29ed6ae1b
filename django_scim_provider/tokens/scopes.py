"""The scopes that a token may have: those of users and groups, and of the project's own types."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from django_scim_provider.conf import get_settings
from django_scim_provider.tokens.wire import SCOPES


@lru_cache(maxsize=1)
def all_scopes() -> tuple[str, ...]:
    """Return the names of all scopes, each once."""
    own = [import_string(path) for path in get_settings().RESOURCE_TYPES]
    scopes = [scope for found in own for scope in (found.read_scope, found.write_scope)]
    return tuple(dict.fromkeys([*SCOPES, *scopes]))


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "SCIM_PROVIDER":
        all_scopes.cache_clear()


setting_changed.connect(_forget, dispatch_uid="django_scim_provider.scopes")
