"""PATCH: apply a list of operations to a resource (RFC 7644 section 3.5.2).

``apply_patch`` changes the resource that it is given; the caller keeps the original. Where a
profile tolerates more than the RFC, the switch is named beside the code that reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django_scim_provider.core.errors import InvalidPath, InvalidValue, Mutability, NoTarget
from django_scim_provider.core.filters.expressions import AttributePath
from django_scim_provider.core.filters.patch_paths import PatchPath, parse_path
from django_scim_provider.core.filters.resolving import resolve
from django_scim_provider.core.messages import PatchOperation
from django_scim_provider.core.patching.attributes import apply_attribute
from django_scim_provider.core.patching.elements import Holder, assign
from django_scim_provider.core.patching.multi_valued import (
    Context,
    change_selected,
    selector,
)
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import (
    Resource,
    ResourceType,
    Schema,
)
from django_scim_provider.core.validation.cleaning import (
    in_use,
    refuse_unknown_schemas,
)
from django_scim_provider.core.validation.left_out import LeftOut
from django_scim_provider.core.validation.limits import DEFAULT_LIMITS, Budget, WriteLimits
from django_scim_provider.core.validation.nesting import nested
from django_scim_provider.core.validation.required import refuse_missing


def apply_patch(
    resource: Resource,
    operations: Sequence[PatchOperation],
    resource_type: ResourceType,
    profile: Profile,
    limits: WriteLimits = DEFAULT_LIMITS,
    left_out: LeftOut | None = None,
    named: dict[str | None, set[str]] | None = None,
) -> Resource:
    """Apply the operations in order to ``resource`` (canonical, without meta) and return it.

    ``left_out`` is where the names of what no schema knows go; ``named`` is where those of the
    attributes go that the operations name, by the URN of their extension (None is the core).

    Raises:
        InvalidSyntax: a value holds what no schema knows, and the profile refuses that.
        InvalidPath: a path is malformed or names an undefined attribute.
        NoTarget: a path matches nothing, or a remove has no path.
        Mutability: a readOnly attribute or an immutable value would change.
        InvalidValue: a value does not fit, or a required attribute would be unassigned.
        TooMany: the operations change or look at more than ``limits`` allow.
    """
    unknown = LeftOut(profile) if left_out is None else left_out
    patch = _Patch(resource, resource_type, profile, Budget(limits), unknown)
    patch.touched = {} if named is None else named
    # In order, each on what those before it left (section 3.5.2). All or nothing: the caller stores
    # what this returns, or what it raises is the answer.
    for operation in operations:
        patch.apply(operation)
    return patch.finish()


@dataclass(slots=True)
class _Patch:
    resource: Resource
    resource_type: ResourceType
    profile: Profile
    budget: Budget
    left_out: LeftOut
    holders: dict[str | None, Holder] = field(default_factory=dict)
    """What is under change, by the URN of the extension; None is the resource itself."""
    touched: dict[str | None, set[str]] = field(default_factory=dict)
    """The attributes that the operations name, likewise."""

    def apply(self, operation: PatchOperation) -> None:
        if operation.path is None:
            self.apply_object(operation)
            return
        path = parse_path(operation.path, self.resource_type)
        unknown = path.unknown(self.resource_type, self.profile)
        if unknown is not None and self.profile.leave_out_unknown_paths:
            self.left_out.add(unknown)
            return
        if operation.op != "remove" and not operation.has_value:
            raise InvalidValue(f"The {operation.op} operation on {operation.path} has no value.")
        self.apply_path(operation, path)

    def apply_object(self, operation: PatchOperation) -> None:
        """Apply an operation without path: each key of the value is a target."""
        if operation.op == "remove":
            # Section 3.5.2.2 names this error for it.
            raise NoTarget("A remove operation needs a path.")
        if not isinstance(operation.value, dict):
            raise InvalidValue(f"The {operation.op} operation without path needs an object.")
        given = nested(operation.value, self.resource_type, self.profile)
        for name, value in given.resource.items():
            self.apply_key(replace(operation, path=name, value=value), name)
        for place in given.chosen:
            for key, path, value in place.operations():
                if not self.is_echo(path, value):
                    self.apply_path(replace(operation, path=key, value=value), path)

    def apply_key(self, operation: PatchOperation, name: str) -> None:
        """Apply what a key of a value without path says; keys are as schemas spell them."""
        extension = self.resource_type.extension(name)
        if extension is not None:
            self.apply_path(operation, PatchPath(None, extension=extension.id))
        elif self.resource_type.core_attribute(name) is None:
            self.left_out.note("", name, operation.value)
        else:
            path = PatchPath(AttributePath(name))
            if not self.is_echo(path, operation.value):
                self.apply_path(operation, path)

    def is_echo(self, path: PatchPath, value: Any) -> bool:
        """Tell whether the value repeats a readOnly attribute, as Okta does with ``id``."""
        target = resolve(path.path, self.resource_type, self.profile) if path.path else None
        if target is None or target.attribute.mutability != "readOnly":
            return False
        if not self.profile.read_only_echo:
            return False
        # Okta repeats the group's id when it renames it (Okta SCIM 2.0 protocol reference). Another
        # id than its own means another resource, so that is refused.
        return target.attribute.name != "id" or value == self.resource.get("id")

    def apply_path(self, operation: PatchOperation, path: PatchPath) -> None:
        # Again for each path: the keys of one value are operations as well.
        self.budget.take_operations(1)
        if path.path is None:
            self.apply_extension(operation, path.extension or "")
            return
        target = resolve(path.whole or path.path, self.resource_type, self.profile)
        if target is None:
            raise InvalidPath(f"{operation.path} is not an attribute of {self.resource_type.name}.")
        # An echo within a value is tolerated above; a path that names what is readOnly means it
        # (section 3.5.2, mutability).
        if "readOnly" in (target.attribute.mutability, target.leaf.mutability):
            raise Mutability(f"{target} is readOnly.")
        # What it holds follows from the other attributes, so it is not simply assigned.
        if target.attribute.name == "schemas" and target.extension is None:
            self.apply_schemas(operation)
            return
        holder = self.holder(target.extension)
        self.touched.setdefault(target.extension, set()).add(target.attribute.name)
        context = Context(target, self.profile, self.left_out)
        if path.term is not None:
            select = selector(path.term, context)
            change_selected(holder.elements(target.attribute), operation, select, context)
        else:
            apply_attribute(holder, operation, context)

    def apply_extension(self, operation: PatchOperation, urn: str) -> None:
        """Apply an operation whose target is a whole extension: merge it, or remove it."""
        schema = self.resource_type.extension(urn)
        if schema is None:
            raise InvalidPath(f"{urn} is not an extension of {self.resource_type.name}.")
        # RFC 7643 section 2.5: null and no value are the same. A replace with an empty object
        # leaves nothing of the extension.
        if operation.op == "remove" or operation.value in (None, {}):
            self.remove_extension(schema)
            return
        if not isinstance(operation.value, dict):
            raise InvalidValue(f"{schema.id} must be an object.")
        given = nested({schema.id: operation.value}, self.resource_type, self.profile)
        for name, value in given.resource.get(schema.id, {}).items():
            attribute = schema.attribute(name)
            # As in POST and PUT: the whole extension is one value, not a path that somebody typed.
            if attribute is None:
                self.left_out.note(f"{schema.id}:", name, value)
            elif attribute.mutability != "readOnly":
                path = PatchPath(AttributePath(name, urn=schema.id))
                self.apply_path(replace(operation, path=str(path), value=value), path)
        for place in given.chosen:
            for key, path, value in place.operations():
                if place.target.attribute.mutability != "readOnly":
                    self.apply_path(replace(operation, path=key, value=value), path)

    def remove_extension(self, schema: Schema) -> None:
        """Take an extension away, but for what is the server's."""
        self.touched.setdefault(schema.id, set())
        # Values that earlier operations opened must not come back when the holders are closed.
        self.holders.pop(schema.id, None)
        held = self.resource.pop(schema.id, {})
        servers = {a.name for a in schema.attributes if a.mutability == "readOnly"}
        assign(self.resource, schema.id, {name: held[name] for name in held if name in servers})

    def apply_schemas(self, operation: PatchOperation) -> None:
        """Check a change of ``schemas``, which then follows from what the resource holds."""
        if operation.op == "remove":
            raise Mutability("schemas follows from the attributes; it cannot be removed.")
        urns = operation.value if isinstance(operation.value, list) else [operation.value]
        if not all(isinstance(urn, str) for urn in urns):
            raise InvalidValue("schemas must be a list of URNs.")
        if not self.profile.leave_out_unknown:
            refuse_unknown_schemas(urns, self.resource_type)

    def holder(self, extension: str | None) -> Holder:
        """Return the object that holds the target's attribute; extensions are made if absent."""
        if extension not in self.holders:
            held = self.resource if extension is None else self.resource.setdefault(extension, {})
            self.holders[extension] = Holder(held, self.budget)
        return self.holders[extension]

    def finish(self) -> Resource:
        """Check what is required, and have ``schemas`` name the extensions that hold data."""
        for urn, holder in self.holders.items():
            holder.close()
            # An extension that was made for an operation, or emptied by it, is unassigned.
            if urn is not None and not holder.resource:
                self.resource.pop(urn, None)
        # At the end: an operation may take away what the next one brings.
        refuse_missing(self.resource, self.resource_type, self.touched)
        self.resource["schemas"] = in_use(self.resource, self.resource_type)
        return self.resource
