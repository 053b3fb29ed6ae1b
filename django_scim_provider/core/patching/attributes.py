"""PATCH of one attribute as a whole, or of a sub-attribute of it (RFC 7644 section 3.5.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django_scim_provider.core.errors import InvalidValue, Mutability
from django_scim_provider.core.messages import PatchOperation
from django_scim_provider.core.patching.elements import Holder, assign
from django_scim_provider.core.patching.multi_valued import (
    Context,
    add_values,
    change_selected,
    merge,
    refuse_removing,
    remove_listed,
    unwrapped,
)
from django_scim_provider.core.schemas.definitions import Attribute, Resource
from django_scim_provider.core.validation.cleaning import clean_value
from django_scim_provider.core.validation.left_out import holds_nothing_known


def apply_attribute(holder: Holder, operation: PatchOperation, context: Context) -> None:
    """Apply an operation to an attribute, or a sub-attribute, without a filter."""
    attribute, sub = context.target.attribute, context.target.sub
    if attribute.multi_valued:
        if sub is not None:
            change_selected(holder.elements(attribute), operation, None, context)
            return
        if operation.op == "add":
            add_values(holder.elements(attribute), operation.value, context)
            return
        # Section 3.5.2.2 has a remove without a filter take all values away, and gives no meaning
        # to its value. Entra ID without its flag lists those that are to go (Microsoft Learn,
        # application-provisioning-config-problem-scim-compatibility), and so does JumpCloud.
        listed = operation.has_value and context.profile.remove_listed_values
        if operation.op == "remove" and listed:
            remove_listed(holder.elements(attribute), operation.value, context)
            return
        # What follows works on the plain list, which has to show the operations before it.
        holder.close_attribute(attribute.name)
        operation = replace(operation, value=unwrapped(operation.value, attribute))
    _apply_whole(holder.resource, operation, context)


def _apply_whole(container: Resource, operation: PatchOperation, context: Context) -> None:
    attribute, sub = context.target.attribute, context.target.sub
    if sub is not None:
        if operation.op == "remove":
            refuse_removing(sub, context)
        value = operation.value if operation.op != "remove" else None
        _merge_into(container, {sub.name: value}, context)
    elif operation.op == "remove":
        refuse_removing(attribute, context)
        _unassign(container, attribute, context)
    elif attribute.type == "complex" and not attribute.multi_valued:
        value = operation.value
        # In a list of one it is the same object, so that what it does not name stays as well.
        if context.profile.unwrap_single_values and isinstance(value, list) and len(value) == 1:
            (value,) = value
        if isinstance(value, dict):
            _merge_into(container, value, context)
        else:
            _assign(container, attribute, value, context)
    else:
        _assign(container, attribute, operation.value, context)


def _merge_into(container: Resource, value: Resource, context: Context) -> None:
    """Merge into a complex attribute: what the value does not name stays (section 3.5.2.3)."""
    name = context.target.attribute.name
    held = dict(container.get(name) or {})
    merge(held, value, context)
    assign(container, name, held)


def _assign(container: Resource, attribute: Attribute, value: Any, context: Context) -> None:
    path, left_out = str(context.target), context.left_out
    cleaned = clean_value(attribute, value, context.profile, path=path, left_out=left_out)
    # Replacing by null, "" or [] is removing (RFC 7643 section 2.5), with the error of a value, not
    # of mutability.
    if cleaned is None:
        if not holds_nothing_known(value, attribute):
            _unassign(container, attribute, context)
        return
    # RFC 7643 section 7: an immutable value may be set once, so one that is unassigned may be
    # added.
    if attribute.mutability == "immutable" and container.get(attribute.name, cleaned) != cleaned:
        raise Mutability(f"{context.target} is immutable.")
    container[attribute.name] = cleaned


def _unassign(container: Resource, attribute: Attribute, context: Context) -> None:
    if attribute.required:
        raise InvalidValue(f"{context.target} is required and cannot be unassigned.")
    if attribute.mutability == "immutable" and attribute.name in container:
        raise Mutability(f"{context.target} is immutable.")
    container.pop(attribute.name, None)
