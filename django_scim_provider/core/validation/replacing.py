"""What a PUT may not change, and what it leaves as it is by not naming it."""

from __future__ import annotations

from django_scim_provider.core.errors import Mutability
from django_scim_provider.core.schemas.definitions import Resource, ResourceType


def keep(current: Resource, new: Resource, resource_type: ResourceType) -> None:
    """Refuse a PUT that changes what is set once; take over what is kept (RFC 7644 section 3.5.1).

    Raises:
        Mutability: an immutable attribute has a value, which is not repeated.
    """
    for target in resource_type.targets():
        attribute, name = target.attribute, target.attribute.name
        held = (current.get(target.extension) or {}) if target.extension else current
        sent = (new.get(target.extension) or {}) if target.extension else new
        if name not in held:
            continue
        # Section 3.5.1: a value that is set already has to be repeated; one that is not may be set
        # by PUT.
        if attribute.mutability == "immutable" and sent.get(name) != held[name]:
            raise Mutability(f"{target} is immutable.")
        if attribute.kept_on_replace:
            sent.setdefault(name, held[name])
