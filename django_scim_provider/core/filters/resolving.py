"""What a written name of an attribute means: the one place that every verb asks.

Filters, ``sortBy``, projections, the paths of a PATCH and the keys of its values, and the keys of
POST and PUT have one grammar of names: ``[urn:]name[.sub]``, in any case.
"""

from __future__ import annotations

from django_scim_provider.core.errors import InvalidPath
from django_scim_provider.core.filters.expressions import AttributePath
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import ResourceType, Target


def resolve(path: AttributePath, resource_type: ResourceType, profile: Profile) -> Target | None:
    """Return where a path points in resources of the type, or None.

    ``tags.value`` of a list of plain values is the list itself.

    Raises:
        InvalidPath: the path is the name of an extension's attribute without its URN, which
            several extensions have, or which the profile does not take.
    """
    found = resource_type.attribute(path.urn, path.name)
    if found is None and path.urn is None:
        extension = _extension_of(path.name, resource_type, profile)
        found = resource_type.attribute(extension, path.name) if extension else None
    if found is None:
        return None
    urn, attribute = found
    if path.sub is None:
        return Target(attribute, None, urn)
    sub = attribute.sub_attribute(path.sub)
    if sub is None:
        return None
    return Target(attribute, sub if attribute.type == "complex" else None, urn)


def _extension_of(name: str, resource_type: ResourceType, profile: Profile) -> str | None:
    """Return the URN of the one extension that has an attribute of that name, which no other has.

    RFC 7644 section 3.10 asks for the URN; Microsoft's SCIM Validator leaves it out of
    ``attributes``, and so do people everywhere.
    """
    urns = resource_type.extensions_with(name)
    if not urns:
        return None
    full = [f"{urn}:{name}" for urn in urns]
    if len(urns) > 1:
        raise InvalidPath(f"{name!r} may be {' or '.join(full)}: name it with its URN.")
    if not profile.bare_extension_names:
        raise InvalidPath(f"{name!r} is an attribute of an extension: name it {full[0]}.")
    return urns[0]
