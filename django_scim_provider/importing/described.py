"""What an imported account says: what the project knows of the user, and then what the source does.

The source has the last word, as it is what identity providers have been shown until now.
"""

from __future__ import annotations

from typing import Any

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.core.messages import PatchOperation
from django_scim_provider.core.patching.apply import apply_patch
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas.definitions import Resource, ResourceType
from django_scim_provider.core.validation.cleaning import clean
from django_scim_provider.importing.records import ImportedPerson

_CONTENT = GENERIC.with_switches({"leave_out_unknown": True})
"""How content is read; it need not name the schemas of its extensions."""
_VALUES = GENERIC.with_switches({"leave_out_unknown": False, "create_missing_value": True})
"""How paths are read: one that names nothing is a mistake of who wrote the mapping."""
_NOT_CONTENT = ("id", "meta", "groups", "schemas")


def described(person: ImportedPerson, adapter: DefaultAdapter, user_type: ResourceType) -> Resource:
    """Return the canonical resource of an account.

    Raises:
        SCIMError: something of it does not fit.
    """
    known = adapter.describe(person.user)
    source = {
        name: value
        for name, value in person.resource.items()
        if name not in _NOT_CONTENT and value not in (None, "")
    }
    if isinstance(source.get("emails"), list):
        source["emails"] = [one for one in source["emails"] if _has_value(one)]
    active = adapter.is_active(person.user) is not False
    resource = clean({"active": active, **known, **source}, user_type, _CONTENT, context="create")
    if not person.values:
        return resource
    operations = [
        PatchOperation(op="replace", path=path, value=value)
        for path, value in person.values.items()
    ]
    return apply_patch(resource, operations, user_type, _VALUES)


def _has_value(email: Any) -> bool:
    return not isinstance(email, dict) or bool(email.get("value"))
