"""The log-in of the example's customers: allauth, and a fake identity provider to try it with.

The fake one lets anybody be anybody, so it is there only where ``FAKE_IDP_ORIGIN`` says so, as
``manage.py demo`` does: the address that the project is served at.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

LOG_INS = {"acme-log-in": ("Acme", "okta-demo"), "globex-log-in": ("Globex", "entra-demo")}
"""Log-in providers: the name of the customer, and the connection that they speak for."""
APPS = [
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
BINDINGS = {
    key: {"connection": provider_id, "external_id": "sub"}
    for key, (_, provider_id) in LOG_INS.items()
}


def client_secret(secret_key: str, log_in: str) -> str:
    """Return what the project and the fake identity provider sign by."""
    return hmac.new(secret_key.encode(), log_in.encode(), hashlib.sha256).hexdigest()


def allauth_settings(origin: str, secret_key: str) -> dict[str, Any]:
    """Return allauth's settings: people log in by their customer's identity provider."""
    apps = [
        {
            "provider_id": key,
            "name": name,
            "client_id": key,
            "secret": client_secret(secret_key, key),
            "settings": {"server_url": f"{origin}/fake-idp/{key}"},
        }
        for key, (name, _) in LOG_INS.items()
    ]
    return {
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"APPS": apps}},
        "SOCIALACCOUNT_ADAPTER": "django_scim_provider.contrib.allauth.SocialAccountAdapter",
        "SOCIALACCOUNT_EMAIL_VERIFICATION": "none",
        # Nobody is found by an address, so that several people may share a mailbox.
        "ACCOUNT_UNIQUE_EMAIL": False,
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "password1*", "password2*"],
    }
