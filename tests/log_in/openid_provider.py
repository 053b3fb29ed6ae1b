"""An OpenID provider without a network: it signs real tokens, and answers what packages ask it."""

from __future__ import annotations

import json
import time
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

DISCOVERY = "/.well-known/openid-configuration"


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class OpenIDProvider:
    """Signs in whom a test names; ``answer`` stands in the place of what would send requests."""

    def __init__(self) -> None:
        self.grants: dict[str, dict[str, Any]] = {}
        self.user_info: dict[str, Any] = {}
        """What user info says otherwise than the ID token."""

    def send_back(self, client: Client, location: str, **claims: Any) -> Any:
        """Go to the provider where ``location`` is its page, and back with a code; return the page.

        The code stands for an ID token with these claims, ``sub`` among them.
        """
        asked = dict(parse_qsl(urlsplit(location).query))
        issuer = location.partition("/authorize?")[0]
        code = uuid4().hex
        self.grants[code] = {
            "iss": issuer,
            "aud": asked["client_id"],
            "nonce": asked["nonce"],
            **claims,
        }
        back = urlsplit(asked["redirect_uri"])
        query = {**dict(parse_qsl(back.query)), "code": code, "state": asked["state"]}
        return client.get(back.path, query)

    def answer(self, request: Any) -> requests.Response:
        """Return what the provider answers."""
        issuer, path = self._parts_of(request.url)
        if path == DISCOVERY:
            return _respond(request, self._configuration(issuer))
        if path == "/jwks":
            return _respond(request, {"keys": [self._public_key()]})
        if path == "/token":
            code = dict(parse_qsl(request.body))["code"]
            return _respond(request, {"access_token": code, "id_token": self._id_token(code)})
        assert path == "/userinfo", path
        code = request.headers["Authorization"].removeprefix("Bearer ")
        of_the_token = ("iss", "aud", "nonce")
        told = {name: v for name, v in self.grants[code].items() if name not in of_the_token}
        return _respond(request, told | self.user_info)

    def _parts_of(self, url: str) -> tuple[str, str]:
        address = url.partition("?")[0]
        if address.endswith(DISCOVERY):
            return address.removesuffix(DISCOVERY), DISCOVERY
        issuer, _, name = address.rpartition("/")
        return issuer, f"/{name}"

    def _configuration(self, issuer: str) -> dict[str, Any]:
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def _public_key(self) -> dict[str, Any]:
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(_key().public_key()))
        return {**key, "kid": "k1", "alg": "RS256", "use": "sig"}

    def _id_token(self, code: str) -> str:
        now = int(time.time())
        claims = {"iat": now, "exp": now + 300, **self.grants[code]}
        return jwt.encode(claims, _key(), "RS256", headers={"kid": "k1"})


def _respond(request: Any, body: dict[str, Any]) -> requests.Response:
    response = requests.Response()
    response.status_code = 200
    response.url, response.request = request.url, request
    response.headers["Content-Type"] = "application/json"
    response._content = json.dumps(body).encode()
    return response
