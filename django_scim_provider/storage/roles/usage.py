"""Whether a connection gives roles at all, as SQL that other statements hold."""

from __future__ import annotations

from functools import lru_cache

from django.db import connections

from django_scim_provider.models import RoleGrant, RoleMapping
from django_scim_provider.storage.connection_gate import looks_at_people_sql
from django_scim_provider.storage.sql.vendors.base import SQL
from django_scim_provider.storage.sql.writes import Writes


def are_in_use(using: str, provider_id: str) -> bool:
    """Tell whether a change of a group or an account can change a role, as it is now."""
    return bool(Writes(using).run(in_use_question(using, provider_id))[0])


def in_use_question(using: str, provider_id: str) -> SQL:
    """Return the same as an expression that is 1 or 0; see ``Writes.run``."""
    return f"CASE WHEN {in_use_sql(using)} THEN 1 ELSE 0 END", [provider_id] * 2


def looks_at_people(using: str, provider_id: str) -> bool:
    """Tell what ``looks_at_people_question`` asks, as it is now."""
    return bool(Writes(using).run(looks_at_people_question(using, provider_id))[0])


def looks_at_people_question(using: str, provider_id: str) -> SQL:
    """Return what is 1 where a mapping looks at people themselves, and not at groups alone.

    Then new accounts and changed attributes can change a role.
    """
    sql = looks_at_people_sql(connections[using], "%s")
    return f"CASE WHEN {sql} THEN 1 ELSE 0 END", [provider_id]


@lru_cache(maxsize=16)
def in_use_sql(using: str) -> str:
    """Return the condition that a connection has mappings or grants; it takes its id twice."""
    quote = connections[using].ops.quote_name
    column = quote("provider_id")
    exists = [
        f"EXISTS (SELECT 1 FROM {quote(model._meta.db_table)} WHERE {column} = %s)"  # noqa: S608 - names of the models
        for model in (RoleMapping, RoleGrant)
    ]
    return f"({' OR '.join(exists)})"
