"""From a bearer token to the connection that it opens.

Every request reads the token's row, so that a revocation, an expiry or a rotation takes effect at once.
Only the costly proof that the secret fits the stored value is remembered, bound to that stored value.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.tokens import SCOPES, WireToken, decode, verify

MAX_PROOFS = 1024
_ROW = (
    "id",
    "secret",
    "scopes",
    "expires_at",
    "revoked_at",
    "last_used_at",
    "provider_id",
    "provider__organization_id",
    "provider__enabled",
    "provider__decommissioned_at",
    "provider__profile",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedToken:
    """What a token opens; ``request.auth`` of a SCIM request."""

    provider_id: str
    organization_id: str | None
    profile: str
    scopes: frozenset[str]
    token_id: UUID | None
    """The row of the token; None for one from ``DEFAULT_SCIM``."""


class ProofCache:
    """Remembers, for this process, which token texts were proven against which stored secret."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._key = os.urandom(32)
        self._proven: OrderedDict[bytes, str] = OrderedDict()
        self._lock = threading.Lock()

    def proves(self, text: str, secret: str, stored: str) -> bool:
        """Tell whether the secret in the token text is the stored one; hash it only the first time."""
        key = hmac.new(self._key, text.encode(), hashlib.sha256).digest()
        if hmac.compare_digest(self._proven.get(key, "").encode(), stored.encode()):
            return True
        if not verify(secret, stored):
            return False
        with self._lock:
            self._proven[key] = stored
            while len(self._proven) > self._size:
                self._proven.popitem(last=False)
        return True

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._proven.clear()


proofs = ProofCache(MAX_PROOFS)


def verify_token(text: str) -> VerifiedToken | None:
    """Return what a bearer token opens, or None; why it opens nothing is not told."""
    token = decode(text)
    if token is None:
        return None
    for entry in get_settings().DEFAULT_SCIM:
        if entry["provider_id"] == token.provider_id:
            return _verify_default(token, entry)
    return _verify_row(text, token)


def _verify_default(token: WireToken, entry: dict[str, Any]) -> VerifiedToken | None:
    fits = hmac.compare_digest(token.secret.encode(), entry["scim_token"].encode())
    if not fits or token.organization_id != entry.get("organization_id"):
        return None
    _ensure_connection(entry)
    return VerifiedToken(
        provider_id=token.provider_id,
        organization_id=token.organization_id,
        profile=entry.get("profile", "generic"),
        scopes=frozenset(entry.get("scopes") or SCOPES),
        token_id=None,
    )


def _ensure_connection(entry: dict[str, Any]) -> None:
    """Make the row that the accounts of a connection from the settings belong to."""
    ProviderConnection.objects.using(get_settings().DATABASE).get_or_create(
        provider_id=entry["provider_id"],
        defaults={"organization_id": entry.get("organization_id")},
    )


def _verify_row(text: str, token: WireToken) -> VerifiedToken | None:
    settings = get_settings()
    rows = SCIMToken.objects.using(settings.DATABASE).filter(lookup=token.lookup)
    row = rows.values_list(*_ROW).first()
    if row is None:
        return None
    id, secret, scopes, expires, revoked, used, provider, organization, enabled, gone, profile = row
    now = timezone.now()
    if provider != token.provider_id or organization != token.organization_id:
        return None
    if revoked is not None or (expires is not None and expires <= now):
        return None
    if not enabled or gone is not None or not proofs.proves(text, token.secret, secret):
        return None
    _note_use(id, used, now)
    return VerifiedToken(
        provider_id=provider,
        organization_id=organization,
        profile=profile,
        scopes=frozenset(scopes or SCOPES),
        token_id=id,
    )


def _note_use(id: UUID, used: datetime | None, now: datetime) -> None:
    """Write ``last_used_at``, at most once in ``LAST_USED_INTERVAL`` seconds."""
    before = now - timedelta(seconds=get_settings().LAST_USED_INTERVAL)
    if used is not None and used > before:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=before)
    rows = SCIMToken.objects.using(get_settings().DATABASE).filter(stale, pk=id)
    rows.update(last_used_at=now)
