"""Schemas whose attributes are named like others, and an own resource type with an extension."""

from __future__ import annotations

from django_scim_provider.core.schemas.definitions import Attribute, Schema

TEAM_URN = "urn:example:params:scim:schemas:extension:team:2.0:User"
PLACE_URN = "urn:example:params:scim:schemas:extension:place:2.0:Group"

TEAM = Schema(
    id=TEAM_URN,
    name="Team",
    attributes=(
        Attribute(name="tags", multi_valued=True),
        Attribute(name="codes", multi_valued=True, case_exact=True),
        Attribute(name="floors", multi_valued=True, type="integer"),
        Attribute(name="trays", multi_valued=True),
        Attribute(name="costCenter"),
        Attribute(
            name="lead",
            type="complex",
            sub_attributes=(Attribute(name="value", case_exact=True), Attribute(name="level")),
        ),
    ),
)
"""Of users: ``costCenter`` is also one of the enterprise extension, ``trays`` one of printers."""
PLACE = Schema(
    id=PLACE_URN,
    name="Place",
    attributes=(
        Attribute(name="city"),
        Attribute(name="rooms", multi_valued=True),
        Attribute(
            name="owner",
            type="complex",
            sub_attributes=(Attribute(name="value", case_exact=True),),
        ),
    ),
)
"""Of groups."""
