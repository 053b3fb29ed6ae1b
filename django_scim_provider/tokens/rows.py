"""Reading a token and its connection in one query, on the path of every request.

The ORM takes longer to build this query than the database to answer it. So the ORM builds it once
for each database alias, and the statement is then run with other parameters; the ORM's own
converters read the columns, so that every database yields the same Python values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import connections
from django.db.models import BigIntegerField, Exists, F, Func, OuterRef, QuerySet
from django.utils.functional import SimpleLazyObject

from django_scim_provider.conf import until_settings_change
from django_scim_provider.models import Failure, ProviderConnection, SCIMToken, WebhookEndpoint
from django_scim_provider.models.moments import moment_of, utc
from django_scim_provider.models.outgoing.webhook_endpoints import has_webhooks
from django_scim_provider.storage.sql.running import fetch_one
from django_scim_provider.storage.sql.vendors import vendor_of

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
    "provider__recording_until",
    "has_webhooks",
)
_SENTINEL = "lookupid"
_EMPTY: dict[str, type[Any]] = {"[]": list, "{}": dict}
"""What the columns of JSON hold for nearly every token; a decoder takes longer to find that out."""


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
    recording_until: datetime | None
    webhooks: bool
    """Is there a webhook that hears of the connection?"""
    owner_active: bool | None
    """None where nobody owns the connection."""
    has_open_failures: bool

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
    parameters: tuple[Any, ...]
    """With the stand-in for the lookup id."""
    converters: tuple[tuple[int, Any, tuple[Callable[..., Any], ...]], ...]
    """Position of a column, its expression, and what makes Python values of it."""


def read_token_row(lookup: str, *, using: str) -> TokenRow | None:
    """Return the token with that lookup id, or None."""
    if vendor_of(using).orm_only:
        return _read_by_orm(lookup, using)
    connection, statement = connections[using], _statement(using)
    given = [lookup if each == _SENTINEL else each for each in statement.parameters]
    row = fetch_one(using, statement.sql, given)
    if row is None:
        return None
    values = list(row)
    for position, expression, converters in statement.converters:
        value = values[position]
        if type(value) is str and (empty := _EMPTY.get(value)):
            values[position] = empty()
            continue
        for convert in converters:
            value = convert(value, expression, connection)
        values[position] = value
    return TokenRow(*values)


def _read_by_orm(lookup: str, using: str) -> TokenRow | None:
    """Read one table after the other."""
    token = SCIMToken.objects.using(using).filter(lookup=lookup).order_by().first()
    if token is None:
        return None
    of: dict[str, Any] = {"provider_id": token.provider_id}
    provider = ProviderConnection.objects.using(using).get(**of)
    owner_active: bool | None = None
    if provider.owner_id is not None:
        owners = get_user_model()._base_manager.using(using).filter(pk=provider.owner_id)
        owner_active = any(getattr(owner, "is_active", True) for owner in owners)
    failures, webhooks = _marks_of(token.provider_id, using)
    return TokenRow(
        token.pk,
        token.secret,
        token.scopes,
        token.expires_at,
        token.revoked_at,
        token.last_used_at,
        token.provider_id,
        provider.organization_id,
        provider.profile,
        provider.profile_switches,
        provider.enabled,
        provider.decommissioned_at,
        provider.owner_id,
        provider.recording_until,
        webhooks,
        owner_active,
        failures,
    )


def marked_connection(rows: QuerySet[ProviderConnection]) -> Any:
    """Return the first of some connections, or None.

    With it comes whether a success may end a failure (``has_open_failures``), and whether a webhook
    hears of it (``has_webhooks``).
    """
    if not vendor_of(rows.db).orm_only:
        rows = rows.annotate(has_open_failures=open_failures("provider_id"))
        return rows.annotate(has_webhooks=has_webhooks(OuterRef("provider_id"))).first()
    found: Any = rows.first()
    if found is not None:
        found.has_open_failures, found.has_webhooks = _marks_of(found.provider_id, rows.db)
    return found


def _marks_of(provider_id: str, using: str) -> tuple[Any, Any]:
    """Return what a change alone needs to know; each is asked for when it is, by a command."""
    own: dict[str, Any] = {"provider_id": provider_id}
    failures = Failure.objects.using(using).filter(Failure.unsettled(), **own)
    webhooks = WebhookEndpoint.objects.using(using).hearing_of(provider_id)
    return SimpleLazyObject(failures.exists), SimpleLazyObject(webhooks.exists)


def open_failures(provider_id: str) -> Exists:
    """Return whether a success may end a failure; ``provider_id`` names the column of the outer."""
    rows = Failure.objects.filter(Failure.unsettled(), **{"provider_id": OuterRef(provider_id)})
    return Exists(rows.order_by())


@until_settings_change
def _statement(using: str) -> _Statement:
    rows = SCIMToken.objects.using(using).order_by().filter(lookup=_SENTINEL)
    rows = rows.annotate(has_webhooks=has_webhooks(OuterRef("provider_id")))
    shown, used = list(_COLUMNS), _COLUMNS.index("last_used_at")
    number = vendor_of(using).microseconds("%(expressions)s")
    if number is not None:
        at = Func(F("last_used_at"), template=number, output_field=BigIntegerField())
        rows = rows.annotate(used_at=at)
        shown[used] = "used_at"
    try:
        get_user_model()._meta.get_field("is_active")
        columns: tuple[str, ...] = (*shown, "provider__owner__is_active")
    except FieldDoesNotExist:
        columns = (*shown, "provider__enabled")  # users of this project are always active
    failures = open_failures("provider")
    compiler = rows.values_list(*columns, failures).query.get_compiler(using)
    sql, parameters = compiler.as_sql()
    if parameters.count(_SENTINEL) != 1:  # pragma: no cover - no database does this
        raise AssertionError(f"unexpected parameters: {parameters!r}")
    selected = [expression for expression, _, _ in compiler.select]
    converters = dict(compiler.get_converters(selected))
    if number is not None:
        converters[used] = [moment_of], selected[used]
    return _Statement(
        sql,
        tuple(parameters),
        tuple((at, expression, tuple(found)) for at, (found, expression) in converters.items()),
    )
