"""The resource endpoints (RFC 7644 sections 3.3 to 3.6)."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, cached_property
from typing import Any
from urllib.parse import unquote

from django.db import transaction
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.viewsets import ViewSetMixin

from django_scim_provider.core.engine import Answer, RequestOptions, ResourceEngine
from django_scim_provider.core.errors import NotFound
from django_scim_provider.core.messages import parse_search_request
from django_scim_provider.core.stored_text import segment
from django_scim_provider.registry import Registration, get_registry
from django_scim_provider.rest.attempts import Attempt, note_successes
from django_scim_provider.rest.content.requests import body_of
from django_scim_provider.rest.content.streaming import response_of
from django_scim_provider.rest.queries import request_options, search_request
from django_scim_provider.rest.views import SCIMView

VERBS = {
    "list": "list",
    "search": "search",
    "create": "create",
    "retrieve": "get",
    "update": "replace",
    "partial_update": "patch",
    "destroy": "delete",
}
"""How operators see the actions of viewsets."""


@cache
def operation_of(endpoint: str, action: str) -> str:
    """Return the name of an operation, such as ``users.create``.

    It is ``users.unsupported`` where the method is not allowed.
    """
    return f"{endpoint.lower()}.{VERBS.get(action, 'unsupported')}"


class ResourceViewSet(ViewSetMixin, SCIMView):
    """One registered resource type; an action is: parse, one call of the engine, answer."""

    endpoint = ""
    """The endpoint of the resource type, without its slash; ``as_view()`` is given it."""

    @classmethod
    def as_view(cls, *args: Any, **initkwargs: Any) -> Any:
        """Return the view outside ATOMIC_REQUESTS; the viewsets' own does not ask the base."""
        return transaction.non_atomic_requests(super().as_view(*args, **initkwargs))

    @property
    def registration(self) -> Registration:
        """Return what the registry holds for the endpoint now.

        Raises:
            NotFound: nothing any more.
        """
        found = get_registry().by_endpoint(self.endpoint)
        if found is None:
            raise NotFound("There is no such endpoint.")
        return found

    def operation_and_path(self, id: str | None) -> tuple[str, str]:
        """Name the operation after the endpoint and the action."""
        endpoint = self.endpoint
        action = self.action_map.get(str(self.request.method).lower(), "")
        if "id" in self.kwargs:
            path = f"/{endpoint}/{segment(id) if id else '*'}"
        else:
            path = f"/{endpoint}/.search" if action == "search" else f"/{endpoint}"
        return operation_of(endpoint, action), path

    def list(self, request: Request) -> HttpResponseBase:
        """Answer GET on the collection."""
        return self.answer(self.engine.list(search_request(request.query_params)))

    def search(self, request: Request) -> HttpResponseBase:
        """Answer POST .search."""
        return self.answer(
            self.engine.list(parse_search_request(request.data, self.engine.profile))
        )

    def create(self, request: Request) -> HttpResponseBase:
        """Answer POST on the collection."""
        return self.changed(self.engine.create(request.data, self.asked))

    def retrieve(self, request: Request, id: str) -> HttpResponseBase:
        """Answer GET of one resource."""
        return self.answer(self.engine.get(id, self.asked))

    def update(self, request: Request, id: str) -> HttpResponseBase:
        """Answer PUT."""
        return self.changed(self.engine.replace(id, request.data, self.asked))

    def partial_update(self, request: Request, id: str) -> HttpResponseBase:
        """Answer PATCH."""
        return self.changed(self.engine.patch(id, request.data, self.asked))

    def destroy(self, request: Request, id: str) -> HttpResponseBase:
        """Answer DELETE."""
        return self.changed(self.engine.delete(id, self.asked))

    @property
    def searches(self) -> bool:  # type: ignore[override]  # read-only here, where the action decides
        """Tell whether the request is a POST .search."""
        return self.action == "search"

    @cached_property
    def engine(self) -> ResourceEngine:
        """Return the engine for the connection that the token opens."""
        return get_registry().engine_for(self.registration, self.store_context)

    def attempted_change(self) -> Attempt | None:
        """Return what the request asks to change; a search changes nothing."""
        attempt = None if self.searches else super().attempted_change()
        found = get_registry().by_endpoint(self.endpoint)
        if attempt is None or found is None:
            return attempt
        return replace(
            attempt,
            resource_type=found.resource_type.name,
            id=str(self.kwargs.get("id", "")),
            body=body_of(self.request),
            is_tried="engine" in self.__dict__,
        )

    @property
    def asked(self) -> RequestOptions:
        """Return what the query string and the headers say."""
        return request_options(self.request.query_params, self.request.META)

    def required_scope(self, *, reads: bool) -> str:
        """Return the scope of the resource type."""
        return self.registration.read_scope if reads else self.registration.write_scope

    def changed(self, answer: Answer) -> HttpResponseBase:
        """Return the response for a change that was made, which may end what went wrong before."""
        if self.token.has_open_failures and (attempt := self.attempted_change()) is not None:
            if answer.location is not None and not attempt.id:
                attempt = replace(attempt, id=unquote(answer.location.rpartition("/")[2]))
            note_successes(self.store_context, [attempt])
        return self.answer(answer)

    def answer(self, answer: Answer) -> HttpResponseBase:
        """Return the response for an answer of the engine."""
        headers: dict[str, Any] = {}
        if answer.etag is not None:
            headers["ETag"] = answer.etag
        status = answer.status
        if answer.location is not None:
            if status != 304:
                headers["Location"] = answer.location
            # RFC 7643 section 3.1, of what is shown; RFC 9110 section 15.4.5 has it in a 304 too.
            if status != 204:
                headers["Content-Location"] = answer.location
        return response_of(
            self.request, answer.body, inside=self.inside, status=status, headers=headers
        )
