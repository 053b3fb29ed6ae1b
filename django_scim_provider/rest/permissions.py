"""What a token may do."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from django_scim_provider.core.errors import Forbidden

SAFE_METHODS = frozenset({"GET", "HEAD"})


class HasScope(BasePermission):
    """The token has the scope that the view names for reading or writing."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Allow, or raise.

        Raises:
            Forbidden: naming the scope that is missing.
        """
        scope = view.required_scope(reads=request.method in SAFE_METHODS or view.searches)
        if scope is not None and scope not in view.token.scopes:
            raise Forbidden(f"The token does not have the scope {scope}.")
        return True
