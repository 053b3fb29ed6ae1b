"""Provider ids that nobody may take or manage: the project's own, and its log-in providers'.

The management of connections by people refuses them always, with a row or without one; in the admin
they are the superusers'; commands are the operator's own and may do anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.apps import apps
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from django_scim_provider.conf import get_settings
from django_scim_provider.core.folding import fold

BUILT_IN = ("credential",)
"""What accounts with a password go by in Better Auth, whose tables may be imported."""


def is_reserved(provider_id: str) -> bool:
    """Tell whether an id, whatever its case, is taken by the project itself."""
    return bool(reserved_among([provider_id]))


def reserved_among(provider_ids: Iterable[str]) -> frozenset[str]:
    """Return those of many ids that are reserved, by one look at what the project has."""
    taken = {fold(reserved) for reserved in _reserved_ids()}
    return frozenset(id for id in provider_ids if fold(id) in taken)


def refuse_reserved(provider_id: str) -> None:
    """Refuse to make or manage a connection with such an id.

    Raises:
        ValidationError: with the code ``reserved``.
    """
    if is_reserved(provider_id):
        raise ValidationError(_("This provider id is reserved."), code="reserved")


def refuse_trusted(provider_id: str) -> None:
    """Refuse to make a personal connection with an id to which the linking policy gives domains.

    ``trusted_domains`` names connections and organizations alike: a person who took the id of an
    organization for a connection of their own would be trusted with its people.

    Raises:
        ValidationError: with the code ``reserved``.
    """
    policy = get_settings().LINK_EXISTING_USERS
    domains = policy.get("trusted_domains") if isinstance(policy, dict) else None
    trusted = domains if isinstance(domains, dict) else {}
    if fold(provider_id) in {fold(id) for id in trusted}:
        raise ValidationError(_("This provider id is reserved."), code="reserved")


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
