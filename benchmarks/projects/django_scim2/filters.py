"""The filter map of django-scim2 with what identity providers ask by."""

from __future__ import annotations

from typing import Any, ClassVar

from django_scim.filters import UserFilterQuery


class UserFilters(UserFilterQuery):  # type: ignore[misc]  # of a package that is not installed here
    """Knows ``externalId`` and e-mail addresses as well."""

    attr_map: ClassVar[dict[Any, str]] = {
        **UserFilterQuery.attr_map,
        ("externalId", None, None): "scim_external_id",
        ("emails", None, None): "email",
        ("emails", "value", None): "email",
    }
