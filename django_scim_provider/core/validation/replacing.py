"""What a write may not change, and what a PUT leaves as it is by not naming it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from django_scim_provider.core.errors import Mutability
from django_scim_provider.core.schemas.definitions import (
    COMMON_ATTRIBUTES,
    Attribute,
    Resource,
    ResourceType,
    Target,
)
from django_scim_provider.core.validation.cleaning import in_use


def refuse_changed(
    before: Callable[[], Resource], after: Resource, resource_type: ResourceType
) -> None:
    """Refuse a write that changes what is set once: an attribute, or a part of a single object.

    Values of lists come and go as a whole; a PATCH that changes one of them looks at its parts
    itself. ``before`` is called only where the type has such attributes.

    Raises:
        Mutability: an immutable attribute has a value, which is not the same afterwards
            (RFC 7644 section 3.5.1: it has to be repeated; one that is not set may be).
    """
    fixed = _fixed(resource_type)
    if not fixed:
        return
    current = before()
    for target in fixed:
        held = _value(current, target)
        if held is not None and _value(after, target) != held:
            raise Mutability(f"{target} is immutable.")


def keep(
    current: Resource, new: Resource, resource_type: ResourceType, relation: str | None = None
) -> None:
    """Refuse a PUT that changes what is set once; take over what is not the client's to leave out.

    That is what the schema says is kept (RFC 7644 section 3.5.1), and what is readOnly, but for the
    ``relation``, which follows from other rows.

    Raises:
        Mutability: as ``refuse_changed``.
    """
    refuse_changed(lambda: current, new, resource_type)
    for target in _kept(resource_type):
        held = _value(current, target)
        if held is None or (target.extension is None and target.attribute.name == relation):
            continue
        if target.sub is not None:
            _keep_part(current, new, target, held)
        elif target.extension is None:
            new.setdefault(target.attribute.name, held)
        else:
            new.setdefault(target.extension, {}).setdefault(target.attribute.name, held)
    new["schemas"] = in_use(new, resource_type)


def _keep_part(current: Resource, new: Resource, target: Target, held: Any) -> None:
    """Keep what the server says of an object, as long as it is the same object."""
    whole = Target(target.attribute, None, target.extension)
    before, after = _value(current, whole), _value(new, whole)
    servers = {sub.name for sub in target.attribute.sub_attributes if sub.mutability == "readOnly"}
    if after is None or target.sub is None:
        return
    if all(before.get(name) == after.get(name) for name in (before | after).keys() - servers):
        after[target.sub.name] = held


def _value(resource: Resource, target: Target) -> Any:
    holder = resource if target.extension is None else resource.get(target.extension) or {}
    value = holder.get(target.attribute.name)
    if target.sub is not None:
        value = value.get(target.sub.name) if isinstance(value, dict) else None
    return value


@cache
def _fixed(resource_type: ResourceType) -> tuple[Target, ...]:
    """Return what is set once."""
    return tuple(_targets(resource_type, lambda each: each.mutability == "immutable"))


@cache
def _kept(resource_type: ResourceType) -> tuple[Target, ...]:
    """Return what a PUT does not take away: what is kept by its schema, and what is readOnly."""

    def stays(attribute: Attribute) -> bool:
        return attribute.kept_on_replace or attribute.mutability == "readOnly"

    # The store writes ``id`` and ``meta`` itself.
    common = set(COMMON_ATTRIBUTES)
    return tuple(t for t in _targets(resource_type, stays) if t.attribute not in common)


def _targets(resource_type: ResourceType, fits: Callable[[Attribute], bool]) -> Iterator[Target]:
    for target in resource_type.targets():
        attribute = target.attribute
        if fits(attribute):
            yield target
        elif not attribute.multi_valued:
            for sub in attribute.sub_attributes:
                if fits(sub):
                    yield Target(attribute, sub, target.extension)
