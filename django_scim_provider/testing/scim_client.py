"""A client that speaks SCIM over Django's test client, in the process of the test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

import orjson
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import NoReverseMatch

from django_scim_provider.connections.base_url import root_path
from django_scim_provider.core.schemas import GROUP, USER
from django_scim_provider.core.urns import BULK_REQUEST_URN, PATCH_URN
from django_scim_provider.registry import get_registry

SCIM_JSON = "application/scim+json"


@dataclass(frozen=True, repr=False)
class SCIMAnswer:
    """What came back. Its ``repr`` is what a failed assertion shows: the status and the reason."""

    status: int
    headers: Any
    """By name in any case."""
    json: Any
    """The decoded body; None without one."""
    text: str

    def __repr__(self) -> str:
        if self.scim_type or self.detail:
            return f"<{self.status} {self.scim_type or '-'}: {self.detail}>"
        return f"<{self.status} {self.text[:400]}>" if self.text else f"<{self.status}>"

    def __getitem__(self, name: str) -> Any:
        """Return an attribute of the body.

        Raises:
            KeyError: the body has none of that name, or there is none; the text shows the answer.
        """
        if not isinstance(self.json, dict) or name not in self.json:
            raise KeyError(f"{name!r} is not in {self!r}")
        return self.json[name]

    @property
    def id(self) -> str:
        """Return the id of the resource."""
        return str(self["id"])

    @property
    def resources(self) -> list[dict[str, Any]]:
        """Return the resources of a list; none where it has none."""
        found = self._said("Resources")
        return found if isinstance(found, list) else []

    @property
    def total(self) -> int:
        """Return how many resources a query found, on whatever page."""
        return int(self["totalResults"])

    @property
    def scim_type(self) -> str:
        """Return the ``scimType`` of an error; empty without one."""
        return str(self._said("scimType") or "")

    @property
    def detail(self) -> str:
        """Return the sentence of an error; empty without one."""
        return str(self._said("detail") or "")

    def _said(self, name: str) -> Any:
        return self.json.get(name) if isinstance(self.json, dict) else None


class SCIMTestClient:
    """Sends requests with one token, through the middleware, routes and views of the project.

    What raises in the project is answered as it would be in production: 500, with the traceback in
    the log, which pytest shows.
    """

    root: ClassVar[str | None] = None
    """Path of the SCIM root, without a trailing slash; None: where the project's routes have it."""

    def __init__(self, token: str | None) -> None:
        self.token = token
        self.client = Client(raise_request_exception=False)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **environ: str,
    ) -> SCIMAnswer:
        """Send a request as it is; ``path`` is below the SCIM root, with its query.

        ``body`` is JSON or raw bytes. Headers go by their own names in ``headers``, or in WSGI
        style as keywords (``HTTP_IF_MATCH``).
        """
        if self.token is not None:
            environ.setdefault("HTTP_AUTHORIZATION", f"Bearer {self.token}")
        content_type = environ.pop("CONTENT_TYPE", SCIM_JSON)
        data = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        extra: dict[str, Any] = {**environ}
        response = self.client.generic(
            method,
            f"{self._root()}{path}",
            data,
            content_type=content_type,
            headers=headers,
            **extra,
        )
        raw = response.getvalue()  # in pieces, where it is large
        return SCIMAnswer(response.status_code, response.headers, _decoded(raw), raw.decode())

    def get(
        self, path: str, headers: Mapping[str, str] | None = None, **environ: str
    ) -> SCIMAnswer:
        """GET a resource or a collection."""
        return self.request("GET", path, None, headers, **environ)

    def post(
        self, path: str, body: Any, headers: Mapping[str, str] | None = None, **environ: str
    ) -> SCIMAnswer:
        """POST a resource; its ``schemas`` may be left out."""
        return self.request("POST", path, with_schemas(path, body), headers, **environ)

    def put(
        self, path: str, body: Any, headers: Mapping[str, str] | None = None, **environ: str
    ) -> SCIMAnswer:
        """PUT a resource; its ``schemas`` may be left out."""
        return self.request("PUT", path, with_schemas(path, body), headers, **environ)

    def patch(self, path: str, *operations: dict[str, Any], **environ: str) -> SCIMAnswer:
        """PATCH with these operations."""
        body = {"schemas": [PATCH_URN], "Operations": list(operations)}
        return self.request("PATCH", path, body, None, **environ)

    def replace(self, path: str, **attributes: Any) -> SCIMAnswer:
        """PATCH attributes to new values: ``client.replace(path, active=False)``."""
        return self.patch(path, {"op": "replace", "value": attributes})

    def delete(
        self, path: str, headers: Mapping[str, str] | None = None, **environ: str
    ) -> SCIMAnswer:
        """DELETE a resource."""
        return self.request("DELETE", path, None, headers, **environ)

    def find(self, expression: str, resource: str = "Users", **parameters: Any) -> SCIMAnswer:
        """GET a collection with a filter."""
        query = urlencode({"filter": expression, **parameters})
        return self.get(f"/{resource}?{query}")

    def bulk(
        self, *operations: dict[str, Any], fail_on_errors: int | None = None
    ) -> list[dict[str, Any]]:
        """Send operations in one request and return what became of each, in their order.

        Raises:
            AssertionError: the request as a whole was refused.
        """
        body: dict[str, Any] = {"schemas": [BULK_REQUEST_URN], "Operations": list(operations)}
        if fail_on_errors is not None:
            body["failOnErrors"] = fail_on_errors
        answer = self.request("POST", "/Bulk", body)
        if answer.status != 200:
            raise AssertionError(f"The bulk request was refused: {answer!r}")
        done: list[dict[str, Any]] = answer["Operations"]
        return done

    def create_user(self, user_name: str, **attributes: Any) -> dict[str, Any]:
        """Create a user and return it; anything but 201 fails the test."""
        body = {"schemas": [USER.schema.id], "userName": user_name, **attributes}
        return self._created("/Users", body)

    def create_group(
        self, display_name: str, *members: str | Mapping[str, Any], **attributes: Any
    ) -> dict[str, Any]:
        """Create a group and return it; members are ids, or users as ``create_user`` has them."""
        ids = [member if isinstance(member, str) else member["id"] for member in members]
        body = {
            "schemas": [GROUP.schema.id],
            "displayName": display_name,
            "members": [{"value": id} for id in ids],
            **attributes,
        }
        return self._created("/Groups", body)

    def _created(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.request("POST", path, body)
        if answer.status != 201:
            raise AssertionError(f"POST {path} was not answered by 201: {answer!r}")
        created: dict[str, Any] = answer.json
        return created

    def _root(self) -> str:
        if self.root is not None:
            return self.root
        try:
            return root_path().rstrip("/")
        except NoReverseMatch as error:
            raise ImproperlyConfigured(
                "The project has no route to SCIM: include django_scim_provider.urls in its "
                "URLs, or set the root of the client."
            ) from error


def with_schemas(path: str, body: Any) -> Any:
    """Return a body with the ``schemas`` of its endpoint and extensions, where it has none."""
    registration = get_registry().by_endpoint(path.partition("?")[0].split("/")[1])
    if registration is None or not isinstance(body, dict) or "schemas" in body:
        return body
    extensions = [e.schema.id for e in registration.resource_type.extensions if e.schema.id in body]
    return {"schemas": [registration.resource_type.schema.id, *extensions], **body}


def _decoded(raw: bytes) -> Any:
    """Return the JSON value of a body; None without one, and for what the project itself wrote."""
    try:
        return orjson.loads(raw) if raw else None
    except orjson.JSONDecodeError:
        return None
