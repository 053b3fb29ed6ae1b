"""The keys of an object, however they are spelled, become those of the schemas: one grammar.

``name.givenName``, ``urn:...:User:department``, ``manager`` and ``emails[type eq "work"].value``
mean as keys what they mean as paths, in POST and PUT as in the value of a PATCH without path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from django_scim_provider.core.errors import InvalidPath
from django_scim_provider.core.filters.expressions import AttributePath, BoundFilter
from django_scim_provider.core.filters.parsing import parse_attribute_path
from django_scim_provider.core.filters.patch_paths import PatchPath, bind_selection, parse_path
from django_scim_provider.core.filters.resolving import resolve
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import Resource, ResourceType, Schema, Target
from django_scim_provider.core.validation.places import MAX_SHOWN, Place, shown_key, twice

_MARKS = ".:["
_ITSELF = PatchPath(None)
"""Stands for the path of what is no selection; nobody asks for it."""


@dataclass(frozen=True, slots=True)
class Nested:
    """An object with its values where the schemas have them."""

    resource: Resource
    """With names as schemas spell them; what they do not know is as it was sent."""
    chosen: Sequence[Place] = ()
    """What keys say of values of multi-valued attributes that they select."""

    def whole(self, profile: Profile) -> Resource:
        """Return the object with the values that the keys make, for one that had none before.

        Raises:
            InvalidPath: as ``Place.element``, or the profile makes no values.
        """
        if self.chosen and not profile.create_missing_value:
            raise InvalidPath(f"There is no value for {shown_key(self.chosen[0].written)}.")
        lists: dict[tuple[str | None, str], list[Any]] = {}
        for place in self.chosen:
            if place.clears(profile):
                continue
            where = place.target.extension, place.target.attribute.name
            lists.setdefault(where, []).append(place.element())
        made = dict(self.resource)
        for (urn, name), values in lists.items():
            if urn is None:
                made[name] = values
            else:
                made[urn] = {**made.get(urn, {}), name: values}
        return made


def nested(sent: Resource, resource_type: ResourceType, profile: Profile) -> Nested:
    """Return an object with its values where the schemas have them.

    Raises:
        InvalidPath: a key is not one that the profile takes, or may mean several attributes.
        InvalidSyntax: a name is given twice, in one spelling or in two.
    """
    if _is_nested(sent, resource_type):
        return Nested(sent)
    nesting = _Nesting(resource_type, profile)
    for key, value in sent.items():
        nesting.take(key, value)
    return nesting.result()


def _is_nested(sent: Resource, resource_type: ResourceType) -> bool:
    """Tell whether all keys are spelled as schemas do, so that none can be there twice."""
    core, extensions = _spellings(resource_type)
    for key, value in sent.items():
        if key in core:
            continue
        names = extensions.get(key)
        if names is None or (isinstance(value, dict) and not value.keys() <= names):
            return False
    return True


@cache
def _spellings(resource_type: ResourceType) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    """Return the names of core attributes, and those of extensions by URN."""
    names: dict[str | None, set[str]] = {None: set()}
    for target in resource_type.targets():
        names.setdefault(target.extension, set()).add(target.attribute.name)
    core = frozenset(names.pop(None))
    return core, {urn: frozenset(found) for urn, found in names.items() if urn is not None}


@dataclass(slots=True)
class _Nesting:
    resource_type: ResourceType
    profile: Profile
    places: dict[tuple[str | None, str], dict[BoundFilter | str | None, Place]] = field(
        default_factory=dict
    )
    """By URN and name of the attribute, then by what is selected of its values: None is the
    attribute itself, a text each of its values."""
    extensions: dict[str, tuple[str, Any]] = field(default_factory=dict)
    """The keys that name whole extensions, and their values, by URN."""
    unknown: dict[tuple[str | None, str], tuple[str, Any]] = field(default_factory=dict)
    """What no schema knows, by the URN of its extension and its key in lower case."""

    def take(self, key: str, value: Any) -> None:
        """Take what a key of the object says."""
        # First, since nearly all keys are plain names, and these need no parsing.
        attribute = self.resource_type.core_attribute(key)
        if attribute is not None:
            self.place(Target(attribute), None, _ITSELF).take(None, key, value)
            return
        schema = self.resource_type.extension(key)
        if schema is not None:
            self.take_extension(schema, key, value)
        elif key.lower() == self.resource_type.schema.id.lower():
            self.take_core(key, value)
        else:
            self.take_path(None, key, key, value)

    def take_extension(self, schema: Schema, key: str, value: Any) -> None:
        """Take what the object of an extension says; its keys are relative to it."""
        before = self.extensions.get(schema.id)
        if before is not None:
            raise twice(schema.id, before[0], key)
        self.extensions[schema.id] = key, value
        for name, held in value.items() if isinstance(value, dict) else ():
            written, attribute = f"{schema.id}:{name}", schema.attribute(name)
            if attribute is None:
                self.take_path(schema.id, name, written, held)
            else:
                target = Target(attribute, extension=schema.id)
                self.place(target, None, _ITSELF).take(None, written, held)

    def take_core(self, key: str, value: Any) -> None:
        """Take what an object under the URN of the core schema says, as if it stood beside it.

        RFC 7643 section 3.3 has such objects for extensions; scimverify sends one for the core.
        """
        if value is None:
            return
        if not isinstance(value, dict) or not self.profile.dotted_keys:
            raise InvalidPath("The core schema cannot be used as a key.")
        for name, held in value.items():
            written, attribute = f"{key}:{name}", self.resource_type.core_attribute(name)
            if attribute is not None:
                self.place(Target(attribute), None, _ITSELF).take(None, written, held)
            elif any(mark in name for mark in _MARKS):
                self.take_path(None, name, written, held)
            else:
                # Not the bare name of an extension's attribute: the URN says which schema is meant.
                self.leave(None, name, held)

    def take_path(self, urn: str | None, key: str, written: str, value: Any) -> None:
        """Take what a key says that is no plain name; ``urn`` is that of the object it is in."""
        is_path = any(mark in key for mark in _MARKS)
        path = self.path_of(written) if is_path else PatchPath(AttributePath(key, urn=urn))
        unknown = key if path is None else path.unknown(self.resource_type, self.profile)
        if path is None or path.whole is None or unknown is not None:
            # By the name alone that nobody knows, since a filter holds values.
            named_by = key.partition("[")[0].strip() if path is None else str(unknown)
            name = named_by if "[" in key else key
            self.leave(urn, name.removeprefix(f"{urn}:"), value)
            return
        # Entra ID with its flag aadOptscim062020 sends ``name.givenName`` and qualified names as
        # keys (Microsoft Learn, application-provisioning-config-problem-scim-compatibility).
        if is_path and not self.profile.dotted_keys:
            raise InvalidPath(
                f"{shown_key(key)} is a path and not the name of an attribute: nest its value."
            )
        target = resolve(path.whole, self.resource_type, self.profile)
        if target is not None:
            self.put(path, target, written, value)

    def path_of(self, text: str) -> PatchPath | None:
        """Return a key that may be a path taken apart; None where it is only an odd name."""
        try:
            return parse_path(text, self.resource_type)
        except InvalidPath:
            # A name such as "Cost center: old" is one that nobody knows; a filter on what is known
            # is meant as one.
            head, bracket, _ = text.partition("[")
            path = parse_attribute_path(head) if bracket else None
            if path is not None and resolve(path, self.resource_type, self.profile):
                raise
            return None

    def leave(self, urn: str | None, key: str, value: Any) -> None:
        """Leave what no schema knows as it is."""
        before = self.unknown.setdefault((urn, key.lower()), (key, value))
        if before[0] != key:
            raise twice(f"{urn}:{key[:MAX_SHOWN]}" if urn else key[:MAX_SHOWN], before[0], key)

    def put(self, path: PatchPath, target: Target, key: str, value: Any) -> None:
        """Put a value at its place."""
        attribute, sub = target.attribute, target.sub
        selected: BoundFilter | str | None = None
        if path.term is not None:
            # Bound, so that two spellings of one filter are one place.
            selected = bind_selection(path.term, attribute, self.profile)
        elif attribute.multi_valued and sub is not None:
            selected = "each"
        whole = Target(attribute, extension=target.extension)
        bare = _ITSELF
        if selected is not None and path.path is not None:
            bare = PatchPath(replace(path.path, sub=None), path.term)
        self.place(whole, selected, bare).take(sub.name if sub else None, key, value)

    def place(self, target: Target, selected: BoundFilter | str | None, path: PatchPath) -> Place:
        """Return the place of an attribute, or of what is selected of its values."""
        found = self.places.setdefault((target.extension, target.attribute.name), {})
        if selected not in found:
            found[selected] = Place(target, path)
        return found[selected]

    def result(self) -> Nested:
        """Return the object, once all keys are taken."""
        made: Resource = {}
        chosen: list[Place] = []
        for (urn, name), found in self.places.items():
            if len(found) > 1 and not found.keys().isdisjoint((None, "each")):
                # All values and some of them: which is meant would depend on the order of the keys.
                first, second, *_ = found.values()
                raise twice(first.named(None), first.written, second.written)
            for selected, place in found.items():
                if selected is None:
                    _holder(made, urn)[name] = place.value()
                else:
                    chosen.append(place)
        for (urn, _), (key, value) in self.unknown.items():
            _holder(made, urn)[key] = value
        self.add_extensions(made, chosen)
        return Nested(made, chosen)

    def add_extensions(self, made: Resource, chosen: list[Place]) -> None:
        """Add the extensions whose whole value holds nothing, as null and ``{}``."""
        inside = {place.target.extension: place.written for place in chosen}
        for urn, (key, value) in self.extensions.items():
            if isinstance(value, dict):
                if urn not in inside:
                    made.setdefault(urn, value)
            elif urn in made or urn in inside:
                raise twice(urn, key, inside.get(urn) or f"{urn}:{next(iter(made[urn]))}")
            else:
                made[urn] = value


def _holder(made: Resource, urn: str | None) -> Resource:
    if urn is None:
        return made
    holder: Resource = made.setdefault(urn, {})
    return holder
