"""Many keys in one condition, where a parameter for each would be too many or too slow."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import Q
from django.db.models.expressions import RawSQL

from django_scim_provider.models import LinkedAccount
from django_scim_provider.storage.sql.vendors import vendor_of


def listed(using: str, keys: Collection[UUID]) -> tuple[str, list[Any]]:
    """Return what stands in the brackets of ``IN ()``, and its parameters.

    ``keys`` are those of accounts or groups, which have the same form; there may be none.
    """
    adapted = _adapted(using, keys)
    # SQL has no empty list; nothing equals NULL.
    plain = ", ".join(["%s"] * len(adapted)) or "NULL", adapted
    return vendor_of(using).key_list(adapted) or plain


def among(using: str, column: str, keys: Collection[UUID]) -> Q:
    """Return the condition that a column is one of many keys of accounts or groups."""
    # Planners know how common a single key is, but not what stands in a list that SQL makes.
    found = None if len(keys) == 1 else vendor_of(using).key_list(_adapted(using, keys))
    if found is None:
        return Q(**{f"{column}__in": list(keys)})
    return Q(**{f"{column}__in": RawSQL(*found)})  # noqa: S611 - constant texts


def among_texts(using: str, column: str, texts: Collection[str]) -> Q:
    """Return the condition that a column is one of many texts, such as SCIM ids."""
    found = None if len(texts) == 1 else vendor_of(using).text_list(list(texts))
    if found is None:
        return Q(**{f"{column}__in": list(texts)})
    return Q(**{f"{column}__in": RawSQL(*found)})  # noqa: S611 - constant texts


def _adapted(using: str, keys: Collection[UUID]) -> list[Any]:
    connection, pk = connections[using], LinkedAccount._meta.pk
    return [pk.get_db_prep_value(key, connection) for key in keys]
