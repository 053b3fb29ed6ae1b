"""Secrets of webhooks: made here, kept encrypted, shown once."""

from __future__ import annotations

import base64
import secrets

from django.views.decorators.debug import sensitive_variables

from django_scim_provider import ciphers

PREFIX = "whsec_"
"""What the secrets of Standard Webhooks begin with; base64 follows."""
SIZE = 32
"""Random bytes of a secret."""
_PURPOSE = "django_scim_provider.webhooks.webhook_secrets"


def new_webhook_secret() -> str:
    """Return a new secret, as receivers are given it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SIZE)).decode()


@sensitive_variables()
def encrypted(secret: str) -> str:
    """Return the form of a secret that is stored.

    Raises:
        ImproperlyConfigured: the extra ``encryption`` is not installed.
    """
    return ciphers.cipher(_PURPOSE).encrypt(secret.encode()).decode()


@sensitive_variables()
def decrypted(stored: str) -> str | None:
    """Return a stored secret; None where no key of the project opens it any more.

    Raises:
        ImproperlyConfigured: the extra ``encryption`` is not installed.
    """
    return ciphers.decrypted(_PURPOSE, stored)
