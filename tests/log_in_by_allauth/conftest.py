"""allauth with two log-in providers of two customers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.log_in.identity_providers import SECRET, FakeOpenIDProvider
from tests.log_in_by_allauth.browsing import (
    ALLAUTH,
    ISSUERS,
    MODEL_BACKEND,
    Issuers,
    bind,
    fakes,
)

MIDDLEWARE = "django_scim_provider.log_in.middleware.ActiveAccountMiddleware"


@pytest.fixture(autouse=True)
def issuers(settings: Any, scim_settings: Callable[..., None]) -> Iterator[Issuers]:
    """Return the log-in providers of two customers, each bound to the connection of its own."""
    fakes.update({key: FakeOpenIDProvider(issuer, key) for key, issuer in ISSUERS.items()})
    apps = [
        {
            "provider_id": key,
            "name": key,
            "client_id": key,
            "secret": SECRET,
            "settings": {"server_url": issuer},
        }
        for key, issuer in ISSUERS.items()
    ]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": apps}}
    settings.SOCIALACCOUNT_ADAPTER = "tests.log_in_by_allauth.browsing.OfflineAdapter"
    settings.SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # the worst case
    settings.SOCIALACCOUNT_STORE_TOKENS = True
    settings.AUTHENTICATION_BACKENDS = [MODEL_BACKEND, ALLAUTH]
    settings.LOGIN_REDIRECT_URL = "who"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, MIDDLEWARE]
    bind(scim_settings)
    yield fakes
    fakes.clear()
