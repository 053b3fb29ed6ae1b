"""The wire form of tokens, and the ways to store a secret.

A token on the wire is ``base64url("<secret>:<provider_id>[:<organization_id>]")`` without padding.
The first 8 characters of the secret are its public lookup id. A stored secret names its scheme
before the first ``$``, and custom schemes their function as well, so that tokens outlive a change
of ``STORE_SCIM_TOKEN``.
"""

from __future__ import annotations

import base64
import hmac
import logging
import re
import secrets
import string
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import argon2
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.ciphers import cipher, decrypted
from django_scim_provider.conf import ARGON2_COSTS, get_settings
from django_scim_provider.observability.repetition import log_fault
from django_scim_provider.validators import MAX_ID_LENGTH

logger = logging.getLogger("django_scim_provider")

ALPHABET = string.ascii_letters + string.digits
LOOKUP_LENGTH = 8
SECRET_LENGTH = LOOKUP_LENGTH + 43
"""43 characters of 62 are 256 bits."""
MAX_TOKEN_LENGTH = 1024
"""Characters of the wire form; a longer one is neither made nor looked at."""
SCOPES = ("scim.users.read", "scim.users.write", "scim.groups.read", "scim.groups.write")
_PURPOSE = "django_scim_provider.tokens.wire"
"""What encrypted secrets are encrypted for."""
_hashing = threading.Lock()
_WIRE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_MADE = re.compile(rf"[A-Za-z0-9]{{{LOOKUP_LENGTH + 24},{MAX_ID_LENGTH}}}", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class WireToken:
    """A token taken apart; it has no ``repr``, so that it never reaches a log by accident."""

    secret: str
    provider_id: str
    organization_id: str | None = None

    @property
    def lookup(self) -> str:
        """Return the public part of the secret, by which its row is found."""
        return self.secret[:LOOKUP_LENGTH]

    @property
    def is_made_here(self) -> bool:
        """Tell whether the secret has the form of ``new_secret``; ``DEFAULT_SCIM`` may differ."""
        return _MADE.fullmatch(self.secret) is not None

    def encode(self) -> str:
        """Return the form that an identity provider sends."""
        parts = [self.secret, self.provider_id]
        if self.organization_id is not None:
            parts.append(self.organization_id)
        return base64.urlsafe_b64encode(":".join(parts).encode()).decode().rstrip("=")


def new_secret() -> str:
    """Return a new secret, its lookup id first."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))


def fits_a_token(provider_id: str, organization_id: str | None) -> bool:
    """Tell whether a token with these ids is not longer than a token may be."""
    longest = WireToken("x" * SECRET_LENGTH, provider_id, organization_id)
    return len(longest.encode()) <= MAX_TOKEN_LENGTH


def decode(text: str) -> WireToken | None:
    """Return a token taken apart, or None for any text that ``encode`` does not make.

    Each part is printable and no longer than an id: nothing else may reach a database.

    ``urlsafe_b64decode`` alone skips foreign characters and takes tails that no encoder writes, so
    that many texts would be one token; hence the alphabet and the comparison with the way back.
    """
    if len(text) > MAX_TOKEN_LENGTH or not _WIRE.fullmatch(text):
        return None
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return None
    parts = plain.split(":")
    if len(parts) not in (2, 3) or not all(map(_is_part, parts)):
        return None
    token = WireToken(*parts)
    return token if token.encode() == text else None


def _is_part(text: str) -> bool:
    return 0 < len(text) <= MAX_ID_LENGTH and text.isprintable()


@sensitive_variables()
def store(secret: str) -> str:
    """Return the stored form of a secret under the scheme in force.

    Raises:
        ImproperlyConfigured: ``STORE_SCIM_TOKEN`` names no scheme, or its package is missing.
    """
    scheme = get_settings().STORE_SCIM_TOKEN
    if scheme == "hashed":
        return f"argon2{_hashed(_hasher().hash, secret)}"
    if scheme == "encrypted":
        return "fernet$" + cipher(_PURPOSE).encrypt(secret.encode()).decode()
    if scheme == "plain":
        return "plain$" + secret
    if isinstance(scheme, dict) and scheme.keys() == {"hash"}:
        return f"hash${scheme['hash']}${import_string(scheme['hash'])(secret)}"
    if isinstance(scheme, dict) and scheme.keys() == {"encrypt", "decrypt"}:
        return f"decrypt${scheme['decrypt']}${import_string(scheme['encrypt'])(secret)}"
    raise ImproperlyConfigured("STORE_SCIM_TOKEN names no way to store tokens.")


@sensitive_variables()
def verify(secret: str, stored: str) -> bool:
    """Tell, in constant time, whether a secret is the stored one; a broken form never is."""
    scheme, _, rest = stored.partition("$")
    if scheme == "argon2":
        return _verify_argon2(secret, "$" + rest)
    try:
        return _verify_reversible(scheme, secret, rest)
    except Exception as problem:
        # Functions of the host may raise anything; a secret that cannot be compared fits nothing.
        text = "A SCIM token stored as %s cannot be verified"
        log_fault(logger, logging.ERROR, text, scheme, exc=problem)
        return False


def _verify_argon2(secret: str, encoded: str) -> bool:
    try:
        return bool(_hashed(_hasher().verify, encoded, secret))
    except (argon2.exceptions.Argon2Error, argon2.exceptions.InvalidHash):
        return False


@sensitive_variables()
def _hashed(work: Callable[..., Any], *texts: str) -> Any:
    """Return what argon2 does, in a thread of its own that ends with it, one after another.

    The C library keeps what it has allocated for a thread, as long as the thread lives: each thread
    of the server would hold the 19 MiB of a hash for good. Those of a thread that ended are the
    next one's.
    """
    with _hashing, ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(work, *texts).result()


@sensitive_variables()
def _verify_reversible(scheme: str, secret: str, rest: str) -> bool:
    if scheme == "plain":
        return _same(secret, rest)
    if scheme == "fernet":
        return _same(secret, decrypted(_PURPOSE, rest))
    path, _, value = rest.partition("$")
    if scheme == "hash":
        return _same(str(import_string(path)(secret)), value)
    return scheme == "decrypt" and _same(secret, str(import_string(path)(value)))


def _same(left: str, right: str | None) -> bool:
    return right is not None and hmac.compare_digest(left.encode(), right.encode())


def _hasher() -> argon2.PasswordHasher:
    costs = ARGON2_COSTS | get_settings().ARGON2
    return argon2.PasswordHasher(
        time_cost=costs["time_cost"],
        memory_cost=costs["memory_cost"],
        parallelism=costs["parallelism"],
    )
