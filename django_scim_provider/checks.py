"""System checks: what the host got wrong is said at start, not at the first request.

=====  =============================================================================
E001   ``SCIM_PROVIDER`` is no dict
E002   a value is of the wrong type or out of range
E003   a key is unknown
E004   a dotted path cannot be imported
E005   an entry of ``DEFAULT_SCIM`` is incomplete or not valid
E006   ``STORE_SCIM_TOKEN`` names no way to store tokens, or its package is missing
W001   tokens are stored in plain text (under ``--deploy``)
W002   staff and superusers are open to provisioning (under ``--deploy``)
=====  =============================================================================
"""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string

from django_scim_provider.conf import KNOWN, SETTING, Settings, raw_settings
from django_scim_provider.core.profiles import PROFILES
from django_scim_provider.tokens import ENCRYPTION_AVAILABLE, SCOPES
from django_scim_provider.validators import validate_wire_part

MIN_SECRET_LENGTH = 24
_POSITIVE = (
    "MAX_LIVE_TOKENS",
    "DEFAULT_PAGE_SIZE",
    "MAX_PAGE_SIZE",
    "CURSOR_TIMEOUT",
    "MAX_BODY_BYTES",
    "MAX_BODY_DEPTH",
)


def check_settings(**_: Any) -> list[CheckMessage]:
    """Return what is wrong with ``SCIM_PROVIDER``."""
    found = getattr(django_settings, SETTING, {})
    if not isinstance(found, dict):
        return [_error("E001", f"{SETTING} must be a dict.")]
    messages = [*_unknown(found), *_types(found)]
    if messages:
        return messages
    return [*_imports(found), *_default_scim(found), *_storage(found)]


def check_deployment(**_: Any) -> list[CheckMessage]:
    """Return what is allowed but not safe in production."""
    found, messages = raw_settings(), []
    if found.get("STORE_SCIM_TOKEN") == "plain":
        hint = 'Use "hashed" or "encrypted".'
        messages.append(Warning("SCIM tokens are stored in plain text.", hint=hint, id=_id("W001")))
    if found.get("ALLOW_PRIVILEGED_USERS"):
        hint = "Remove ALLOW_PRIVILEGED_USERS unless the identity provider manages your staff."
        message = "Provisioning may change staff and superusers."
        messages.append(Warning(message, hint=hint, id=_id("W002")))
    return messages


def _id(number: str) -> str:
    return f"scim_provider.{number}"


def _error(number: str, message: str, hint: str | None = None) -> Error:
    return Error(message, hint=hint, id=_id(number))


def _unknown(found: dict[str, Any]) -> Iterator[CheckMessage]:
    for key in found:
        if key not in KNOWN:
            close = difflib.get_close_matches(str(key).upper(), KNOWN, n=1)
            hint = f"Did you mean {close[0]}?" if close else None
            yield _error("E003", f"{SETTING} has no setting {key!r}.", hint)


def _types(found: dict[str, Any]) -> Iterator[CheckMessage]:
    hints = get_type_hints(Settings)
    for key, value in found.items():
        if key in hints and not _fits(value, hints[key]):
            wanted = getattr(hints[key], "__name__", None) or str(hints[key])
            yield _error("E002", f"{SETTING}[{key!r}] must be {wanted}, not {value!r}.")
        elif key in _POSITIVE and value < 1:
            yield _error("E002", f"{SETTING}[{key!r}] must be at least 1.")


def _fits(value: Any, wanted: Any) -> bool:
    """Tell whether a value is of a type, as deep as the annotations of ``Settings`` go."""
    origin, inner = get_origin(wanted), get_args(wanted)
    if wanted is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(_fits(value, option) for option in inner)
    if origin is Literal:
        return value in inner
    if origin is list:
        return isinstance(value, list | tuple) and all(_fits(item, inner[0]) for item in value)
    if origin is dict:
        return isinstance(value, dict) and all(
            _fits(key, inner[0]) and _fits(item, inner[1]) for key, item in value.items()
        )
    if wanted is int and isinstance(value, bool):
        return False
    return isinstance(value, wanted)


def _imports(found: dict[str, Any]) -> Iterator[CheckMessage]:
    paths = [found["ADAPTER"]] if "ADAPTER" in found else []
    paths += found.get("RESOURCE_TYPES", [])
    for extensions in found.get("EXTENSIONS", {}).values():
        paths += extensions
    storage = found.get("STORE_SCIM_TOKEN")
    paths += storage.values() if isinstance(storage, dict) else []
    for path in paths:
        try:
            import_string(path)
        except ImportError as error:
            yield _error("E004", f"{path!r} cannot be imported: {error}.")


def _default_scim(found: dict[str, Any]) -> Iterator[CheckMessage]:
    seen = set()
    for number, entry in enumerate(found.get("DEFAULT_SCIM", [])):
        where = f"{SETTING}['DEFAULT_SCIM'][{number}]"
        unknown = entry.keys() - {
            "provider_id",
            "scim_token",
            "organization_id",
            "profile",
            "scopes",
        }
        for key in sorted(unknown):
            yield _error("E005", f"{where} has no key {key!r}.")
        for key in ("provider_id", "organization_id"):
            if key == "provider_id" or entry.get(key) is not None:
                yield from _wire_part(where, key, entry.get(key))
        secret = entry.get("scim_token")
        if not isinstance(secret, str) or len(secret) < MIN_SECRET_LENGTH or ":" in secret:
            yield _error(
                "E005", f"{where}['scim_token'] needs {MIN_SECRET_LENGTH} characters, no colon."
            )
        if entry.get("profile", "generic") not in PROFILES:
            yield _error("E005", f"{where}['profile'] must be one of {', '.join(PROFILES)}.")
        if not set(entry.get("scopes", ())) <= set(SCOPES):
            yield _error("E005", f"{where}['scopes'] must be of {', '.join(SCOPES)}.")
        if entry.get("provider_id") in seen:
            yield _error("E005", f"{where}: the provider id occurs twice.")
        seen.add(entry.get("provider_id"))


def _wire_part(where: str, key: str, value: Any) -> Iterator[CheckMessage]:
    try:
        validate_wire_part(value if isinstance(value, str) else "")
    except ValidationError as error:
        yield _error("E005", f"{where}[{key!r}] is not valid: {error.messages[0]}")


def _storage(found: dict[str, Any]) -> Iterator[CheckMessage]:
    scheme = found.get("STORE_SCIM_TOKEN", "hashed")
    if isinstance(scheme, dict):
        known = scheme.keys() in ({"hash"}, {"encrypt", "decrypt"})
    else:
        known = scheme in ("hashed", "encrypted", "plain")
    if not known:
        yield _error("E006", f"{SETTING}['STORE_SCIM_TOKEN'] names no way to store tokens.")
    if scheme == "encrypted" and not ENCRYPTION_AVAILABLE:
        hint = "Install django-scim-provider[encryption]."
        yield _error("E006", "Encrypted tokens need the package cryptography.", hint)
