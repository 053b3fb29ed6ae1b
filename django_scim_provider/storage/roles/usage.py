"""Whether a connection gives roles at all, as SQL that other statements hold."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

from django.db import connections
from django.db.models import Q

from django_scim_provider.models import ProviderConnection, RoleGrant, RoleMapping
from django_scim_provider.storage.connection_gate import looks_at_people_sql
from django_scim_provider.storage.sql.statements.by_orm import Call, Part
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.sql.vendors import vendor_of


def are_in_use(using: str, provider_id: str) -> bool:
    """Tell whether a change of a group or an account can change a role, as it is now."""
    return bool(Writes(using).run(in_use_question(using, provider_id))[0])


def in_use_question(using: str, provider_id: str) -> Part:
    """Return the same as an expression that is 1 or 0; see ``Writes.run``."""
    if vendor_of(using).orm_only:
        return Call(partial(_are_in_use, using, provider_id))
    return f"CASE WHEN {in_use_sql(using)} THEN 1 ELSE 0 END", [provider_id] * 2


def looks_at_people(using: str, provider_id: str) -> bool:
    """Tell what ``looks_at_people_question`` asks, as it is now."""
    return bool(Writes(using).run(looks_at_people_question(using, provider_id))[0])


def _are_in_use(using: str, provider_id: str) -> bool:
    own: dict[str, Any] = {"provider_id": provider_id}
    return any(
        each.objects.using(using).filter(**own).exists() for each in (RoleMapping, RoleGrant)
    )


def looks_at_people_question(using: str, provider_id: str) -> Part:
    """Return what is 1 where a mapping looks at people themselves, and not at groups alone.

    Then new accounts and changed attributes can change a role.
    """
    if vendor_of(using).orm_only:
        rows = RoleMapping.objects.using(using).filter(match_by__in=RoleMapping.OF_PEOPLE)
        return Call(rows.filter(**{"provider_id": provider_id}).exists)
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


def of_organization(using: str, organization_id: str | None) -> Q:
    """Return the condition that a grant is by a connection of the organization."""
    if not vendor_of(using).orm_only:
        return Q(provider__organization_id=organization_id)
    rows = ProviderConnection.objects.using(using).filter(organization_id=organization_id)
    return Q(provider_id__in=list(rows.values_list("provider_id", flat=True)))
