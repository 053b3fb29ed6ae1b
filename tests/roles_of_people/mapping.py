"""Mappings that look at people, made as somebody would."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group

from django_scim_provider.models import RoleMapping


def map_value(
    attribute: str, value: str, to: str = "staff", provider_id: str = "acme", **target: Any
) -> RoleMapping:
    """Map a value of an attribute to a Django group of a name, or to a role."""
    return _made("attribute", provider_id, to, target, attribute=attribute, value=value)


def map_everyone(to: str = "staff", provider_id: str = "acme", **target: Any) -> RoleMapping:
    """Give everybody a Django group of a name, or a role."""
    return _made("everyone", provider_id, to, target)


def _made(
    kind: str, provider_id: str, to: str, target: dict[str, Any], **source: str
) -> RoleMapping:
    if not target:
        target["django_group"], _ = Group.objects.get_or_create(name=to)
    mapping = RoleMapping(provider_id=provider_id, match_by=kind, **source, **target)
    mapping.full_clean()
    mapping.save()
    return mapping
