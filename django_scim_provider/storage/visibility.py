"""Which accounts a connection sees: all of its own, or those whose users are members."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from django_scim_provider.organizations import require_organization_backend

M = TypeVar("M", bound=Model)


def visible(
    rows: QuerySet[M, Any], using: str, organization_id: str | None, prefix: str = ""
) -> QuerySet[M, Any]:
    """Limit accounts to those that the connection of an organization sees; None has no limit.

    ``prefix`` is the look-up from the rows to the account, for rows that refer to accounts.

    Raises:
        Forbidden: the project has no organizations any more.
    """
    if organization_id is None:
        return rows
    backend = require_organization_backend(using=using)
    condition = Q(**{f"{prefix}user__in": backend.members(organization_id)})
    if not backend.keeps_inactive:
        condition |= Q(**{f"{prefix}active": False})
    return rows.filter(condition)
