"""Which attributes an answer shows: ``attributes``, ``excludedAttributes`` and ``returned``.

RFC 7644 section 3.9, RFC 7643 section 2.4 (``returned``) and section 3.10 for qualified names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from django_scim_provider.core.filters.parsing import parse_attribute_path
from django_scim_provider.core.filters.resolving import resolve
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import Attribute, Resource, ResourceType, Target

Level = dict[str, frozenset[str]]
"""Attribute names, each with the sub-attributes that are meant, or with ``_ALL``."""
Named = Mapping[str | None, Set[str]]
"""Attribute names by the URN of their extension; None is the core."""
_ALL: frozenset[str] = frozenset({"*"})
"""Stands for the whole attribute; no sub-attribute is called so."""
_FILTER = re.compile(r"\[[^\[\]]*\]")


@dataclass(frozen=True, slots=True)
class Projection:
    """A parsed projection."""

    levels: dict[str | None, Level]
    """The names asked for (or excluded), by the URN of their extension; None is the core."""
    excludes: bool
    written: Named = field(default_factory=dict)
    """What the request has written: it is shown although it is returned on request only."""

    def wants(self, name: str) -> bool:
        """Tell whether an answer may hold the core attribute."""
        named = self.levels.get(None, {}).get(name)
        return named is not _ALL if self.excludes else named is not None


SHOW_DEFAULTS = Projection({}, excludes=True)
"""Shows what is returned by default: nothing is excluded, and nothing asked for."""


def names_in(resource: Resource, resource_type: ResourceType) -> dict[str | None, set[str]]:
    """Return the names of the attributes that a resource has."""
    found: dict[str | None, set[str]] = {None: set(resource)}
    for extension in resource_type.extensions:
        found[extension.schema.id] = set(resource.get(extension.schema.id, ()))
    return found


def with_written(projection: Projection | None, named: Named) -> Projection | None:
    """Return a projection that also shows what a request has written; None shows it anyway."""
    return None if projection is None else replace(projection, written=named)


def parse(
    attributes: Sequence[str] | None,
    excluded: Sequence[str] | None,
    resource_type: ResourceType,
    profile: Profile,
) -> Projection | None:
    """Return the projection that the parameters ask for; None shows the stored text as it is.

    Unknown names select nothing. Where both are given, ``attributes`` decides (they are mutually
    exclusive in section 3.9).

    Raises:
        InvalidPath: a name lacks the URN of its extension, and it is not clear which one is meant,
            or the profile does not take it.
    """
    # An unknown name is not an error either: section 3.9 has none for it.
    names = attributes if attributes is not None else excluded
    if names is None:
        return SHOW_DEFAULTS if resource_type.has_requested else None
    levels: dict[str | None, Level] = {}
    if attributes is not None and profile.filters_in_attributes:
        names = [_FILTER.sub("", text) if "[" in text else text for text in names]
    for text in names:
        _add_name(levels, text.strip(), resource_type, profile)
    return Projection(levels, excludes=attributes is None)


def _add_name(
    levels: dict[str | None, Level], text: str, resource_type: ResourceType, profile: Profile
) -> None:
    extension = resource_type.extension(text)
    if extension is not None:
        level = levels.setdefault(extension.id, {})
        # A whole extension by its URN (section 3.10) is every attribute of it: one form less below.
        level.update((attribute.name, _ALL) for attribute in extension.attributes)
        return
    target = _target(text, resource_type, profile)
    if target is None:
        return
    level = levels.setdefault(target.extension, {})
    name = target.attribute.name
    if target.sub is None:
        level[name] = _ALL
    elif level.get(name) is not _ALL:
        level[name] = level.get(name, frozenset()) | {target.sub.name}


def _target(text: str, resource_type: ResourceType, profile: Profile) -> Target | None:
    if "." not in text and ":" not in text:
        # A list of names may be long: most are found, or not, by themselves.
        attribute = resource_type.core_attribute(text)
        if attribute is not None:
            return Target(attribute)
        if not resource_type.extensions_with(text):
            return None
    path = parse_attribute_path(text)
    return resolve(path, resource_type, profile) if path is not None else None


def project(resource: Resource, projection: Projection, resource_type: ResourceType) -> Resource:
    """Return what a projection shows of a resource in canonical spelling."""
    # Not ``id`` and ``schemas``: they are shown whatever is asked for (returned "always").
    core = (*resource_type.schema.attributes, resource_type.core_attribute("externalId"))
    shown: Resource = {"schemas": resource["schemas"], "id": resource["id"]}
    meta = resource_type.core_attribute("meta")
    _copy(resource, shown, [a for a in (*core, meta) if a is not None], projection, None)
    for extension in resource_type.extensions:
        held = resource.get(extension.schema.id)
        if held:
            inner: Resource = {}
            _copy(held, inner, extension.schema.attributes, projection, extension.schema.id)
            if inner:
                shown[extension.schema.id] = inner
    # RFC 7643 section 3: the schemas of the attributes that are present in what is shown. An
    # extension that the project has taken away is neither shown nor named.
    if len(resource["schemas"]) > 1:
        core_urn = resource_type.schema.id.lower()
        named = [u for u in resource["schemas"] if u in shown or u.lower() == core_urn]
        shown["schemas"] = named
    return shown


def _copy(
    held: Resource,
    shown: Resource,
    attributes: Sequence[Attribute],
    projection: Projection,
    urn: str | None,
) -> None:
    show = _excluded if projection.excludes else _selected
    level, written = projection.levels.get(urn, {}), projection.written.get(urn, ())
    for attribute in attributes:
        value, name = held.get(attribute.name), attribute.name
        # Even when asked for by name: a store of the project's may hold what it should not.
        if value is None or attribute.returned == "never":
            continue
        # RFC 7643 section 7: shown to whoever asks for it, and to the client that has written it.
        if projection.excludes and attribute.returned == "request" and name not in written:
            continue
        part = show(attribute, value, level.get(name))
        if attribute.withheld:
            asked = () if projection.excludes else level.get(name, ())
            part = _without_withheld(attribute, part, asked, is_written=name in written)
        if part not in (None, {}, []):
            shown[attribute.name] = part


def _selected(attribute: Attribute, value: Any, named: frozenset[str] | None) -> Any:
    if attribute.returned == "always" or named is _ALL:
        return value
    if named is None:
        return None
    # RFC 7643 section 7 gives sub-attributes the same characteristics.
    kept = named | _always(attribute)
    return _each(value, lambda element: {k: v for k, v in element.items() if k in kept})


def _without_withheld(
    attribute: Attribute, value: Any, asked: Collection[str], *, is_written: bool
) -> Any:
    """Return what is shown of a complex value whose parts are not all shown by default."""
    gone = {
        sub.name
        for sub in attribute.withheld
        if sub.returned == "never" or not (is_written or sub.name in asked)
    }
    return _each(value, lambda element: {k: v for k, v in element.items() if k not in gone})


def _excluded(attribute: Attribute, value: Any, named: frozenset[str] | None) -> Any:
    if attribute.returned == "always" or named is None:
        return value
    if named is _ALL:
        return None
    gone = named - _always(attribute)
    return _each(value, lambda element: {k: v for k, v in element.items() if k not in gone})


def _always(attribute: Attribute) -> set[str]:
    return {sub.name for sub in attribute.sub_attributes if sub.returned == "always"}


def _each(value: Any, change: Any) -> Any:
    """Apply a change to a complex value, or to each value of a list; empty ones are left out."""
    if isinstance(value, dict):
        return change(value)
    if isinstance(value, list):
        return [part for item in value if isinstance(item, dict) and (part := change(item))]
    return value
