"""The names of the attributes that a change touches."""

from __future__ import annotations

from django_scim_provider.core.schemas.definitions import Resource


def attribute_names(resource: Resource) -> set[str]:
    """Return the names of the attributes of a canonical resource, as ``changed_names`` does."""
    return changed_names({}, resource)


def changed_names(before: Resource, after: Resource) -> set[str]:
    """Return the names of the attributes that differ between two canonical resources.

    Those of extensions are qualified, such as ``urn:...:2.0:User:department``. All are names of
    schemas: a canonical resource holds no others. ``schemas`` follows from them and is left out.
    """
    found: set[str] = set()
    for name in before.keys() | after.keys():
        held, new = before.get(name), after.get(name)
        # By value, not by name: providers send whole resources again, and an event should name what
        # really changed.
        if held == new or name == "schemas":
            continue
        if ":" in name:  # an extension
            found |= {f"{name}:{key}" for key in changed_names(held or {}, new or {})}
        else:
            found.add(name)
    return found
