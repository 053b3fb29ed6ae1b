"""The floor twice: as function views below ``plain/``, and through an APIView below ``drf/``."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.parsers import BaseParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.projects import TOKEN
from benchmarks.projects.constant_token import Caller
from benchmarks.projects.floor import grouping, reading, writing
from benchmarks.projects.floor.documents import Answer

MEDIA_TYPE = "application/scim+json"
EXPECTED = f"Bearer {TOKEN}".encode()

Body = Callable[[], Any]


def is_known(request: HttpRequest) -> bool:
    """Tell whether the token is the one there is."""
    sent = request.META.get("HTTP_AUTHORIZATION", "").encode("latin-1")
    return hmac.compare_digest(sent, EXPECTED)


def users(method: str, query: Any, body: Body, id: str = "") -> Answer:
    """Answer a request to all users."""
    return reading.read_list(query) if method == "GET" else writing.create(body())


def user(method: str, query: Any, body: Body, id: str = "") -> Answer:
    """Answer a request to one user."""
    if method == "GET":
        return reading.read(id)
    if method == "PATCH":
        return writing.change_active(id, body())
    return writing.replace(id, body()) if method == "PUT" else writing.delete(id)


def groups(method: str, query: Any, body: Body, id: str = "") -> Answer:
    """Answer a request to all groups."""
    return grouping.create(body())


def group(method: str, query: Any, body: Body, id: str = "") -> Answer:
    """Answer a request to one group."""
    return grouping.read(id, query) if method == "GET" else grouping.change(id, body())


Work = Callable[..., Answer]
ROUTES: dict[str, Work] = {
    "Users": users,
    "Users/<str:id>": user,
    "Groups": groups,
    "Groups/<str:id>": group,
}


def plain(work: Work) -> Callable[..., HttpResponse]:
    """Return a function view."""

    def view(request: HttpRequest, id: str = "") -> HttpResponse:
        if not is_known(request):
            return HttpResponse(status=401)
        status, found = work(
            str(request.method), request.GET, lambda: orjson.loads(request.body), id
        )
        content = b"" if found is None else orjson.dumps(found)
        length = {"Content-Length": str(len(content))}
        return HttpResponse(content, status=status, content_type=MEDIA_TYPE, headers=length)

    return csrf_exempt(view)


class Authentication(BaseAuthentication):
    """Compares the token with a constant."""

    def authenticate(self, request: Request) -> tuple[Any, None]:
        """Return who sends it."""
        if not is_known(request._request):
            raise AuthenticationFailed
        return Caller(), None


class Renderer(BaseRenderer):
    """The fastest renderer there is, so that the bare view is not slowed by the standard one."""

    media_type = MEDIA_TYPE
    format = "scim"
    charset = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """Return the body."""
        return b"" if data is None else orjson.dumps(data)


class Parser(BaseParser):
    """The fastest parser there is."""

    media_type = MEDIA_TYPE

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the document."""
        return orjson.loads(stream.read())


def through_drf(work: Work) -> Any:
    """Return the same behind an APIView with authentication, permission, parser and renderer."""

    class View(APIView):
        authentication_classes = (Authentication,)
        permission_classes = (IsAuthenticated,)
        renderer_classes = (Renderer,)
        parser_classes = (Parser,)

        def answer(self, request: Request, id: str = "") -> Response:
            method = str(request.method)
            status, found = work(method, request.query_params, lambda: request.data, id)
            return Response(found, status=status)

        get = post = put = patch = delete = answer

    return View.as_view()


urlpatterns = [
    *(path(f"plain/{route}", plain(work)) for route, work in ROUTES.items()),
    *(path(f"drf/{route}", through_drf(work)) for route, work in ROUTES.items()),
]
