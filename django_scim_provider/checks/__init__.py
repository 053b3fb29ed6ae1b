"""System checks: what the host got wrong is said at start, not at the first request.

=====  =============================================================================
E001   ``SCIM_PROVIDER`` is not a dict
E002   a value is of the wrong type or out of range
E003   a key is unknown, in ``EXTENSIONS`` a resource type that is not ``User`` or ``Group``
E004   a dotted path cannot be imported, or is not the function, adapter, schema or
       registration that is due there
E005   an entry of ``DEFAULT_SCIM`` is incomplete or not valid
E006   ``STORE_SCIM_TOKEN`` names no way to store tokens, or its package is missing
E007   ``ORGANIZATION_BACKEND`` and ``MEMBERSHIP`` do not fit the project's models
E008   ``INSTRUMENTS`` names no instrument, or its package is missing
E009   an item of ``PROFILES`` declares no profile
E010   a store lacks what ``core.stores.ResourceStore`` asks for
E011   a column of a resource type cannot answer for its attribute
E012   ``INDEXED_ATTRIBUTES`` names what no index can be for
E013   an entry of ``LOG_IN`` binds a log-in provider to no connection, or finds nobody
E014   an entry of ``ATTRIBUTE_MAP`` or ``CONNECTION_ATTRIBUTE_MAPS`` names what no map may, or
       a field that cannot take its attribute
E015   the database has no transactions, as a MongoDB that is no replica set (under
       ``--database``, and by ``migrate``)
W001   tokens are stored in plain text (under ``--deploy``)
W002   staff and superusers are open to provisioning (under ``--deploy``)
W003   connections without an owner are open to everybody (under ``--deploy``)
W004   existing users are linked without any condition, or by unverified addresses
       (under ``--deploy``)
W005   the cache that counts requests counts for each process, or not (under ``--deploy``)
W006   failed authentications are not limited (under ``--deploy``)
W010   a call of the Redis cache that counts requests has no time limit (under ``--deploy``)
W011   no membership has one of the ``owner_roles`` (under ``--database``, and by ``migrate``)
W012   a connection of ``DEFAULT_SCIM`` is for an organization that does not exist
       or is not active (under ``--database``, and by ``migrate``)
W013   a connection has a profile or a switch that does not exist, so that all its
       requests fail (under ``--database``, and by ``migrate``)
W014   no index serves what each new user asks of the user table; the command
       ``scim_index_users`` makes it (under ``--database``, and by ``migrate``)
W015   a URL pattern of the project comes before ours and takes their requests
W016   ``DATA_UPLOAD_MAX_MEMORY_SIZE`` is below what we take and a middleware reads
       ``request.body``; under ``--deploy`` also where the setting was lowered and no such
       middleware is seen
W017   a middleware takes bodies out of the stream of the request
W018   persistent connections to the database under ASGI (under ``--deploy``, where
       ``ASGI_APPLICATION`` is set)
W020   the user model needs a value for a field that the adapter does not write, so that
       no user can be provisioned
W021   the same of the membership model and its backend, so that nobody can become a
       member
W022   the roles of memberships are others than those that ``REQUIRED_ROLE`` has by default, so
       that nobody can manage the connections of organizations
W023   ``FAILED_IDENTITIES`` is set and the extra ``encryption`` is missing, so that nobody who
       is refused is named; where it is not set, information (I023, under ``--deploy``)
W025   there are webhooks, and the package that decrypts their secrets is missing (under
       ``--database``, and by ``migrate``)
W026   an attribute that ``INDEXED_ATTRIBUTES`` names has no index yet; the command
       ``scim_index_users`` makes it (under ``--database``, and by ``migrate``)
W027   ``EVENT_VALUES`` is set and the extra ``encryption`` is missing, so that no values are
       kept
W028   ``LOG_IN`` names a connection that does not exist or is decommissioned (under
       ``--database``, and by ``migrate``)
W029   not all tests are run on databases of the vendor, or none
=====  =============================================================================
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_type_hints

from django.conf import settings as django_settings
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils.module_loading import import_string

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.checks.attribute_checks.indexed_attributes import check_indexed_attributes
from django_scim_provider.checks.attribute_checks.map_entries import check_attribute_maps
from django_scim_provider.checks.deployment import (
    INSTALL_ENCRYPTION,
    NO_VALUES_KEPT,
    NOBODY_IS_NAMED,
    check_deployment,
)
from django_scim_provider.checks.entries import error, unknown_keys, warning
from django_scim_provider.checks.instruments import check_instruments
from django_scim_provider.checks.log_ins import check_log_ins
from django_scim_provider.checks.organizations import check_organizations
from django_scim_provider.checks.outgoing_calls import check_outgoing
from django_scim_provider.checks.policies import check_linking, check_throttling
from django_scim_provider.checks.profiles import check_profile_of, check_profiles
from django_scim_provider.checks.required_fields import check_user_fields
from django_scim_provider.checks.stores import RELATIONS, check_database, check_stores
from django_scim_provider.checks.types import fits
from django_scim_provider.ciphers import ENCRYPTION_AVAILABLE
from django_scim_provider.conf import ARGON2_COSTS, KNOWN, SETTING, Settings
from django_scim_provider.core.schemas.definitions import Schema, SchemaExtension
from django_scim_provider.registry import Registration
from django_scim_provider.tokens.scopes import all_scopes
from django_scim_provider.validators import MAX_ID_LENGTH, validate_wire_part

__all__ = ["check_deployment", "check_settings"]

MIN_SECRET_LENGTH = 24
_LEAST: dict[str, float] = {
    "LAST_USED_INTERVAL": 0,
    "MAX_LIVE_TOKENS": 1,
    "DEFAULT_PAGE_SIZE": 1,
    "MAX_PAGE_SIZE": 1,
    "QUERY_TIME_LIMIT": 0.001,
    "CURSOR_TIMEOUT": 1,
    "MAX_BODY_BYTES": 1,
    "MAX_BODY_DEPTH": 1,
    "MAX_BODY_OBJECTS": 1,
    "MAX_RESOURCE_SIZE": 4096,
    "MAX_ATTRIBUTE_VALUES": 1,
    "MAX_PATCH_OPERATIONS": 1,
    "MAX_PATCH_STEPS": 1,
    "BULK_MAX_OPERATIONS": 1,
    "BULK_MAX_PAYLOAD_SIZE": 1,
    "BULK_TIME_LIMIT": 1,
    "NUM_PROXIES": 0,
    "RECENT_LOGIN": 1,
    "ADMIN_RECENT_LOGIN": 1,
    "PORTAL_RECENT_LOGIN": 1,
    "RETRY_TIME_LIMIT": 0,
    "FAILED_IDENTITIES": 0,
    "EVENT_VALUES": 0,
    "NOTICE_FAILURES": 1,
}
_MOST = {"MAX_BODY_DEPTH": 200, "FAILED_IDENTITIES": 30, "EVENT_VALUES": 90}
_CONNECTION_KEYS = {
    *("provider_id", "scim_token", "organization_id", "scopes"),
    *("profile", "profile_switches"),
}


def check_settings(**_: Any) -> list[CheckMessage]:
    """Return what is wrong with ``SCIM_PROVIDER``."""
    found = getattr(django_settings, SETTING, {})
    if not isinstance(found, dict):
        return [error("E001", f"{SETTING} must be a dict.")]
    messages = [*unknown_keys(SETTING, found, KNOWN), *_types(found)]
    if messages:
        return messages
    checks: tuple[Callable[[dict[str, Any]], Iterable[CheckMessage]], ...] = (
        _values,
        _imports,
        check_profiles,
        check_database,
        _default_scim,
        _storage,
        check_throttling,
        check_linking,
        check_log_ins,
        check_organizations,
        check_instruments,
        check_outgoing,
        check_stores,
        check_user_fields,
        check_indexed_attributes,
        check_attribute_maps,
    )
    return [message for check in checks for message in check(found)]


def _types(found: dict[str, Any]) -> Iterator[CheckMessage]:
    hints = get_type_hints(Settings)
    for key, value in found.items():
        if key in hints and not fits(value, hints[key]):
            wanted = hints[key].__name__ if hints[key] in (bool, int, str) else str(hints[key])
            # The value is not shown: it may hold a token.
            message = f"{SETTING}[{key!r}] must be {wanted}, not {type(value).__name__}."
            yield error("E002", message)
        elif key in _LEAST and value is not None and not _LEAST[key] <= value < math.inf:
            yield error("E002", f"{SETTING}[{key!r}] must be at least {_LEAST[key]}.")
        elif key in _MOST and value > _MOST[key]:
            yield error("E002", f"{SETTING}[{key!r}] must be at most {_MOST[key]}.")


def _values(found: dict[str, Any]) -> Iterator[CheckMessage]:
    settings = Settings(**found)
    if settings.DEFAULT_PAGE_SIZE > settings.MAX_PAGE_SIZE:
        yield error("E002", f"{SETTING}['DEFAULT_PAGE_SIZE'] is above MAX_PAGE_SIZE.")
    if settings.DATABASE not in django_settings.DATABASES:
        yield error("E002", f"{SETTING}['DATABASE'] must be a key of DATABASES.")
    where = f"{SETTING}['ARGON2']"
    yield from unknown_keys(where, settings.ARGON2, ARGON2_COSTS)
    if any(cost < 1 for cost in settings.ARGON2.values()):
        yield error("E002", f"{where} must hold numbers of at least 1.")
    yield from unknown_keys(
        f"{SETTING}['PROVIDER_OWNERSHIP']", settings.PROVIDER_OWNERSHIP, ["enabled"]
    )


def _imports(found: dict[str, Any]) -> Iterator[CheckMessage]:
    declared = found.get("EXTENSIONS", {})
    yield from unknown_keys(f"{SETTING}['EXTENSIONS']", declared, ("User", "Group"))
    schemas = [path for extensions in declared.values() for path in extensions]
    paths = [found[key] for key in ("ADAPTER", *RELATIONS) if key in found]
    paths += found.get("RESOURCE_TYPES", [])
    backend = found.get("ORGANIZATION_BACKEND")
    paths += [] if backend is None else [backend]
    paths += schemas
    storage = found.get("STORE_SCIM_TOKEN")
    functions = list(storage.values()) if isinstance(storage, dict) else []
    functions += found.get("REVOKERS", [])
    named = ("CAN_GENERATE_TOKEN", "TOKEN_VERIFIER", "REQUEST_CONTEXT")
    functions += [found[key] for key in named if found.get(key) is not None]
    policy = found.get("LINK_EXISTING_USERS")
    if isinstance(policy, dict) and isinstance(policy.get("should_link_user"), str):
        functions.append(policy["should_link_user"])
    for path in paths + functions:
        try:
            imported = import_string(path)
        except ImportError as problem:
            yield error("E004", f"{path!r} cannot be imported: {problem}.")
        else:
            if path in functions and not callable(imported):
                yield error("E004", f"{path!r} is not a function.")
            if path in found.get("RESOURCE_TYPES", ()) and not isinstance(imported, Registration):
                yield error("E004", f"{path!r} is not a Registration.")
            if path in schemas and not isinstance(imported, Schema | SchemaExtension):
                yield error("E004", f"{path!r} is not a Schema or a SchemaExtension.")
            if path == found.get("ADAPTER") and not _is_adapter(imported):
                hint = f"Inherit from {Settings().ADAPTER}."
                yield error("E004", f"{path!r} is not an adapter.", hint)


def _is_adapter(imported: Any) -> bool:
    """Tell whether it is a class with all that the default adapter has for provisioning."""
    asked = [name for name in dir(DefaultAdapter) if not name.startswith("_")]
    return isinstance(imported, type) and all(hasattr(imported, name) for name in asked)


def _default_scim(found: dict[str, Any]) -> Iterator[CheckMessage]:
    seen: set[Any] = set()
    for number, entry in enumerate(found.get("DEFAULT_SCIM", [])):
        where = f"{SETTING}['DEFAULT_SCIM'][{number}]"
        yield from unknown_keys(where, entry, _CONNECTION_KEYS, "E005")
        for problem in _problems_of_connection(entry):
            yield error("E005", f"{where}{problem}")
        yield from check_profile_of(where, entry)
        if entry.get("organization_id") is not None and not found.get("ORGANIZATION_BACKEND"):
            yield error("E005", f"{where} names an organization; set ORGANIZATION_BACKEND.")
        if entry.get("provider_id") in seen:
            yield error("E005", f"{where}: the provider id occurs twice.")
        seen.add(entry.get("provider_id"))


def _problems_of_connection(entry: dict[str, Any]) -> Iterator[str]:
    for key in ("provider_id", "organization_id"):
        value = entry.get(key)
        if key == "provider_id" or value is not None:
            try:
                validate_wire_part(value if isinstance(value, str) else "")
            except ValidationError as problem:
                yield f"[{key!r}] is not valid: {problem.messages[0]}"
    secret = entry.get("scim_token")
    if not isinstance(secret, str) or len(secret) < MIN_SECRET_LENGTH or not _is_secret(secret):
        yield (
            f"['scim_token'] needs {MIN_SECRET_LENGTH} to {MAX_ID_LENGTH} printable characters "
            "and no colon."
        )
    scopes = entry.get("scopes") or ()
    known = _known_scopes()
    if known is None:
        return
    if not isinstance(scopes, list | tuple | set | frozenset) or not set(scopes) <= known:
        yield f"['scopes'] must be a list of {', '.join(sorted(known))}."


def _is_secret(text: str) -> bool:
    return len(text) <= MAX_ID_LENGTH and text.isprintable() and ":" not in text


def _known_scopes() -> set[str] | None:
    """Return all scopes; None where a resource type cannot be read, which is E004's to report."""
    try:
        return set(all_scopes())
    except (ImportError, AttributeError, ImproperlyConfigured):
        return None


def _storage(found: dict[str, Any]) -> Iterator[CheckMessage]:
    scheme = found.get("STORE_SCIM_TOKEN", "hashed")
    if isinstance(scheme, dict):
        known = scheme.keys() in ({"hash"}, {"encrypt", "decrypt"})
    else:
        known = scheme in ("hashed", "encrypted", "plain")
    if not known:
        yield error("E006", f"{SETTING}['STORE_SCIM_TOKEN'] names no way to store tokens.")
    if ENCRYPTION_AVAILABLE:
        return
    if scheme == "encrypted":
        yield error("E006", "Encrypted tokens need the package cryptography.", INSTALL_ENCRYPTION)
    if found.get("FAILED_IDENTITIES"):
        yield warning("W023", NOBODY_IS_NAMED, INSTALL_ENCRYPTION)
    if found.get("EVENT_VALUES"):
        yield warning("W027", NO_VALUES_KEPT, INSTALL_ENCRYPTION)
