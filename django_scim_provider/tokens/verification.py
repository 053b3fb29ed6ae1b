"""From a bearer token to the connection that it opens.

Every request reads the token's row, so that a revocation, an expiry or a rotation takes effect at
once. Only the costly proof that the secret fits the stored value is remembered, bound to that
stored value.
"""

from __future__ import annotations

import hmac
import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.conf import get_settings
from django_scim_provider.connection_profiles import default_profile
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.organizations import is_active_organization
from django_scim_provider.storage.transactions import in_transaction, write_aside
from django_scim_provider.tokens.rows import read_token_row
from django_scim_provider.tokens.scopes import all_scopes
from django_scim_provider.tokens.wire import WireToken, decode, verify

logger = logging.getLogger("django_scim_provider")

MAX_PROOFS = 65_536
"""Tokens whose proofs a process remembers, at about 160 bytes each. Only tokens that are good are
among them; with more in use than this, some are hashed again."""
_LOCKS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedToken:
    """What a token opens; ``request.auth`` of a SCIM request."""

    provider_id: str
    organization_id: str | None
    profile: str
    profile_switches: Mapping[str, bool]
    """What is on or off over the profile."""
    scopes: frozenset[str]
    owner_id: Any = None
    """The key of the user who owns a personal connection; None for nobody."""
    token_id: UUID | None
    """The row of the token; None for one from ``DEFAULT_SCIM``."""


class ProofCache:
    """Remembers, for this process, which token texts were proven against which stored secret."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._key = os.urandom(32)
        self._proven: OrderedDict[bytes, None] = OrderedDict()
        self._write = threading.Lock()
        self._hashing = tuple(threading.Lock() for _ in range(_LOCKS))

    @sensitive_variables()
    def proves(self, text: str, secret: str, stored: str) -> bool:
        """Tell whether the secret in the token text is the stored one; hash it only the first time.

        Of requests that come at once with one token, the first hashes and the others wait for it.
        """
        proof = self._digest(text, stored)
        if proof in self._proven:
            return True
        with self._hashing[proof[0] % _LOCKS]:
            if proof in self._proven:
                return True
            if not verify(secret, stored):
                return False
        with self._write:
            self._proven[proof] = None
            while len(self._proven) > self._size:
                self._proven.popitem(last=False)
        return True

    def disproves(self, text: str) -> bool:
        """Do the work of a failing look-up, for a token without a row."""
        return self._digest(text, "none") not in self._proven

    def _digest(self, text: str, stored: str) -> bytes:
        """Return what stands for both; a stranger cannot choose it, as the key is a secret."""
        return hmac.digest(self._key, f"{text}\0{stored}".encode(), "sha256")

    def clear(self) -> None:
        """Forget everything."""
        with self._write:
            self._proven.clear()


proofs = ProofCache(MAX_PROOFS)


@sensitive_variables()
def verify_token(text: str) -> VerifiedToken | None:
    """Return what a bearer token opens, or None; why it opens nothing is not said."""
    token = decode(text)
    if token is None:
        return None
    for entry in get_settings().DEFAULT_SCIM:
        if entry["provider_id"] == token.provider_id:
            return _verify_default(token, entry)
    return _verify_row(text, token)


@sensitive_variables()
def _verify_default(token: WireToken, entry: dict[str, Any]) -> VerifiedToken | None:
    fits = hmac.compare_digest(token.secret.encode(), entry["scim_token"].encode())
    if not fits or token.organization_id != entry.get("organization_id"):
        return None
    if not _is_open(token.organization_id):
        return None
    if not _ensure_connection(entry):
        return None
    profile, switches = default_profile(entry)
    return VerifiedToken(
        provider_id=token.provider_id,
        organization_id=token.organization_id,
        profile=profile,
        profile_switches=switches,
        scopes=frozenset(entry.get("scopes") or all_scopes()),
        token_id=None,
    )


@sensitive_variables("entry")
def _ensure_connection(entry: dict[str, Any]) -> bool:
    """Make the row that the accounts of a connection from the settings belong to.

    False where a connection stands in the way whose id differs by case only, or one that belongs to
    another organization: accounts of theirs must not be opened by a line in the settings. False as
    well where the row was disabled or decommissioned.
    """
    rows = ProviderConnection.objects.using(get_settings().DATABASE)
    wanted = {"organization_id": entry.get("organization_id")}
    if rows.usable().filter(provider_id=entry["provider_id"], **wanted).exists():
        return True
    make = partial(rows.get_or_create, provider_id=entry["provider_id"], defaults=wanted)
    try:
        connection, _ = in_transaction(rows.db, entry["provider_id"], make)
    except IntegrityError:
        connection = None
    if connection is not None and not connection.is_usable:
        return False
    if connection is not None and connection.organization_id == wanted["organization_id"]:
        return True
    logger.error("DEFAULT_SCIM clashes with a stored connection: %s", entry["provider_id"])
    return False


@sensitive_variables()
def _verify_row(text: str, token: WireToken) -> VerifiedToken | None:
    row = None
    if token.is_made_here:
        row = read_token_row(token.lookup, using=get_settings().DATABASE)
    if row is None:
        proofs.disproves(text)
        return None
    now = timezone.now()
    if row.provider_id != token.provider_id or row.organization_id != token.organization_id:
        return None
    if not row.is_live(now) or not proofs.proves(text, token.secret, row.secret):
        return None
    if not _is_open(row.organization_id):
        return None
    _note_use(row.id, row.last_used_at, now)
    return VerifiedToken(
        provider_id=row.provider_id,
        organization_id=row.organization_id,
        profile=row.profile,
        profile_switches=row.profile_switches,
        scopes=frozenset(row.scopes or all_scopes()),
        owner_id=row.owner_id if row.organization_id is None else None,
        token_id=row.id,
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
    if used is not None and used > before:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=before)
    using = get_settings().DATABASE
    rows = SCIMToken.objects.using(using).filter(stale, pk=id)
    write_aside(using, "When a SCIM token was used", lambda: rows.update(last_used_at=now))
