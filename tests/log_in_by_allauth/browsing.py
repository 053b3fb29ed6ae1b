"""The way of a browser through allauth to an identity provider and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests
from django.test import Client

from django_scim_provider.contrib.allauth import SocialAccountAdapter
from tests.log_in.identity_providers import FakeOpenIDProvider, state_of

ALLAUTH = "allauth.account.auth_backends.AuthenticationBackend"
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
ISSUERS = {"okta-acme": "https://acme.example", "okta-globex": "https://globex.example"}
Issuers = dict[str, FakeOpenIDProvider]
ANN = {"sub": "00uANN", "email": "ann@x.example", "email_verified": True}

fakes: Issuers = {}


class OfflineAdapter(SocialAccountAdapter):
    """Reaches the identity providers of the tests and nothing else."""

    def get_requests_session(self) -> requests.Session:
        session = requests.Session()
        session.adapters.clear()
        for fake in fakes.values():
            session.mount(fake.issuer, fake)
        return session


def bind(scim_settings: Callable[..., None], **more: Any) -> None:
    binding = {"external_id": "sub", **more}
    scim_settings(
        LOG_IN={
            "okta-acme": {"connection": "acme", **binding},
            "okta-globex": {"connection": "globex", **binding},
        }
    )


def log_in(claims: dict[str, Any], key: str = "okta-acme", client: Client | None = None) -> Any:
    """Go the whole way of a browser; return its last answer, with the browser as ``client``."""
    client = client or Client()
    fakes[key].claims = claims
    process = "?process=connect" if "_auth_user_id" in client.session else ""
    start = client.post(f"/accounts/oidc/{key}/login/{process}")
    assert start.status_code == 302, start.content
    answer: Any = client.get(
        f"/accounts/oidc/{key}/login/callback/", {"code": "c", "state": state_of(start["Location"])}
    )
    answer.client = client
    return answer


def who(answer: Any) -> str:
    return str(answer.client.get("/who/").content.decode())
