"""What is allowed but not safe in production: reported by ``check --deploy``."""

from __future__ import annotations

from typing import Any

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Info

from django_scim_provider import ciphers
from django_scim_provider.checks.entries import warning
from django_scim_provider.conf import raw_settings

INSTALL_ENCRYPTION = "Install django-scim-provider[encryption]."
NO_VALUES_KEPT = "What attributes held before a change is not kept: that needs cryptography."
NOBODY_IS_NAMED = "Who is refused by provisioning is not named: that needs cryptography."
_NOT_SHARED = ("locmem.LocMemCache", "dummy.DummyCache", "filebased.FileBasedCache")


def check_deployment(**_: Any) -> list[CheckMessage]:
    """Return the choices to think about again."""
    found = raw_settings()
    messages: list[CheckMessage] = []
    if found.get("STORE_SCIM_TOKEN") == "plain":
        hint = 'Use "hashed" or "encrypted".'
        messages.append(warning("W001", "SCIM tokens are stored in plain text.", hint))
    if found.get("ALLOW_PRIVILEGED_USERS"):
        hint = "Remove ALLOW_PRIVILEGED_USERS unless the identity provider manages your staff."
        messages.append(warning("W002", "Provisioning may change staff and superusers.", hint))
    ownership = found.get("PROVIDER_OWNERSHIP")
    if isinstance(ownership, dict) and ownership.get("enabled") is False:
        hint = "Only do this where all who can log in are trusted to see, rotate and delete them."
        messages.append(warning("W003", "SCIM connections without owner are open to all.", hint))
    messages += _of_linking(found.get("LINK_EXISTING_USERS"))
    messages += _of_throttling(found)
    if "FAILED_IDENTITIES" not in found and not ciphers.ENCRYPTION_AVAILABLE:
        hint = f"{INSTALL_ENCRYPTION} Or set FAILED_IDENTITIES to 0."
        messages.append(Info(NOBODY_IS_NAMED, hint=hint, id="scim_provider.I023"))
    return messages


def _of_linking(policy: Any) -> list[CheckMessage]:
    if policy is True:
        hint = "Give a policy: trusted_domains, require_existing_org_membership, should_link_user."
        message = "An identity provider may take part in any existing user whose name it knows."
        return [warning("W004", message, hint)]
    if isinstance(policy, dict) and policy.get("trust_unverified"):
        hint = "Say who has verified an address: DefaultAdapter.is_email_verified."
        message = "Users are linked by addresses that nobody has verified, with their passwords."
        return [warning("W004", message, hint)]
    return []


def _of_throttling(found: dict[str, Any]) -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    cache = django_settings.CACHES.get(found.get("THROTTLE_CACHE", "default"), {})
    if str(cache.get("BACKEND", "")).endswith(_NOT_SHARED):
        hint = "Name a cache on Redis, Memcached or the database in THROTTLE_CACHE."
        message = "The cache that counts SCIM requests is not shared by the processes."
        messages.append(warning("W005", message, hint))
    elif "redis" in str(cache.get("BACKEND", "")).lower() and not _has_timeout(cache):
        hint = "Add socket_timeout to its OPTIONS, such as 0.2 (seconds)."
        message = "The Redis cache that counts SCIM requests may hang for as long as it likes."
        messages.append(warning("W010", message, hint))
    rates = found.get("THROTTLE_RATES")
    if isinstance(rates, dict) and rates.get("failed_authentication", "") is None:
        hint = "Give THROTTLE_RATES['failed_authentication'] a rate."
        messages.append(warning("W006", "Guesses at SCIM tokens are not limited.", hint))
    return messages


def _has_timeout(cache: dict[str, Any]) -> bool:
    """Tell whether the settings of a Redis cache say how long a call may take.

    They may do so in the options of Django's backend or of django-redis, or in the address.
    """
    options = cache.get("OPTIONS") or {}
    pool = options.get("CONNECTION_POOL_KWARGS") or {}
    told = {str(name).lower() for name, value in {**options, **pool}.items() if value is not None}
    places = cache.get("LOCATION", "")
    places = [places] if isinstance(places, str) else places
    in_addresses = bool(places) and all("socket_timeout=" in str(place) for place in places)
    return "socket_timeout" in told or in_addresses
