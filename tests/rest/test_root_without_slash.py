"""The SCIM root without its slash answers as with it, and is never a redirect in HTML."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path, resolve, reverse

from django_scim_provider.urls import root
from tests.people import post
from tests.scim_client import ERROR, SCIMTestClient


class Alone:
    """SCIM without the routes for people."""

    urlpatterns = [path("scim/v2/", include("django_scim_provider.urls"))]  # noqa: RUF012


class ByHand:
    """SCIM alone, and its root by a route of the project's own."""

    urlpatterns = [path("scim/v2", root), *Alone.urlpatterns]  # noqa: RUF012


class Everywhere:
    """The routes for people at the root of the site, before what the project has."""

    urlpatterns = [  # noqa: RUF012
        path("", include("django_scim_provider.management_urls")),
        path("v2/", include("django_scim_provider.urls")),
        path("scim/v2", lambda request: HttpResponse("the project's")),
        path("admin/", admin.site.urls),
    ]


@pytest.fixture
def client(scim_client: SCIMTestClient) -> SCIMTestClient:
    post(scim_client, "ann")
    return scim_client


@pytest.mark.django_db
@pytest.mark.parametrize("urls", [None, ByHand])
@pytest.mark.parametrize("debug", [True, False])
def test_it_is_the_root(client: SCIMTestClient, settings: Any, debug: bool, urls: Any) -> None:
    settings.DEBUG = debug
    settings.ROOT_URLCONF = urls or settings.ROOT_URLCONF

    with_slash, without = client.get("/?count=1"), client.get("?count=1")
    head = client.request("HEAD", "")
    others = [client.request(method, "", {}) for method in ("POST", "PUT", "PATCH", "DELETE")]

    assert (without.status, without.json) == (200, with_slash.json)
    assert without.json["Resources"][0]["meta"]["location"].startswith("http://testserver/scim/v2/")
    assert (head.status, head.headers["Content-Type"]) == (200, "application/scim+json")
    assert [(each.status, each.json["schemas"]) for each in others] == [(405, [ERROR])] * 4
    assert SCIMTestClient(None).get("").status == 401


@pytest.mark.django_db
@pytest.mark.parametrize("debug", [True, False])
def test_without_the_routes_for_people_it_is_not_found(
    client: SCIMTestClient, settings: Any, debug: bool
) -> None:
    settings.DEBUG = debug
    settings.ROOT_URLCONF = Alone

    assert {Client().generic(m, "/scim/v2", b"{}").status_code for m in ("GET", "POST")} == {404}


@pytest.mark.django_db
def test_what_is_not_the_root_is_left_to_the_project(settings: Any) -> None:
    settings.ROOT_URLCONF = Everywhere
    client = Client()

    statuses = {at: client.get(at).status_code for at in ("/v2", "/scim/v2", "/v3", "/admin")}

    assert statuses == {"/v2": 401, "/scim/v2": 200, "/v3": 404, "/admin": 301}
    assert reverse("scim-management:list-tokens") == "/list-tokens"
    assert resolve("/v2").app_names == ["scim-management"]
