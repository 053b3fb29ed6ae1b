"""The bindings of log-in providers to connections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_type_hints

from django.core.checks import CheckMessage
from django.utils.module_loading import import_string

from django_scim_provider.checks.entries import error, unknown_keys
from django_scim_provider.checks.types import fits
from django_scim_provider.conf import SETTING, get_settings
from django_scim_provider.log_in.bindings import BINDING_KEYS, FOUND_BY, Binding
from django_scim_provider.models import ProviderConnection


def check_log_ins(found: dict[str, Any]) -> Iterator[CheckMessage]:
    """Yield what is wrong with ``LOG_IN``."""
    for provider, entry in found.get("LOG_IN", {}).items():
        where = f"{SETTING}['LOG_IN'][{provider!r}]"
        yield from unknown_keys(where, entry, BINDING_KEYS)
        wrong = [*_wrong_types(where, entry)]
        yield from wrong
        if not wrong:
            yield from _wrong_ways(where, entry)


def _wrong_types(where: str, entry: dict[str, Any]) -> Iterator[CheckMessage]:
    hints = {**get_type_hints(Binding), "connections": dict[str, str]}
    for key, value in entry.items():
        if key in hints and not fits(value, hints[key]):
            yield error("E013", f"{where}[{key!r}] must not be {type(value).__name__}.")


def _wrong_ways(where: str, entry: dict[str, Any]) -> Iterator[CheckMessage]:
    if sum(bool(entry.get(way)) for way in FOUND_BY) != 1:
        yield error("E013", f"{where} must have one of {', '.join(FOUND_BY)}.")
    if not (entry.get("external_id") or entry.get("user_name")):
        hint = "An e-mail address alone finds nobody."
        yield error("E013", f"{where} names no claim for external_id or user_name.", hint)
    for key in ("find_connection", "only_provisioned"):
        path = entry.get(key)
        if not isinstance(path, str):
            continue
        try:
            imported = import_string(path)
        except ImportError as problem:
            yield error("E004", f"{path!r} cannot be imported: {problem}.")
        else:
            if not callable(imported):
                yield error("E004", f"{path!r} is not a function.")


def unbound_log_ins(using: str) -> list[tuple[str, str, str]]:
    """Return log-in providers whose connection nobody enters by, that connection, and why."""
    named = [
        (key, id)
        for key, entry in get_settings().LOG_IN.items()
        for id in (entry.get("connection"), *entry.get("connections", {}).values())
        if id is not None
    ]
    if not named:
        return []
    rows = ProviderConnection.objects.using(using).filter(provider_id__in={id for _, id in named})
    closed = dict(rows.values_list("provider_id", "decommissioned_at"))
    found = [(key, id, "does not exist") for key, id in named if id not in closed]
    return found + [
        (key, id, "is decommissioned") for key, id in named if closed.get(id) is not None
    ]
