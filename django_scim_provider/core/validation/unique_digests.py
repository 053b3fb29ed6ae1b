"""Which values a resource has to itself: ``uniqueness`` (RFC 7643 section 7)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import orjson

from django_scim_provider.core.folding import fold_leaf
from django_scim_provider.core.schemas.definitions import (
    Attribute,
    Resource,
    ResourceType,
    Target,
)


@cache
def unique_targets(
    resource_type: ResourceType, but: frozenset[str] = frozenset()
) -> tuple[Target, ...]:
    """Return the attributes and sub-attributes whose values no two resources may share.

    ``id`` and the other common attributes are not among them: they are the server's. ``but`` names
    attributes that something else keeps unique.
    """
    found = list(_unique(resource_type.schema.attributes, None))
    for extension in resource_type.extensions:
        found += _unique(extension.schema.attributes, extension.schema.id)
    return tuple(target for target in found if str(target) not in but)


def _unique(attributes: Iterable[Attribute], urn: str | None) -> Iterator[Target]:
    for attribute in attributes:
        # ``/Schemas`` says nothing of the uniqueness of objects, only of what they hold.
        if attribute.type != "complex":
            if attribute.uniqueness != "none":
                yield Target(attribute, extension=urn)
            continue
        for sub in attribute.sub_attributes:
            if sub.uniqueness != "none":
                yield Target(attribute, sub, urn)


def unique_values(
    resource: Resource, resource_type: ResourceType, but: frozenset[str] = frozenset()
) -> dict[str, Target]:
    """Return the digest of each value that no other resource of the type may have.

    Values are the same where a filter with ``eq`` finds them to be: ``caseExact`` decides about
    case. ``but`` is as for ``unique_targets``.
    """
    found: dict[str, Target] = {}
    for target in unique_targets(resource_type, but):
        for value in _values(resource, target):
            folded = fold_leaf(target.leaf, value)
            if folded is not None:
                found[_digest(resource_type, target, folded)] = target
    return found


def _values(resource: Resource, target: Target) -> Iterator[Any]:
    held = resource if target.extension is None else resource.get(target.extension) or {}
    value = held.get(target.attribute.name)
    for element in value if isinstance(value, list) else (value,):
        if target.sub is None:
            yield element
        elif isinstance(element, dict):
            yield element.get(target.sub.name)


def _digest(resource_type: ResourceType, target: Target, folded: Any) -> str:
    """Return what a value is known by: of one length, whatever the value's."""
    # 1 and 1.0 are one number, though not one text.
    value = float(folded) if target.leaf.type == "decimal" else folded
    named = orjson.dumps([resource_type.name, str(target), value])
    return hashlib.sha256(named).hexdigest()
