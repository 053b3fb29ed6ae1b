"""What a project with django-scim2 writes for Entra ID, and its way in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django_scim.adapters import SCIMUser


class Adapter(SCIMUser):  # type: ignore[misc]  # of a package without types
    """Takes ``"True"`` for a boolean, as Entra ID sends it."""

    def validate_dict(self, d: dict[str, Any]) -> None:
        if isinstance(d.get("active"), str):
            d["active"] = d["active"].lower() == "true"
        super().validate_dict(d)


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
