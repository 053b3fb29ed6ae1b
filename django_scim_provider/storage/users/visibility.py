"""Which accounts a connection sees: all of its own, or those whose users are members.

These are conditions of SQL; what goes the portable way asks ``storage.portable.sight``.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from django_scim_provider.organizations import member_keys, require_organization_backend

M = TypeVar("M", bound=Model)


def seen(using: str, organization_id: str | None, prefix: str = "") -> Q | None:
    """Return the condition on accounts that the connection of an organization sees; None: all.

    The organization backend is asked now; the condition holds for one request and is never kept.
    ``prefix`` is the look-up from the rows to the account, for rows that refer to accounts.

    Raises:
        Forbidden: the project has no organizations any more.
    """
    if organization_id is None:
        return None
    backend = require_organization_backend(using=using)
    keys = member_keys(backend, organization_id, using=using)
    condition = Q(**{f"{prefix}user__in": keys})
    if not backend.keeps_inactive:
        condition |= Q(**{f"{prefix}active": False}) | Q(**{f"{prefix}active": None})
    return condition


def visible(
    rows: QuerySet[M, Any], using: str, organization_id: str | None, prefix: str = ""
) -> QuerySet[M, Any]:
    """Limit rows to what the connection sees; see ``seen``."""
    only = seen(using, organization_id, prefix)
    return rows if only is None else rows.filter(only)
