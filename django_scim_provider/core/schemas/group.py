"""The Group schema (RFC 7643 sections 4.2 and 8.7.1)."""

from __future__ import annotations

from django_scim_provider.core.schemas.building import complex_, text, uri
from django_scim_provider.core.schemas.definitions import MAX_NAME_LENGTH, Schema

GROUP_SCHEMA = Schema(
    id="urn:ietf:params:scim:schemas:core:2.0:Group",
    name="Group",
    description="Group",
    attributes=(
        # Section 8.7.1 has it optional, section 4.2 required: a group without a name helps nobody.
        text(
            "displayName",
            "The name of the group, for people to read.",
            required=True,
            max_length=MAX_NAME_LENGTH,
        ),
        complex_(
            "members",
            "The users and groups that belong to the group.",
            # Immutable: a membership is added and removed, never turned into somebody else's.
            text("value", "The id of the member.", case_exact=True, mutability="immutable"),
            uri("$ref", "The address of the member.", "User", "Group", mutability="immutable"),
            text(
                "type",
                "Whether the member is a user or a group.",
                canonical_values=("User", "Group"),
                mutability="immutable",
            ),
            # Of section 2.4, not 8.7.1; Entra ID and Okta send it, and it is ours to say.
            text("display", "The name of the member, for people to read.", mutability="readOnly"),
            multi_valued=True,
        ),
    ),
)
