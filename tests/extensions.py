"""Schema extensions as a host would declare them; one has every type of attribute."""

from __future__ import annotations

from django_scim_provider.core.schemas.definitions import Attribute, Schema

BADGE_URN = "urn:example:params:scim:schemas:extension:badge:2.0:User"

BADGE = Schema(
    id=BADGE_URN,
    name="Badge",
    attributes=(
        Attribute(name="level", type="integer"),
        Attribute(name="score", type="decimal"),
        Attribute(name="since", type="dateTime"),
        Attribute(name="key", type="binary"),
        Attribute(name="escort", type="boolean"),
        Attribute(name="number", mutability="immutable", case_exact=True),
        Attribute(name="doors", multi_valued=True),
        Attribute(name="hint", returned="request"),
        Attribute(name="pin", mutability="writeOnly", returned="never"),
        Attribute(name="issued", mutability="readOnly"),
    ),
)

WORKPLACE = Schema(
    id="urn:example:params:scim:schemas:extension:workplace:2.0:User",
    name="Workplace",
    attributes=(Attribute(name="badgeNumber", case_exact=True), Attribute(name="desk")),
)
