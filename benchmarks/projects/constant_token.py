"""The cheapest authentication there is, for the packages that leave it to the project."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from benchmarks.projects import TOKEN


class Caller:
    """Who sends the token; may do everything."""

    pk = id = 0
    username = "benchmarks"
    is_authenticated = is_superuser = is_active = is_staff = True
    is_anonymous = False


class ConstantToken:
    """Compares the bearer token with a constant, without a query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.expected = f"Bearer {TOKEN}".encode()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 401 to every other token."""
        sent = request.META.get("HTTP_AUTHORIZATION", "").encode("latin-1")
        if not hmac.compare_digest(sent, self.expected):
            return HttpResponse(status=401)
        request.user = Caller()  # type: ignore[assignment]  # has what the packages look at
        return self.get_response(request)
