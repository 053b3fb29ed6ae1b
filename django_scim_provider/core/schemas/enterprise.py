"""The enterprise extension of User (RFC 7643 sections 4.3 and 8.7.1)."""

from __future__ import annotations

from django_scim_provider.core.schemas.definitions import Attribute, Schema

ENTERPRISE_USER_SCHEMA = Schema(
    id="urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    name="EnterpriseUser",
    description="Enterprise User",
    attributes=(
        Attribute(name="employeeNumber", description="The number that the organization assigned."),
        Attribute(name="costCenter", description="The cost center."),
        Attribute(name="organization", description="The organization."),
        Attribute(name="division", description="The division."),
        Attribute(name="department", description="The department."),
        Attribute(
            name="manager",
            type="complex",
            description="The user's manager, also a user of the service provider.",
            sub_attributes=(
                Attribute(name="value", case_exact=True, description="The id of the manager."),
                Attribute(
                    name="$ref",
                    type="reference",
                    reference_types=("User",),
                    case_exact=True,
                    description="The address of the manager.",
                ),
                Attribute(
                    name="displayName",
                    mutability="readOnly",
                    description="The display name of the manager.",
                ),
            ),
        ),
    ),
)
