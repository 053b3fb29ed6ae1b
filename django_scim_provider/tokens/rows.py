"""Reading a token and its connection in one query, on the path of every request.

The ORM takes longer to build this query than the database to answer it. So the ORM builds it once
for each database alias, and the statement is then run with other parameters; the ORM's own
converters read the columns, so that every database yields the same Python values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import connections

from django_scim_provider.models import SCIMToken
from django_scim_provider.models.moments import utc
from django_scim_provider.storage.sql.running import fetch_one

_COLUMNS = (
    "id",
    "secret",
    "scopes",
    "expires_at",
    "revoked_at",
    "last_used_at",
    "provider_id",
    "provider__organization_id",
    "provider__profile",
    "provider__profile_switches",
    "provider__enabled",
    "provider__decommissioned_at",
    "provider__owner_id",
)
_SENTINEL = "lookupid"


class TokenRow(NamedTuple):
    """What authentication needs of a token and its connection."""

    id: UUID
    secret: str
    """The stored form."""
    scopes: list[str]
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    provider_id: str
    organization_id: str | None
    profile: str
    profile_switches: dict[str, bool]
    enabled: bool
    decommissioned_at: datetime | None
    owner_id: Any
    owner_active: bool | None
    """None where nobody owns the connection."""

    def is_live(self, now: datetime) -> bool:
        """Tell whether token and connection are live, and the owner of a personal one active."""
        if self.revoked_at is not None or self.decommissioned_at is not None or not self.enabled:
            return False
        if self.organization_id is None and self.owner_active is False:
            return False
        return self.expires_at is None or utc(self.expires_at) > now


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    converters: tuple[tuple[int, Any, tuple[Callable[..., Any], ...]], ...]
    """Position of a column, its expression, and what makes Python values of it."""


def read_token_row(lookup: str, *, using: str) -> TokenRow | None:
    """Return the token with that lookup id, or None."""
    connection, statement = connections[using], _statement(using)
    row = fetch_one(using, statement.sql, (lookup,))
    if row is None:
        return None
    values = list(row)
    for position, expression, converters in statement.converters:
        for convert in converters:
            values[position] = convert(values[position], expression, connection)
    return TokenRow(*values)


@lru_cache(maxsize=16)
def _statement(using: str) -> _Statement:
    rows = SCIMToken.objects.using(using).order_by().filter(lookup=_SENTINEL)
    try:
        get_user_model()._meta.get_field("is_active")
        columns: tuple[str, ...] = (*_COLUMNS, "provider__owner__is_active")
    except FieldDoesNotExist:
        columns = (*_COLUMNS, "provider__enabled")  # users of this project are always active
    compiler = rows.values_list(*columns).query.get_compiler(using)
    sql, parameters = compiler.as_sql()
    if tuple(parameters) != (_SENTINEL,):  # pragma: no cover - no database does this
        raise AssertionError(f"unexpected parameters: {parameters!r}")
    selected = [expression for expression, _, _ in compiler.select]
    converters = compiler.get_converters(selected)
    return _Statement(
        sql,
        tuple((at, expression, tuple(found)) for at, (found, expression) in converters.items()),
    )
