"""The settings of throttling and of linking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings as django_settings
from django.core.checks import CheckMessage

from django_scim_provider.checks.entries import error, unknown_keys
from django_scim_provider.conf import SETTING, THROTTLE_RATES
from django_scim_provider.validators import parse_rate

POLICY_KEYS = (
    "trusted_domains",
    "trust_unverified",
    "require_existing_org_membership",
    "should_link_user",
)


def check_throttling(found: dict[str, Any]) -> Iterator[CheckMessage]:
    """Yield what is wrong with ``THROTTLE_RATES`` and ``THROTTLE_CACHE``."""
    rates = found.get("THROTTLE_RATES", {})
    yield from unknown_keys(f"{SETTING}['THROTTLE_RATES']", rates, THROTTLE_RATES)
    for scope, rate in rates.items():
        try:
            parse_rate(rate)
        except ValueError:
            where = f"{SETTING}['THROTTLE_RATES'][{scope!r}]"
            hint = 'Such as "100/minute"; second, minute, hour or day.'
            yield error("E002", f"{where} is not a rate.", hint)
    cache = found.get("THROTTLE_CACHE", "default")
    if cache not in django_settings.CACHES:
        yield error("E002", f"{SETTING}['THROTTLE_CACHE'] must be a key of CACHES.")


def check_linking(found: dict[str, Any]) -> Iterator[CheckMessage]:
    """Yield what is wrong with ``LINK_EXISTING_USERS``."""
    policy = found.get("LINK_EXISTING_USERS")
    if not isinstance(policy, dict):
        return
    where = f"{SETTING}['LINK_EXISTING_USERS']"
    yield from unknown_keys(where, policy, POLICY_KEYS)
    for key in ("trust_unverified", "require_existing_org_membership"):
        if not isinstance(policy.get(key, False), bool):
            yield error("E002", f"{where}[{key!r}] must be bool.")
    if not isinstance(policy.get("should_link_user", ""), str):
        yield error("E002", f"{where}['should_link_user'] must be a dotted path.")
    domains = policy.get("trusted_domains", [])
    lists = list(domains.values()) if isinstance(domains, dict) else [domains]
    for listed in lists:
        if not isinstance(listed, list | tuple) or not all(_is_domain(name) for name in listed):
            yield error(
                "E002",
                f"{where}['trusted_domains'] must be a list of domains, "
                "or such lists by organization or provider id.",
            )
            return


def _is_domain(name: Any) -> bool:
    return isinstance(name, str) and bool(name) and "@" not in name
