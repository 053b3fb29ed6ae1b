"""``/Me``: the account that the caller is, where the project can say (RFC 7644 section 3.11)."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from django_scim_provider.adapter import get_adapter
from django_scim_provider.core.errors import NotSupported
from django_scim_provider.rest.viewsets import ResourceViewSet, operation_of

ME_ACTIONS: Any = {
    "get": "retrieve",
    "put": "update",
    "patch": "partial_update",
    "delete": "destroy",
    "post": "create",
}


class MeView(ResourceViewSet):
    """Another name for one of the users; ``Location`` has the proper one."""

    endpoint = "Users"

    def operation_and_path(self, id: str | None) -> tuple[str, str]:
        """Name the operation after ``/Me``."""
        action = self.action_map.get(str(self.request.method).lower(), "")
        return operation_of("me", action), "/Me"

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Put the id of the account where ``/Users/{id}`` has it.

        Raises:
            NotSupported: the adapter does not know who the caller is.
        """
        super().initial(request, *args, **kwargs)
        id = get_adapter(self.store_context.for_project()).me()
        if id is None:
            raise NotSupported()
        if self.action != "create":
            self.kwargs["id"] = id  # what the handler is called with

    def create(self, request: Request) -> HttpResponseBase:
        """Refuse to create a user who exists already.

        Raises:
            NotSupported: always.
        """
        raise NotSupported()
