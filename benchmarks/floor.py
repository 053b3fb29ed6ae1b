"""The floor: views that do the least that gives the same answer, and check nothing.

One indexed query by the ORM, decode, encode. No token, no protocol, no limits. A list counts, as a
ListResponse needs its total.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.work import CONNECTION, PAGE
from django_scim_provider.models import LinkedAccount

Read = Callable[[HttpRequest], Any]


def _users() -> Any:
    return LinkedAccount.objects.of(CONNECTION)


def one(request: HttpRequest) -> Any:
    """Return a user by its id."""
    return orjson.loads(_users().filter(pk=request.GET["id"]).values_list("resource").get()[0])


def by_name(request: HttpRequest) -> Any:
    """Return the users of a name."""
    return _listed(_users().filter(account_id=request.GET["name"])[:PAGE])


def by_external_id(request: HttpRequest) -> Any:
    """Return the users of an external id."""
    return _listed(_users().filter(external_id=request.GET["id"])[:PAGE])


def page(request: HttpRequest) -> Any:
    """Return a page by its offset."""
    offset = int(request.GET["offset"])
    rows = _users().order_by("pk")
    return _listed(rows[offset : offset + PAGE], rows.count())


def _listed(rows: Any, total: int | None = None) -> Any:
    resources = [orjson.loads(text) for (text,) in rows.values_list("resource")]
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": len(resources) if total is None else total,
        "itemsPerPage": len(resources),
        "startIndex": 1,
        "Resources": resources,
    }


FLOORS: dict[str, Read] = {
    "one": one,
    "by-name": by_name,
    "by-external-id": by_external_id,
    "page": page,
}


def plain_view(read: Read) -> Callable[[HttpRequest], HttpResponse]:
    """Return a floor as a function view."""

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(orjson.dumps(read(request)), content_type="application/scim+json")

    return view


class OrjsonRenderer(BaseRenderer):
    """The fastest renderer there is, so that the bare view is not slowed by the standard one."""

    media_type = "application/scim+json"
    charset = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """Return the body."""
        return orjson.dumps(data)


def drf_view(read: Read) -> Any:
    """Return a floor as a DRF view without authentication, permissions or throttles."""

    class View(APIView):
        authentication_classes = ()
        permission_classes = ()
        renderer_classes = (OrjsonRenderer,)

        def get(self, request: Request) -> Response:
            return Response(read(request._request))

    return View.as_view()
