"""A fake identity provider: OpenID Connect for one customer each, without passwords.

Whoever comes says whom they want to be. What it hands out is signed and kept nowhere.
"""

from __future__ import annotations

import time
from typing import Any

import jwt
from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt

from django_scim_provider.models import LinkedAccount
from example.log_ins import LOG_INS, client_secret

LIFETIME = 60
"""Seconds that a code and a token are good for."""
CODE, ACCESS = "fake-idp.code", "fake-idp.access"


def configuration(request: HttpRequest, log_in: str) -> HttpResponse:
    """Say where everything is (OpenID Connect Discovery section 4)."""
    found = {
        "issuer": _issuer(log_in),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["HS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "authorization_endpoint": f"{_issuer(log_in)}/authorize",
        "token_endpoint": f"{_issuer(log_in)}/token",
        "userinfo_endpoint": f"{_issuer(log_in)}/userinfo",
        "jwks_uri": f"{_issuer(log_in)}/keys",
    }
    return JsonResponse(found)


def keys(request: HttpRequest, log_in: str) -> HttpResponse:
    """Show no keys: tokens are signed by the client's secret."""
    return JsonResponse({"keys": []})


def authorize(request: HttpRequest, log_in: str) -> HttpResponse:
    """Ask whom somebody wants to be, and send them back as that person."""
    asked = request.GET
    callback = reverse("openid_connect_callback", kwargs={"provider_id": log_in})
    own = f"{origin()}{callback}"
    if asked.get("client_id") != log_in or asked.get("redirect_uri") != own:
        return HttpResponseBadRequest("This client is not known.")
    if "person" not in asked:
        return _choice(request, log_in)
    told = {"sub": asked["person"], "nonce": asked.get("nonce"), "for": log_in}
    code = signing.dumps(told, salt=CODE)
    return redirect(f"{own}?{urlencode({'code': code, 'state': asked.get('state', '')})}")


@csrf_exempt
def token(request: HttpRequest, log_in: str) -> HttpResponse:
    """Give an ID token for a code (OpenID Connect Core section 3.1.3)."""
    secret = client_secret(settings.SECRET_KEY, log_in)
    if not constant_time_compare(request.POST.get("client_secret", ""), secret):
        return JsonResponse({"error": "invalid_client"}, status=401)
    told = _read(request.POST.get("code", ""), CODE, log_in)
    if told is None:
        return JsonResponse({"error": "invalid_grant"}, status=400)
    now = int(time.time())
    claims = {
        **_claims(told["sub"], log_in),
        "iss": _issuer(log_in),
        "aud": log_in,
        "iat": now,
        "exp": now + LIFETIME,
        **({"nonce": told["nonce"]} if told.get("nonce") else {}),
    }
    return JsonResponse(
        {
            "access_token": signing.dumps({"sub": told["sub"], "for": log_in}, salt=ACCESS),
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "id_token": jwt.encode(claims, secret, algorithm="HS256"),
        }
    )


def userinfo(request: HttpRequest, log_in: str) -> HttpResponse:
    """Say who a token is for (OpenID Connect Core section 5.3)."""
    text = request.headers.get("Authorization", "").removeprefix("Bearer ")
    told = _read(text, ACCESS, log_in)
    if told is None:
        return JsonResponse({"error": "invalid_token"}, status=401)
    return JsonResponse(_claims(told["sub"], log_in))


def _choice(request: HttpRequest, log_in: str) -> HttpResponse:
    """Show whom the identity provider has pushed in, gone or not, and somebody it did not."""
    accounts = LinkedAccount.objects.of(LOG_INS[log_in][1]).exclude(external_id=None)
    return render(
        request,
        "example/fake_idp.html",
        {
            "customer": LOG_INS[log_in][0],
            "people": accounts.order_by("-id")[:30],
            "address": request.get_full_path(),
        },
    )


def _claims(sub: str, log_in: str) -> dict[str, Any]:
    own = LinkedAccount.objects.of(LOG_INS[log_in][1]).filter(external_id=sub).first()
    if own is None:
        return {"sub": sub}
    return {"sub": sub, "preferred_username": own.user_name, "name": own.display_name}


def _read(text: str, salt: str, log_in: str) -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = signing.loads(text, salt=salt, max_age=LIFETIME)
    except signing.BadSignature:
        return None
    return told if told.get("for") == log_in else None


def origin() -> str:
    """Return the address that the project is served at."""
    return str(getattr(settings, "FAKE_IDP_ORIGIN", ""))


def _issuer(log_in: str) -> str:
    if log_in not in LOG_INS:
        raise Http404
    return f"{origin()}/fake-idp/{log_in}"


urlpatterns = [
    path("<slug:log_in>/.well-known/openid-configuration", configuration),
    path("<slug:log_in>/keys", keys),
    path("<slug:log_in>/authorize", authorize),
    path("<slug:log_in>/token", token),
    path("<slug:log_in>/userinfo", userinfo),
]
