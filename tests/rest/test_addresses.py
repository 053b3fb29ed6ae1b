"""The address of the SCIM root is that of the request, whatever the URLconf makes it from."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client

from tests.factories import make_token

pytestmark = pytest.mark.django_db


class OwnUrls:
    """Gives requests of one host a URLconf of their own, as packages for tenants do."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        if request.get_host() == "tenant.example":
            request.urlconf = "tests.rest.translated_urls"
        return self.get_response(request)


def location(token: str, path: str, host: str) -> str:
    client = Client(headers={"authorization": f"Bearer {token}"})
    answer = client.get(f"{path}/ResourceTypes/User", SERVER_NAME=host)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["meta"]["location"])


def test_each_language_and_urlconf_has_its_own_address(settings: Any) -> None:
    settings.MIDDLEWARE = [
        "tests.rest.test_addresses.OwnUrls",
        "django.middleware.locale.LocaleMiddleware",
        *settings.MIDDLEWARE,
    ]
    token = make_token()
    asked = [
        ("/scim/v2", "testserver"),
        ("/en/people", "tenant.example"),
        ("/de/people", "tenant.example"),
        ("/scim/v2", "testserver"),
    ]

    found = [location(token, path, host) for path, host in asked]

    assert found == [f"http://{host}{path}/ResourceTypes/User" for path, host in asked]
