"""Whether a connection gives roles at all, as SQL that other statements hold."""

from __future__ import annotations

from functools import lru_cache

from django.db import connections

from django_scim_provider.models import GroupGrant, GroupMapping
from django_scim_provider.storage.sql.running import fetch_all


def are_in_use(using: str, provider_id: str) -> bool:
    """Tell whether a change of a group or an account can change a role, as it is now."""
    sql = f"SELECT CASE WHEN {in_use_sql(using)} THEN 1 ELSE 0 END"
    ((found,),) = fetch_all(using, sql, [provider_id] * 2)
    return bool(found)


@lru_cache(maxsize=16)
def in_use_sql(using: str) -> str:
    """Return the condition that a connection has mappings or grants; it takes its id twice."""
    quote = connections[using].ops.quote_name
    column = quote("provider_id")
    exists = [
        f"EXISTS (SELECT 1 FROM {quote(model._meta.db_table)} WHERE {column} = %s)"  # noqa: S608 - names of the models
        for model in (GroupMapping, GroupGrant)
    ]
    return f"({' OR '.join(exists)})"
