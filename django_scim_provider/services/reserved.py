"""Provider ids that nobody may take: those of the project's log-in providers."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings as django_settings
from django.utils.module_loading import import_string

from django_scim_provider.conf import get_settings
from django_scim_provider.core.folding import fold

BUILT_IN = ("credential",)
"""What accounts with a password go by in Better Auth, whose tables may be imported."""


def is_reserved(provider_id: str) -> bool:
    """Tell whether an id, whatever its case, is taken by the project itself."""
    return fold(provider_id) in {fold(reserved) for reserved in _reserved_ids()}


def _reserved_ids() -> Iterator[str]:
    settings = get_settings()
    yield from BUILT_IN
    yield from settings.RESERVED_PROVIDER_IDS
    for entry in settings.DEFAULT_SCIM:
        yield entry["provider_id"]
    if apps.is_installed("allauth.socialaccount"):
        yield from _allauth_ids()
    if apps.is_installed("social_django"):
        yield from _social_auth_ids()


def _allauth_ids() -> Iterator[str]:
    """Yield the ids of the installed providers, and those of single apps, in settings and rows."""
    registry = import_string("allauth.socialaccount.providers.registry")
    for provider in registry.get_class_list():
        yield provider.id
    for provider_id, options in getattr(django_settings, "SOCIALACCOUNT_PROVIDERS", {}).items():
        yield provider_id
        listed = [*options.get("APPS", ()), options.get("APP") or {}]
        yield from (app["provider_id"] for app in listed if app.get("provider_id"))
    rows = apps.get_model("socialaccount.SocialApp")._default_manager.exclude(provider_id="")
    yield from rows.values_list("provider_id", flat=True)


def _social_auth_ids() -> Iterator[str]:
    """Yield the names of social-auth's backends among Django's."""
    for path in django_settings.AUTHENTICATION_BACKENDS:
        backend = import_string(path)
        if any(base.__module__.startswith("social_core.") for base in backend.__mro__):
            yield str(backend.name)
