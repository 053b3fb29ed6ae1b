"""Checks of what stands between the server and the app's views."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from django.core import checks
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import include, path, re_path

from django_scim_provider.api import base_url
from django_scim_provider.checks.way_in import check_middleware, check_routes, check_serving
from django_scim_provider.connections.base_url import scim_root
from django_scim_provider.rest.discovery import SchemasView

OURS = path("scim/v2/", include("django_scim_provider.urls"))
PEOPLE = path("scim/", include("django_scim_provider.management_urls"))


def spa(request: HttpRequest, **_: Any) -> HttpResponse:
    return HttpResponse("a page for everything")


class OwnSchemas(SchemasView):
    """A view of the project's own in place of ours."""


CATCH_ALL = re_path(r"^.*$", spa)


class KeepingMiddleware:
    """Reads ``body``, as a log of requests does."""

    def __init__(self, get_response: Any) -> None:
        self._get_response = get_response

    def __call__(self, request: Any) -> Any:
        print(len(request.body))
        return self._get_response(request)


class InheritingMiddleware(KeepingMiddleware):
    """Reads what its base reads."""


def taking_middleware(get_response: Any) -> Any:
    def middleware(request: Any) -> Any:
        print(request.read())
        return get_response(request)

    return middleware


class AnsweringMiddleware:
    """Reads the body of the answer only."""

    def __init__(self, get_response: Any) -> None:
        self._get_response = get_response

    def __call__(self, request: Any) -> Any:
        response = self._get_response(request)
        print(response.body, request.path)
        return response


def ids(messages: list[checks.CheckMessage]) -> list[str]:
    return [str(message.id).removeprefix("scim_provider.") for message in messages]


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Any:
    """Return a function that makes routes those of the project."""

    def use(*patterns: Any) -> None:
        module: Any = ModuleType(f"routes_{id(patterns)}")
        module.urlpatterns = list(patterns)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        settings.ROOT_URLCONF = module.__name__

    return use


@pytest.mark.parametrize(
    ("patterns", "told"),
    [
        pytest.param([OURS, PEOPLE, CATCH_ALL], [], id="after-ours"),
        pytest.param([PEOPLE, OURS], [], id="the-other-way-round"),
        pytest.param([CATCH_ALL, OURS, PEOPLE], ["W015", "W015"], id="before-both"),
        pytest.param([OURS, CATCH_ALL, PEOPLE], ["W015"], id="before-that-of-people"),
        pytest.param([path("scim/v2/<slug:x>", spa), OURS], ["W015"], id="before-a-part"),
        pytest.param([path("scim/v2/Schemas", OwnSchemas.as_view()), OURS], [], id="own-view"),
        pytest.param([path("scim/v2/Users", OwnSchemas.as_view()), OURS], [], id="subclass"),
        pytest.param(
            [path("<slug:x>/scim/", include("django_scim_provider.urls"))], [], id="by-customer"
        ),
        pytest.param([CATCH_ALL], [], id="not-included"),
    ],
)
def test_routes_before_ours_are_told(routes: Any, patterns: list[Any], told: list[str]) -> None:
    routes(*patterns)

    assert ids(check_routes()) == told


def test_the_pattern_that_comes_first_is_named(routes: Any) -> None:
    routes(CATCH_ALL, OURS)

    (message,) = check_routes()

    assert "'^.*$'" in message.msg
    assert "/scim/v2/" in message.msg
    assert message.hint is not None


def test_routes_of_another_package_with_the_same_name_are_none_of_ours(
    routes: Any, rf: RequestFactory
) -> None:
    theirs = path("scim/v2/", include(([path("", spa, name="root")], "scim")))
    ours = path("new/v2/", include("django_scim_provider.urls", namespace="new"))
    routes(theirs, ours, path("new/", include("django_scim_provider.management_urls")))

    assert check_routes() == []
    assert scim_root(rf.get("/")) == "http://testserver/new/v2"
    assert base_url() == "/new/v2"


def test_a_project_without_routes_is_none_of_ours(settings: Any) -> None:
    settings.ROOT_URLCONF = None

    assert check_routes() == []


@pytest.mark.parametrize(
    ("name", "limit", "told"),
    [
        ("KeepingMiddleware", 2_621_440, ["W016"]),
        ("InheritingMiddleware", 2_621_440, ["W016"]),
        ("KeepingMiddleware", 4 * 1024 * 1024, []),
        ("KeepingMiddleware", None, []),
        ("taking_middleware", 2_621_440, ["W017"]),
        ("AnsweringMiddleware", 2_621_440, []),
        ("NoSuchMiddleware", 2_621_440, []),
    ],
)
def test_middleware_that_reads_bodies_is_told(
    settings: Any, name: str, limit: int | None, told: list[str]
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.{name}"]
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = limit

    messages = check_middleware()

    assert ids(messages) == told
    assert all(name in message.msg for message in messages)


def test_the_middleware_of_the_suite_reads_none() -> None:
    assert check_middleware() == []


def test_limit_follows_the_settings(settings: Any, scim_settings: Any) -> None:
    settings.MIDDLEWARE = [f"{__name__}.KeepingMiddleware"]

    scim_settings(MAX_BODY_BYTES=1000, BULK_MAX_PAYLOAD_SIZE=1000)
    assert check_middleware() == []

    scim_settings(MAX_BODY_BYTES=1000, BULK_MAX_PAYLOAD_SIZE=3_000_000)
    assert ids(check_middleware()) == ["W016"]


def test_lowered_limit_is_told_once_on_deployment(settings: Any) -> None:
    assert check_serving() == []  # Django's default is lower than ours, and harms nobody

    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100_000
    assert ids(check_serving()) == ["W016"]

    settings.MIDDLEWARE = [f"{__name__}.KeepingMiddleware"]
    assert check_serving() == []
    assert ids(check_middleware()) == ["W016"]


@pytest.mark.parametrize(
    ("asgi", "age", "told"),
    [("a.b", 600, ["W018"]), ("a.b", None, ["W018"]), ("a.b", 0, []), (None, 600, [])],
)
def test_persistent_connections_under_asgi_are_told(
    settings: Any, monkeypatch: pytest.MonkeyPatch, asgi: str | None, age: Any, told: list[str]
) -> None:
    settings.ASGI_APPLICATION = asgi
    monkeypatch.setitem(settings.DATABASES["default"], "CONN_MAX_AGE", age)

    assert ids(check_serving()) == told


@pytest.mark.parametrize("deploy", [False, True])
def test_checks_are_registered(settings: Any, routes: Any, deploy: bool) -> None:
    routes(CATCH_ALL, OURS)
    settings.MIDDLEWARE = [f"{__name__}.taking_middleware", *settings.MIDDLEWARE]
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100_000

    found = {str(message.id) for message in checks.run_checks(include_deployment_checks=deploy)}

    assert {"scim_provider.W015", "scim_provider.W017"} <= found
    assert ("scim_provider.W016" in found) == deploy
