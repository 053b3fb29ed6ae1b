"""What must not be missing: attributes, sub-attributes and extensions (RFC 7643 section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cache
from typing import Any

from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.schemas.definitions import Attribute, Resource, ResourceType

Touched = Mapping[str | None, Set[str]]
"""The attributes that a PATCH names, by the URN of their extension; None is the core."""


@dataclass(frozen=True, slots=True)
class _Level:
    """What one schema requires of a resource."""

    urn: str | None
    """That of the extension; None is the core schema."""
    itself: bool
    """Must the extension be there?"""
    attributes: tuple[Attribute, ...]
    """The required ones."""
    complex: tuple[tuple[str, tuple[Attribute, ...]], ...]
    """The names of attributes with required sub-attributes, and these."""
    clients: frozenset[str]
    """The attributes that clients write: where there are only others, there is no extension."""


def refuse_missing(
    resource: Resource, resource_type: ResourceType, touched: Touched | None = None
) -> None:
    """Refuse a canonical resource in which something required is missing.

    The attributes of an extension are required where the resource has the extension, and their
    sub-attributes where the attribute has a value. ``touched`` is what a PATCH names: what it
    leaves alone is as it was stored, secrets are not stored, and neither keeps anybody from being
    deactivated.

    Raises:
        InvalidValue: naming what is missing.
    """
    for level in _levels(resource_type):
        if touched is not None and level.urn not in touched:
            continue
        held = resource if level.urn is None else resource.get(level.urn, {})
        if level.urn is None or (held and not level.clients.isdisjoint(held)):
            _refuse_missing_in(held, level, None if touched is None else touched[level.urn])
        elif level.itself:
            raise InvalidValue(f"The extension {level.urn} is required.")


def _refuse_missing_in(held: Resource, level: _Level, touched: Set[str] | None) -> None:
    prefix = f"{level.urn}:" if level.urn else ""
    for attribute in level.attributes:
        if touched is not None:
            # An extension is one value, and whoever writes it answers for it as a whole.
            if level.urn is None and attribute.name not in touched:
                continue
            if attribute.returned == "never":
                continue
        if _is_missing(held.get(attribute.name)):
            raise InvalidValue(f"{prefix}{attribute.name} is required.")
    for name, subs in level.complex:
        value = held.get(name)
        if value is None or (touched is not None and name not in touched):
            continue
        for element in value if isinstance(value, list) else (value,):
            for sub in subs:
                if touched is not None and sub.returned == "never":
                    continue
                if _is_missing(element.get(sub.name)):
                    raise InvalidValue(f"{prefix}{name}.{sub.name} is required in every value.")


def _is_missing(value: Any) -> bool:
    # RFC 7643 section 2.5 for what is unassigned; a blank says as little.
    return value in (None, [], {}) or (isinstance(value, str) and not value.strip())


@cache
def _levels(resource_type: ResourceType) -> tuple[_Level, ...]:
    """Return what the schemas of a resource type require; those without demands are left out."""
    found = [_level(None, resource_type.schema.attributes, itself=False)]
    found += [
        _level(extension.schema.id, extension.schema.attributes, itself=extension.required)
        for extension in resource_type.extensions
    ]
    return tuple(level for level in found if level.itself or level.attributes or level.complex)


def _level(urn: str | None, attributes: Iterable[Attribute], *, itself: bool) -> _Level:
    demanded = _required(attributes)
    nested = [
        (attribute.name, subs)
        for attribute in attributes
        if attribute.mutability != "readOnly" and (subs := _required(attribute.sub_attributes))
    ]
    clients = frozenset(a.name for a in attributes if a.mutability != "readOnly")
    return _Level(urn, itself, demanded, tuple(nested), clients)


def _required(attributes: Iterable[Attribute]) -> tuple[Attribute, ...]:
    # What is readOnly is the server's to give: no client could.
    return tuple(a for a in attributes if a.required and a.mutability != "readOnly")
