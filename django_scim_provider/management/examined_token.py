"""What this project's database says of a token that a deployment refuses."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProviderConnection
from django_scim_provider.models.moments import local, utc, utc_now
from django_scim_provider.organizations import is_active_organization
from django_scim_provider.registry import indexed_attributes
from django_scim_provider.storage.sql.indexed.attribute_indexes import unserved_attributes
from django_scim_provider.tokens.rows import TokenRow, read_token_row
from django_scim_provider.tokens.wire import WireToken, decode, new_secret, verify
from django_scim_provider.tools.doctor.examinations import token_state
from django_scim_provider.tools.doctor.kinds import Diagnosis

SOON = timedelta(days=14)


class ProjectToken(token_state.GivenToken):
    """A token that this project's database may know."""

    @sensitive_variables()
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._parts = decode(text)
        self.is_well_formed = self._parts is not None

    def invented(self) -> str:
        """Return a token of the same connection that opens nothing."""
        unknown = "scim-doctor-" + secrets.token_hex(4)
        provider_id = unknown if self._parts is None else self._parts.provider_id
        return WireToken(new_secret(), provider_id).encode()

    @sensitive_variables()
    def why_refused(self) -> Diagnosis:
        """Return why the deployment refuses the token, as far as the database tells."""
        if self._parts is None:
            return token_state.MALFORMED.found()
        try:
            return _reason(self._parts)
        except DatabaseError:
            return token_state.REFUSED.found()

    def expires_soon(self) -> Diagnosis | None:
        """Return a diagnosis where the token ends within two weeks."""
        try:
            row = None if self._parts is None else _row(self._parts)
        except DatabaseError:
            return None  # the doctor runs far from the database; nothing is wrong with that
        if row is None or row.expires_at is None or utc(row.expires_at) - utc_now() > SOON:
            return None
        return token_state.EXPIRES_SOON.found(day=_day(row.expires_at))

    def unindexed(self) -> Sequence[str]:
        """Return what lacks its index, where this is the database that knows the token."""
        try:
            if self._parts is None or _row(self._parts) is None:
                return ()
            return unserved_attributes(get_settings().DATABASE, indexed_attributes())
        except DatabaseError:
            return ()


@sensitive_variables()
def _reason(token: WireToken) -> Diagnosis:
    for entry in get_settings().DEFAULT_SCIM:
        if entry["provider_id"] == token.provider_id:
            return _reason_of_default(token, entry)
    row = _row(token)
    if row is None:
        return token_state.UNKNOWN.found()
    if row.provider_id != token.provider_id or not verify(token.secret, row.secret):
        return token_state.ALTERED.found()
    if row.organization_id != token.organization_id:
        return token_state.ORGANIZATION.found()
    return _end_of_connection(row) or _end_of_token(row) or _good_unless_closed(token)


@sensitive_variables()
def _reason_of_default(token: WireToken, entry: dict[str, Any]) -> Diagnosis:
    """Return why a token of ``DEFAULT_SCIM`` is refused; the settings win over rows."""
    if not hmac.compare_digest(token.secret.encode(), entry["scim_token"].encode()):
        return token_state.ALTERED.found()
    if token.organization_id != entry.get("organization_id"):
        return token_state.ORGANIZATION.found()
    rows = ProviderConnection.objects.using(get_settings().DATABASE)
    connection = rows.filter(provider_id=token.provider_id).first()
    ended = None if connection is None else _end_of_connection(connection)
    return ended or _good_unless_closed(token)


def _end_of_connection(connection: TokenRow | ProviderConnection) -> Diagnosis | None:
    if connection.decommissioned_at is not None:
        return token_state.DECOMMISSIONED.found(day=_day(connection.decommissioned_at))
    return None if connection.enabled else token_state.DISABLED.found()


def _end_of_token(row: TokenRow) -> Diagnosis | None:
    now = utc_now()
    if row.revoked_at is not None:
        return token_state.REVOKED.found(day=_day(row.revoked_at))
    if row.expires_at is not None and utc(row.expires_at) <= now:
        return token_state.EXPIRED.found(day=_day(row.expires_at))
    return None if row.is_live(now) else token_state.OWNER_INACTIVE.found()


def _good_unless_closed(token: WireToken) -> Diagnosis:
    id, using = token.organization_id, get_settings().DATABASE
    is_open = id is None or is_active_organization(id, using=using)
    return (token_state.GOOD_HERE if is_open else token_state.ORGANIZATION_INACTIVE).found()


def _row(token: WireToken) -> TokenRow | None:
    return read_token_row(token.lookup, using=get_settings().DATABASE)


def _day(at: datetime) -> str:
    return local(at).date().isoformat()
