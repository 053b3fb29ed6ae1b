"""The enterprise extension of User (RFC 7643 sections 4.3 and 8.7.1)."""

from __future__ import annotations

from django_scim_provider.core.schemas.building import complex_, text, uri
from django_scim_provider.core.schemas.definitions import Schema

ENTERPRISE_USER_SCHEMA = Schema(
    id="urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    name="EnterpriseUser",
    description="Enterprise User",
    attributes=(
        text("employeeNumber", "The number that the organization assigned."),
        text("costCenter", "The cost center."),
        text("organization", "The organization."),
        text("division", "The division."),
        text("department", "The department."),
        complex_(
            "manager",
            "The user's manager, also a user of the service provider.",
            text("value", "The id of the manager.", case_exact=True),
            uri("$ref", "The address of the manager.", "User"),
            # readOnly in section 8.7.1: a name that a client sent would grow stale.
            text("displayName", "The display name of the manager.", mutability="readOnly"),
        ),
    ),
)
