"""From a bearer token to the connection that it opens.

Every request reads the token's row, so that a revocation, an expiry or a rotation takes effect at
once. Only the costly proof that the secret fits the stored value is remembered, bound to that
stored value.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import threading
from collections import OrderedDict
from typing import Any

from django.utils.module_loading import import_string
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.conf import get_settings
from django_scim_provider.core.errors import Unavailable
from django_scim_provider.models.moments import utc_now
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.error_codes import cause_of
from django_scim_provider.tokens.claims import TokenClaims, VerifiedToken
from django_scim_provider.tokens.opening import StoredClaims, default_entry, opened
from django_scim_provider.tokens.rows import read_token_row
from django_scim_provider.tokens.scopes import all_scopes
from django_scim_provider.tokens.wire import WireToken, decode, verify

MAX_BEARER_LENGTH = 8192
"""Characters of a bearer token, which may be another issuer's; a longer one is not looked at."""
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)
"""The form of a bearer token (RFC 6750 section 2.1)."""
MAX_PROOFS = 65_536
"""Tokens whose proofs a process remembers, at about 160 bytes each. Only tokens that are good are
among them; with more in use than this, some are hashed again."""
_LOCKS = 16


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
        # Keyed BLAKE2 is a MAC as HMAC is (RFC 7693 section 1), at a sixth of its cost.
        told = f"{text}\0{stored}".encode()
        return hashlib.blake2b(told, key=self._key, digest_size=32).digest()

    def clear(self) -> None:
        """Forget everything."""
        with self._write:
            self._proven.clear()


proofs = ProofCache(MAX_PROOFS)


@sensitive_variables()
def verify_token(text: str) -> VerifiedToken | None:
    """Return what a bearer token opens, or None; why it opens nothing is not told.

    Raises:
        Unavailable: the verifier of the project failed; nothing is open, and the client may come
            back.
    """
    if len(text) > MAX_BEARER_LENGTH or not _BEARER.fullmatch(text):
        return None
    claims = _claims_of(text)
    return None if claims is None else opened(claims)


@sensitive_variables()
def _claims_of(text: str) -> TokenClaims | None:
    """Ask the verifier that ``TOKEN_VERIFIER`` names.

    What it raises is no answer: a token is good or not, and a fault is neither. A database that is
    away is told as it is.
    """
    path = get_settings().TOKEN_VERIFIER
    if path is None:
        return verify_stored_token(text)
    try:
        claims = import_string(path)(text)
        if claims is None or isinstance(claims, TokenClaims):
            return claims
        raise TypeError(f"TOKEN_VERIFIER returned {type(claims).__name__}, no TokenClaims.")
    except Exception as error:
        if cause_of(error) is not Cause.FAULT:
            raise
        raise Unavailable("The bearer token could not be verified.") from error


@sensitive_variables()
def verify_stored_token(text: str) -> TokenClaims | None:
    """Return what the app's own token says, or None: the verifier where the project has none.

    One of the project's own calls it for those tokens that the app generates.
    """
    token = decode(text)
    if token is None:
        return None
    entry = default_entry(token.provider_id)
    return _verify_row(text, token) if entry is None else _verify_default(token, entry)


@sensitive_variables()
def _verify_default(token: WireToken, entry: dict[str, Any]) -> TokenClaims | None:
    fits = hmac.compare_digest(token.secret.encode(), entry["scim_token"].encode())
    if not fits or token.organization_id != entry.get("organization_id"):
        return None
    return TokenClaims(provider_id=token.provider_id, scopes=all_scopes())


@sensitive_variables()
def _verify_row(text: str, token: WireToken) -> TokenClaims | None:
    row = None
    if token.is_made_here:
        row = read_token_row(token.lookup, using=get_settings().DATABASE)
    if row is None:
        proofs.disproves(text)
        return None
    if row.provider_id != token.provider_id or row.organization_id != token.organization_id:
        return None
    # Before the secret is hashed: a token that has come to an end costs nothing.
    if not row.is_live(utc_now()) or not proofs.proves(text, token.secret, row.secret):
        return None
    scopes = frozenset(row.scopes or all_scopes())
    return StoredClaims(provider_id=row.provider_id, scopes=scopes, row=row)
