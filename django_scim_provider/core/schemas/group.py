"""The Group schema (RFC 7643 sections 4.2 and 8.7.1)."""

from __future__ import annotations

from django_scim_provider.core.schemas.definitions import Attribute, Schema

GROUP_SCHEMA = Schema(
    id="urn:ietf:params:scim:schemas:core:2.0:Group",
    name="Group",
    description="Group",
    attributes=(
        Attribute(
            name="displayName",
            description="The name of the group, for people to read.",
            required=True,
            max_length=255,
        ),
        Attribute(
            name="members",
            type="complex",
            multi_valued=True,
            description="The users and groups that belong to the group.",
            sub_attributes=(
                Attribute(
                    name="value",
                    case_exact=True,
                    mutability="immutable",
                    description="The id of the member.",
                ),
                Attribute(
                    name="$ref",
                    type="reference",
                    reference_types=("User", "Group"),
                    case_exact=True,
                    mutability="immutable",
                    description="The address of the member.",
                ),
                Attribute(
                    name="type",
                    canonical_values=("User", "Group"),
                    mutability="immutable",
                    description="Whether the member is a user or a group.",
                ),
                Attribute(
                    name="display",
                    mutability="readOnly",
                    description="The name of the member, for people to read.",
                ),
            ),
        ),
    ),
)
