"""Short forms of attribute definitions for the schemas of RFC 7643."""

from __future__ import annotations

from typing import Any

from django_scim_provider.core.schemas.definitions import Attribute


def text(name: str, description: str, **more: Any) -> Attribute:
    """Return a string that is compared without regard to case, unless ``more`` says otherwise."""
    return Attribute(name=name, description=description, **more)


def uri(name: str, description: str, *types: str, **more: Any) -> Attribute:
    """Return a reference to resources of these types, or to what is outside."""
    # Section 2.3.7 makes references case exact, whatever the default of other attributes is.
    return Attribute(
        name=name,
        description=description,
        type="reference",
        reference_types=types or ("external",),
        case_exact=True,
        **more,
    )


def complex_(name: str, description: str, *subs: Attribute, **more: Any) -> Attribute:
    """Return an attribute with sub-attributes."""
    return Attribute(
        name=name, description=description, type="complex", sub_attributes=subs, **more
    )
