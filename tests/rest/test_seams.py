"""What a subclass of a view declares, holds: its policies and ``get_*`` methods."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import orjson
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponseBase
from django.test import RequestFactory
from django.urls import include, path
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.throttling import BaseThrottle

from django_scim_provider.rest.authentication import SCIMTokenAuthentication
from django_scim_provider.rest.bulk.bulk_view import BulkView
from django_scim_provider.rest.discovery import DiscoveryView, SchemasView
from django_scim_provider.rest.me import ME_ACTIONS, MeView
from django_scim_provider.rest.root import RootSearchView, RootView
from django_scim_provider.rest.routers import COLLECTION, RESOURCE
from django_scim_provider.rest.throttling.throttles import WindowThrottle
from django_scim_provider.rest.views import SCIMView, UnknownView
from django_scim_provider.rest.viewsets import ResourceViewSet
from django_scim_provider.tokens.verification import verify_token
from tests.factories import make_token
from tests.scim_client import CORE, SCIM_JSON, SCIMTestClient

pytestmark = pytest.mark.django_db

VIEWS: list[tuple[type[SCIMView], dict[str, Any], str]] = [
    (ResourceViewSet, {"actions": COLLECTION, "endpoint": "Users"}, "GET"),
    (ResourceViewSet, {"actions": COLLECTION, "endpoint": "Users"}, "POST"),
    (ResourceViewSet, {"actions": {"post": "search"}, "endpoint": "Users"}, "POST"),
    (ResourceViewSet, {"actions": RESOURCE, "endpoint": "Users"}, "GET"),
    (ResourceViewSet, {"actions": RESOURCE, "endpoint": "Users"}, "DELETE"),
    (MeView, {"actions": ME_ACTIONS}, "GET"),
    (BulkView, {}, "POST"),
    (RootView, {}, "GET"),
    (RootSearchView, {}, "POST"),
    (SchemasView, {}, "GET"),
    (UnknownView, {}, "GET"),
]


class Nobody(BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class Never(BaseThrottle):
    def allow_request(self, request: Any, view: Any) -> bool:
        return False


class AsAnother(BaseAuthentication):
    """Signs a user of the project in, who is no connection."""

    auth: Any = None

    def authenticate(self, request: Any) -> tuple[Any, Any]:
        return get_user_model()(pk=1), self.auth


class AsText(AsAnother):
    auth = "a token of another scheme"


class AsNobody(AsAnother):
    def authenticate(self, request: Any) -> tuple[Any, Any]:
        return AnonymousUser(), None


class ByCertificate(BaseAuthentication):
    """Knows the connection by other means than a header, and has no user for it."""

    def authenticate(self, request: Any) -> tuple[Any, Any]:
        return None, verify_token(request.META["SSL_TOKEN"])

    def authenticate_header(self, request: Any) -> str:
        return "Certificate"


def ask(
    view: type[SCIMView],
    method: str = "GET",
    *,
    token: str | None = None,
    body: bytes = b"",
    id: str | None = None,
    initkwargs: dict[str, Any] | None = None,
    **headers: str,
) -> Any:
    """Return the rendered answer of a view; with a token, of a connection."""
    if token is not None:
        headers["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    content_type = headers.pop("CONTENT_TYPE", SCIM_JSON)
    extra: dict[str, Any] = headers
    request = RequestFactory().generic(method, "/scim/v2/x", body, content_type, **extra)
    kwargs = {} if id is None else {"id": id}
    options = {"actions": COLLECTION, "endpoint": "Users"} if initkwargs is None else initkwargs
    response: HttpResponseBase = view.as_view(**options)(request, **kwargs)
    response.render()  # type: ignore[attr-defined]  # all of ours are rendered
    return response


def subclass(view: type[SCIMView], **policies: Any) -> type[SCIMView]:
    return type("Own", (view,), policies)


def refused(view: type[SCIMView], initkwargs: dict[str, Any], method: str, **policies: Any) -> int:
    """Return the status of a subclass for a request with a good token."""
    actions = initkwargs.get("actions")
    id = "0192f0a0-0000-7000-8000-000000000001" if actions is RESOURCE else None
    answer = ask(
        subclass(view, **policies), method, token=make_token(), id=id, initkwargs=initkwargs
    )
    return int(answer.status_code)


every_view = pytest.mark.parametrize(("view", "initkwargs", "method"), VIEWS)


@every_view
def test_permissions_of_a_subclass_hold(view: Any, initkwargs: Any, method: str) -> None:
    assert refused(view, initkwargs, method, permission_classes=(Nobody,)) == 403
    assert refused(view, initkwargs, method, get_permissions=lambda self: [Nobody()]) == 403


@every_view
def test_throttles_of_a_subclass_hold(view: Any, initkwargs: Any, method: str) -> None:
    assert refused(view, initkwargs, method, throttle_classes=[Never]) == 429
    assert refused(view, initkwargs, method, get_throttles=lambda self: [Never()]) == 429


@every_view
@pytest.mark.parametrize("classes", [(), (AsNobody,), (AsAnother,), (AsText,)])
def test_who_is_no_connection_is_401(
    view: Any, initkwargs: Any, method: str, classes: tuple[Any, ...]
) -> None:
    assert refused(view, initkwargs, method, authentication_classes=classes) == 401
    made = [each() for each in classes]
    assert refused(view, initkwargs, method, get_authenticators=lambda self: made) == 401


@every_view
def test_view_that_authenticates_nobody_gives_nothing(
    view: Any, initkwargs: Any, method: str
) -> None:
    status = refused(view, initkwargs, method, perform_authentication=lambda self, request: None)
    other = refused(
        view,
        initkwargs,
        method,
        perform_authentication=lambda self, request: None,
        authentication_classes=(AsText,),
        permission_classes=(),
    )

    # Discovery and paths that lead nowhere hold nothing of a connection.
    assert status != 500
    assert other in ((200, 404) if view in (SchemasView, UnknownView) else (400, 401))


@pytest.mark.parametrize("name", ["permission_classes", "throttle_classes"])
def test_policies_given_to_as_view_hold(name: str) -> None:
    options = {"actions": COLLECTION, "endpoint": "Users"}
    own = Nobody if name == "permission_classes" else Never

    answer = ask(ResourceViewSet, token=make_token(), initkwargs={**options, name: [own]})

    assert answer.status_code in (403, 429)


def test_authenticator_of_a_subclass_opens_a_connection(scim_settings: Any) -> None:
    scim_settings(THROTTLE_RATES={"connection": "2/day"})
    view = subclass(ResourceViewSet, authentication_classes=(ByCertificate,))
    token = make_token(provider_id="by-certificate")

    answers = [ask(view, SSL_TOKEN=token) for _ in range(3)]
    refusal = ask(view, SSL_TOKEN="bad")

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (refusal.status_code, refusal["WWW-Authenticate"]) == (401, "Certificate")


def test_public_discovery_of_a_subclass_asks_its_authenticators(scim_settings: Any) -> None:
    scim_settings(PUBLIC_DISCOVERY=True)
    own = subclass(SchemasView, authentication_classes=(ByCertificate,))
    closed = subclass(SchemasView, get_authenticators=lambda self: [AsNobody()])
    limited = subclass(SchemasView, throttle_classes=(Never,))

    assert ask(SchemasView, initkwargs={}).status_code == 200
    assert ask(own, initkwargs={}, SSL_TOKEN="bad").status_code == 401
    assert ask(closed, initkwargs={}).status_code == 401
    assert ask(own, initkwargs={}, SSL_TOKEN=make_token()).status_code == 200
    assert ask(limited, initkwargs={}).status_code == 429
    assert issubclass(own, DiscoveryView)


def test_bulk_charges_the_throttles_of_a_subclass() -> None:
    charged: list[int] = []

    class Counting(WindowThrottle):
        def charge(self, request: Any, cost: int) -> bool:
            charged.append(cost)
            return True

    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "DELETE", "path": "/Users/x"}] * 4,
    }
    view = subclass(BulkView, throttle_classes=(Counting,))

    ask(view, "POST", token=make_token(), body=orjson.dumps(body), initkwargs={})

    assert charged == [1, 3]


def test_policies_of_our_own_are_made_once() -> None:
    one, two = ResourceViewSet(), BulkView()

    for name in ("authenticators", "permissions", "parsers", "renderers"):
        assert getattr(one, f"get_{name}")() is getattr(two, f"get_{name}")()
    assert one.get_content_negotiator() is two.get_content_negotiator()
    assert isinstance(one.get_authenticators()[0], SCIMTokenAuthentication)


def test_subclass_has_a_route_of_the_project(settings: Any) -> None:
    class Own(ResourceViewSet):
        endpoint = "Users"

    routes = ModuleType("own_routes")
    routes.urlpatterns = [  # type: ignore[attr-defined]
        path("people", Own.as_view(COLLECTION)),
        path("scim/v2/", include("django_scim_provider.urls")),
    ]
    settings.ROOT_URLCONF = routes
    client = SCIMTestClient(make_token())

    made = client.client.generic(
        "POST",
        "/people",
        orjson.dumps({"schemas": [CORE], "userName": "ann"}),
        content_type=SCIM_JSON,
        HTTP_AUTHORIZATION=f"Bearer {client.token}",
    )

    assert made.status_code == 201
    assert client.get(made["Location"].partition("/scim/v2")[2]).status == 200
