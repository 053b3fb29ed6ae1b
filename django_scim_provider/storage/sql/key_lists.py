"""Many keys in one condition, where a parameter for each would be too many or too slow."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import Q
from django.db.models.expressions import RawSQL

from django_scim_provider.models import LinkedAccount

_LISTS = {
    "sqlite": "SELECT value FROM json_each(%s)",
    "postgresql": "SELECT unnest(%s::uuid[])",
}
"""Many keys as one parameter, where parameters are few or large statements slow; MySQL and MariaDB
take a plain list, which they sort, and would read a table of JSON again for every row."""
_TEXT_LISTS = {**_LISTS, "postgresql": "SELECT unnest(%s::text[])"}
"""The same for texts, such as SCIM ids."""


def listed(using: str, keys: Collection[UUID]) -> tuple[str, list[Any]]:
    """Return what stands between the brackets of ``IN ()``, and its parameters; no list is empty.

    ``keys`` are those of accounts or groups.
    """
    connection, pk = connections[using], LinkedAccount._meta.pk
    if connection.vendor == "postgresql":
        return _LISTS["postgresql"], [[str(key) for key in keys]]
    adapted = [pk.get_db_prep_value(key, connection) for key in keys]
    if connection.vendor == "sqlite":
        return _LISTS["sqlite"], [json.dumps(adapted)]
    return ", ".join(["%s"] * len(adapted)) or "NULL", adapted


def among(using: str, column: str, keys: Collection[UUID]) -> Q:
    """Return the condition that a column is one of many keys of accounts or groups."""
    if len(keys) == 1 or connections[using].vendor not in _LISTS:
        return Q(**{f"{column}__in": list(keys)})
    sql, parameters = listed(using, keys)
    return Q(**{f"{column}__in": RawSQL(sql, parameters)})  # noqa: S611 - constant texts


def among_texts(using: str, column: str, texts: Collection[str]) -> Q:
    """Return the condition that a column is one of many texts."""
    vendor = connections[using].vendor
    if len(texts) == 1 or vendor not in _TEXT_LISTS:
        return Q(**{f"{column}__in": list(texts)})
    held = list(texts) if vendor == "postgresql" else json.dumps(list(texts))
    return Q(**{f"{column}__in": RawSQL(_TEXT_LISTS[vendor], [held])})  # noqa: S611 - constant texts
