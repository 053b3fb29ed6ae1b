"""What this project's database says of a token that the deployment refuses."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProviderConnection
from django_scim_provider.organizations import is_active_organization
from django_scim_provider.tokens.rows import TokenRow, read_token_row
from django_scim_provider.tokens.wire import WireToken, decode, verify
from django_scim_provider.tools.doctor.kinds import Finding, Kind, Level

SOON = timedelta(days=14)
_NEW = _("Generate a token (scim_rotate_token, or the admin) and give it to the identity provider.")

MALFORMED = Kind(
    "token-malformed",
    Level.ERROR,
    _("What was given is no token of this app: it was cut off, or something was added to it."),
    _("Copy it again, without Bearer, quotes or padding; if it is lost, generate a new one."),
)
EXPIRED = Kind("token-expired", Level.ERROR, _("The token expired on %(day)s."), _NEW)
REVOKED = Kind(
    "token-revoked",
    Level.ERROR,
    _("The token was revoked on %(day)s; that happens, too, when a new one is generated."),
    _("Give the identity provider the newest token, or rotate with an overlap."),
)
DISABLED = Kind(
    "connection-disabled",
    Level.ERROR,
    _("The connection that the token belongs to is disabled."),
    _("Enable it in the admin, if that was not meant."),
)
DECOMMISSIONED = Kind(
    "connection-decommissioned",
    Level.ERROR,
    _("The connection that the token belongs to was decommissioned on %(day)s."),
    _("Make a new connection; a decommissioned one does not come back to life."),
)
OWNER_INACTIVE = Kind(
    "connection-owner-inactive",
    Level.ERROR,
    _("The user who owns the connection is not active, so its tokens open nothing."),
    _("Activate the user, or give the connection to another one in the admin."),
)
ORGANIZATION = Kind(
    "token-organization",
    Level.ERROR,
    _("The token names another organization than its connection, or none."),
    _("Generate a new token for the connection: tokens are bound to its organization."),
)
ORGANIZATION_INACTIVE = Kind(
    "token-organization-inactive",
    Level.ERROR,
    _("The organization of the connection is not active or does not exist any more."),
    _("Activate it in the project, or decommission the connection."),
)
ALTERED = Kind(
    "token-altered",
    Level.ERROR,
    _("A token with this lookup id exists, but the rest of it is different."),
    _("Copy it again; if it is lost, generate a new one. SECRET_KEY may have changed, too."),
)
UNKNOWN = Kind(
    "token-unknown",
    Level.ERROR,
    _("The deployment refuses the token, and the database of this project does not know it."),
    _(
        "Give the token of this deployment, not of staging or of an earlier database; if it is "
        "lost, generate a new one."
    ),
)
GOOD_HERE = Kind(
    "token-good-here",
    Level.ERROR,
    _("The deployment refuses the token, though it is good by the database of this project."),
    _(
        "The server uses another database, SECRET_KEY or SCIM_PROVIDER than this command, or "
        "something replaces the token on the way: compare their environment, and restart the "
        "server if it was changed."
    ),
)
REFUSED = Kind(
    "token-refused",
    Level.ERROR,
    _("The deployment refuses the token; this project's database cannot be read to say why."),
    _(
        "Run the doctor where the database of the deployment can be read: it then says whether the "
        "token is expired, revoked or unknown. Or generate a new one."
    ),
)
EXPIRES_SOON = Kind(
    "token-expires-soon",
    Level.WARNING,
    _("The token expires on %(day)s."),
    _("Rotate it (scim_rotate_token --overlap) before provisioning stops."),
)


@sensitive_variables()
def why_refused(text: str, request_id: str) -> Finding:
    """Return the finding that says why a well-formed token is refused."""
    token = decode(text)
    if token is None:
        return MALFORMED.found(request_id)
    try:
        return _reason(token, request_id)
    except DatabaseError:
        return REFUSED.found(request_id)


@sensitive_variables()
def expires_soon(text: str) -> Finding | None:
    """Return a finding for a good token that ends within two weeks, or None."""
    token = decode(text)
    try:
        row = None if token is None else _row(token)
    except DatabaseError:
        return None  # the doctor runs far from the database; nothing is wrong with that
    if row is None or row.expires_at is None or row.expires_at - timezone.now() > SOON:
        return None
    return EXPIRES_SOON.found(day=_day(row.expires_at))


@sensitive_variables()
def _reason(token: WireToken, request_id: str) -> Finding:
    for entry in get_settings().DEFAULT_SCIM:
        if entry["provider_id"] == token.provider_id:
            return _reason_of_default(token, entry, request_id)
    row = _row(token)
    if row is None:
        return UNKNOWN.found(request_id)
    if row.provider_id != token.provider_id or not verify(token.secret, row.secret):
        return ALTERED.found(request_id)
    if row.organization_id != token.organization_id:
        return ORGANIZATION.found(request_id)
    return _end_of(row, request_id)


def _end_of(row: TokenRow, request_id: str) -> Finding:
    if row.decommissioned_at is not None:
        return DECOMMISSIONED.found(request_id, day=_day(row.decommissioned_at))
    if not row.enabled:
        return DISABLED.found(request_id)
    if row.revoked_at is not None:
        return REVOKED.found(request_id, day=_day(row.revoked_at))
    if row.expires_at is not None and row.expires_at <= timezone.now():
        return EXPIRED.found(request_id, day=_day(row.expires_at))
    if not row.is_live(timezone.now()):
        return OWNER_INACTIVE.found(request_id)
    return (GOOD_HERE if _is_open(row.organization_id) else ORGANIZATION_INACTIVE).found(request_id)


def _is_open(organization_id: str | None) -> bool:
    using = get_settings().DATABASE
    return organization_id is None or is_active_organization(organization_id, using=using)


@sensitive_variables()
def _reason_of_default(token: WireToken, entry: dict[str, Any], request_id: str) -> Finding:
    """Return why a token of ``DEFAULT_SCIM`` is refused; the settings win over rows."""
    if not hmac.compare_digest(token.secret.encode(), entry["scim_token"].encode()):
        return ALTERED.found(request_id)
    if token.organization_id != entry.get("organization_id"):
        return ORGANIZATION.found(request_id)
    rows = ProviderConnection.objects.using(get_settings().DATABASE)
    connection = rows.filter(provider_id=token.provider_id).first()
    if connection is not None and connection.decommissioned_at is not None:
        return DECOMMISSIONED.found(request_id, day=_day(connection.decommissioned_at))
    if connection is not None and not connection.enabled:
        return DISABLED.found(request_id)
    return (GOOD_HERE if _is_open(token.organization_id) else ORGANIZATION_INACTIVE).found(
        request_id
    )


def _row(token: WireToken) -> TokenRow | None:
    return read_token_row(token.lookup, using=get_settings().DATABASE)


def _day(at: datetime) -> str:
    return at.date().isoformat()
