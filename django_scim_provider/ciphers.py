"""Encryption by keys that follow from ``SECRET_KEY``, one for each purpose.

It needs the extra ``encryption``. ``SECRET_KEY_FALLBACKS`` are read by, as long as they are there.
"""

from __future__ import annotations

import base64
from importlib.util import find_spec
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

ENCRYPTION_AVAILABLE = find_spec("cryptography") is not None
"""Is the extra "encryption" installed? It takes 10 MiB, so what does not encrypt imports nothing of
it."""


def secret_keys() -> list[str | bytes]:
    """Return the key that is written by, then those that are read by as well."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def cipher(purpose: str) -> MultiFernet:
    """Return what encrypts for one purpose; what it makes is of no use for another.

    Raises:
        ImproperlyConfigured: the extra is missing.
    """
    if not ENCRYPTION_AVAILABLE:
        raise ImproperlyConfigured("Encryption needs django-scim-provider[encryption].")
    from cryptography.fernet import Fernet, MultiFernet

    return MultiFernet([Fernet(_fernet_key(purpose, key)) for key in secret_keys()])


def decrypted(purpose: str, text: str) -> str | None:
    """Return what a text of ``cipher`` says; None where no key of today opens it."""
    opener = cipher(purpose)
    from cryptography.fernet import InvalidToken

    try:
        return opener.decrypt(text.encode()).decode()
    except (InvalidToken, ValueError):
        return None


def _fernet_key(purpose: str, secret_key: str | bytes) -> bytes:
    digest = salted_hmac(purpose, "fernet", secret=secret_key, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest)
