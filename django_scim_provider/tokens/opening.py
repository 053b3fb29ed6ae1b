"""The connection that a verified token opens: whether it is there, enabled, and whose it is."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.conf import get_settings
from django_scim_provider.core.validation.scim_ids import may_be_id
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.models.connection_profiles import default_profile, stored_profile
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.organizations import is_active_organization
from django_scim_provider.storage.transactions import in_transaction, write_aside
from django_scim_provider.tokens.claims import TokenClaims, VerifiedToken
from django_scim_provider.tokens.connection_rows import insert_or_wait
from django_scim_provider.tokens.rows import TokenRow, marked_connection
from django_scim_provider.tokens.scopes import all_scopes

logger = logging.getLogger("django_scim_provider")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredClaims(TokenClaims):
    """What the row of a token says, with the connection that was read beside it."""

    row: TokenRow


def opened(claims: TokenClaims) -> VerifiedToken | None:
    """Return what a verified token opens, or None.

    The connection must exist and be enabled; its owner and organization must be active.
    """
    entry = default_entry(claims.provider_id)
    if entry is not None:
        return _open_default(claims, entry)
    if isinstance(claims, StoredClaims):
        return _open_stored(claims)
    return _open_connection(claims)


def default_entry(provider_id: str) -> dict[str, Any] | None:
    """Return the connection of ``DEFAULT_SCIM`` with that id; it wins over a row."""
    entries = get_settings().DEFAULT_SCIM
    return next((entry for entry in entries if entry["provider_id"] == provider_id), None)


@sensitive_variables("entry")
def _open_default(claims: TokenClaims, entry: dict[str, Any]) -> VerifiedToken | None:
    organization_id = entry.get("organization_id")
    known = _ensure_connection(entry) if _is_open(organization_id) else None
    if known is None:
        return None
    profile, switches = default_profile(entry)
    return VerifiedToken(
        provider_id=claims.provider_id,
        organization_id=organization_id,
        profile=profile,
        profile_switches=switches,
        scopes=frozenset(claims.scopes) & frozenset(entry.get("scopes") or all_scopes()),
        token_id=None,
        has_open_failures=known[0],
        webhooks=known[1],
        recording_until=known[2],
    )


@sensitive_variables("entry")
def _ensure_connection(entry: dict[str, Any]) -> tuple[bool, bool, datetime | None] | None:
    """Make the row that the accounts of a connection from the settings belong to.

    Return whether it has failures that a success may end, whether there are webhooks that hear of
    it, and until when it is recorded. None where a connection stands in the way whose id differs by
    case only, or one that belongs to another organization: accounts of theirs must not be opened by
    a line in the settings. None as well where the row was disabled or decommissioned.
    """
    rows = ProviderConnection.objects.using(get_settings().DATABASE)
    wanted = {"organization_id": entry.get("organization_id")}
    own = rows.usable().filter(provider_id=entry["provider_id"], **wanted)
    found = marked_connection(own.only("provider_id", "recording_until"))
    if found is not None:
        return found.has_open_failures, bool(found.has_webhooks), found.recording_until

    def make() -> ProviderConnection:
        there = rows.filter(provider_id=entry["provider_id"])
        if (connection := there.first()) is None:
            new = ProviderConnection(provider_id=entry["provider_id"], **wanted)
            insert_or_wait(new, rows.db)
            connection = there.get()
        return connection

    connection: ProviderConnection | None
    try:
        connection = in_transaction(rows.db, entry["provider_id"], make)
    except (IntegrityError, ProviderConnection.DoesNotExist):
        connection = None
    if connection is not None and not connection.is_usable:
        return None
    if connection is not None and connection.organization_id == wanted["organization_id"]:
        return True, True, connection.recording_until
    logger.error("DEFAULT_SCIM clashes with a stored connection: %s", entry["provider_id"])
    return None


def _open_stored(claims: StoredClaims) -> VerifiedToken | None:
    row, now = claims.row, utc_now()
    if not row.is_live(now) or not _is_open(row.organization_id):
        return None
    _note_use(row.id, row.last_used_at, now)
    return VerifiedToken(
        provider_id=row.provider_id,
        organization_id=row.organization_id,
        profile=row.profile,
        profile_switches=row.profile_switches,
        scopes=frozenset(claims.scopes),
        owner_id=row.owner_id if row.organization_id is None else None,
        token_id=row.id,
        has_open_failures=row.has_open_failures,
        webhooks=row.webhooks,
        recording_until=row.recording_until,
    )


def _open_connection(claims: TokenClaims) -> VerifiedToken | None:
    """Open a connection by the word of a verifier of the project's own."""
    if not may_be_id(claims.provider_id):
        return None
    rows = ProviderConnection.objects.using(get_settings().DATABASE).select_related("owner")
    connection: Any = marked_connection(rows.filter(provider_id=claims.provider_id))
    # MariaDB sees no blanks at the end of a text.
    if connection is None or connection.provider_id != claims.provider_id:
        return None
    owner = None if connection.personal_owner_id is None else connection.owner
    if owner is not None and not getattr(owner, "is_active", True):
        return None
    if not connection.is_usable or not _is_open(connection.organization_id):
        return None
    _, switches = stored_profile(connection)
    return VerifiedToken(
        provider_id=connection.provider_id,
        organization_id=connection.organization_id,
        profile=connection.profile,
        profile_switches=switches,
        scopes=frozenset(claims.scopes) & frozenset(all_scopes()),
        owner_id=connection.personal_owner_id,
        token_id=None,
        has_open_failures=connection.has_open_failures,
        webhooks=connection.has_webhooks,
        recording_until=connection.recording_until,
    )


def _is_open(organization_id: str | None) -> bool:
    """Tell whether the organization of a connection, if it has one, is there and active.

    The project is asked on each request, so that a deactivation takes effect at once.
    """
    using = get_settings().DATABASE
    return organization_id is None or is_active_organization(organization_id, using=using)


def _note_use(id: UUID, used: datetime | None, now: datetime) -> None:
    """Write ``last_used_at``, at most once in ``LAST_USED_INTERVAL`` seconds."""
    before = now - timedelta(seconds=get_settings().LAST_USED_INTERVAL)
    if used is not None and utc(used) > before:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=before)
    using = get_settings().DATABASE
    rows = SCIMToken.objects.using(using).filter(stale, pk=id)
    write_aside(using, "When a SCIM token was used", lambda: rows.update(last_used_at=now))
