"""Identity providers of the tests: OpenID Connect, over the transport of ``requests``."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import requests
from requests.adapters import BaseAdapter

SECRET = "a secret of tests that is long enough for HMAC with SHA-256"


@dataclass
class FakeOpenIDProvider(BaseAdapter):
    """An issuer that asserts whatever ``claims`` holds when the code is redeemed."""

    issuer: str
    client_id: str
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] | None = None
    """What ``userinfo`` answers; None: the same."""

    def send(self, request: Any, *_: Any, **__: Any) -> requests.Response:
        """Answer one request."""
        path = urlsplit(request.url).path
        answer = {
            "/.well-known/openid-configuration": self._configuration(),
            "/token": self._token(),
            "/userinfo": self.claims if self.userinfo is None else self.userinfo,
        }[path]
        response = requests.Response()
        response.status_code = 200
        response.url = request.url
        response.request = request
        response.headers["Content-Type"] = "application/json"
        response._content = json.dumps(answer).encode()
        return response

    def close(self) -> None:
        """Nothing is open."""

    def _configuration(self) -> dict[str, Any]:
        places = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        found = {f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in places.items()}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **found}

    def _token(self) -> dict[str, Any]:
        now = int(time.time())
        told = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 60,
            **self.claims,
        }
        id_token = jwt.encode(told, SECRET, algorithm="HS256")
        return {"access_token": "any", "token_type": "Bearer", "id_token": id_token}


def state_of(address: str) -> str:
    """Return the state that a redirect to an identity provider carries."""
    return parse_qs(urlsplit(address).query)["state"][0]
