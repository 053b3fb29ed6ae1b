"""Signatures of messages, as Standard Webhooks (https://www.standardwebhooks.com) has them."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

from django.views.decorators.debug import sensitive_variables

from django_scim_provider.webhooks.webhook_secrets import PREFIX


@sensitive_variables("secret", "secrets")
def signed_headers(id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """Return the headers of a message; each secret signs, so that receivers can change theirs.

    ``timestamp`` is seconds since 1970; receivers refuse what is old.
    """
    signed = f"{id}.{timestamp}.".encode() + body
    found = [
        base64.b64encode(hmac.digest(_key(secret), signed, "sha256")).decode() for secret in secrets
    ]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in found),
    }


@sensitive_variables()
def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))
