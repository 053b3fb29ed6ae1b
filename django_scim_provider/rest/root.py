"""Queries at the root: GET / and POST /.search (RFC 7644 sections 3.4.2.1 and 3.4.3)."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from django_scim_provider.core.engine import ResourceEngine
from django_scim_provider.core.errors import Forbidden
from django_scim_provider.core.messages import SearchRequest, parse_search_request
from django_scim_provider.core.root_search import search_all
from django_scim_provider.registry import get_registry
from django_scim_provider.rest.attempts import Attempt
from django_scim_provider.rest.content.streaming import response_of
from django_scim_provider.rest.queries import search_request
from django_scim_provider.rest.views import SCIMView


class RootView(SCIMView):
    """Asks every resource type that the token may read."""

    searches = True

    def operation_and_path(self, id: str | None) -> tuple[str, str]:
        """Name the query."""
        return "root.list", "/"

    def get(self, request: Request) -> HttpResponseBase:
        """Answer GET /."""
        return self.answer(search_request(request.query_params))

    def answer(self, asked: SearchRequest) -> HttpResponseBase:
        """Answer a query.

        Raises:
            Forbidden: the token may read nothing.
        """
        return response_of(self.request, search_all(self.engines(), asked), inside=self.inside)

    def engines(self) -> list[ResourceEngine]:
        """Return the engines of what the token may read.

        Raises:
            Forbidden: there are none.
        """
        registry, context = get_registry(), self.store_context
        readable = [r for r in registry.registrations if r.read_scope in self.token.scopes]
        if not readable:
            raise Forbidden("The token has no scope to read.")
        return [registry.engine_for(registration, context) for registration in readable]


class RootSearchView(RootView):
    """The query is in the body."""

    http_method_names = ["post"]  # noqa: RUF012 - as in View

    def attempted_change(self) -> Attempt | None:
        """Return None: a search changes nothing."""
        return None

    def operation_and_path(self, id: str | None) -> tuple[str, str]:
        """Name the query."""
        return "root.search", "/.search"

    def post(self, request: Request) -> HttpResponseBase:
        """Answer POST /.search."""
        return self.answer(parse_search_request(request.data, self.store_context.profile))
