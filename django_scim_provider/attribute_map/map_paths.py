"""The attribute that a map names: ``title``, ``phoneNumbers[type eq "work"].value``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django_scim_provider.core.errors import InvalidPath
from django_scim_provider.core.filters.expressions import And, Comparison, Filter
from django_scim_provider.core.filters.patch_paths import parse_path
from django_scim_provider.core.folding import fold
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import Attribute, Resource, ResourceType

EMPTY: tuple[Any, ...] = (None, "", [], {})
"""Values that stand for none (RFC 7643 section 2.5)."""


class MapFault(ValueError):
    """An entry of a map that cannot be; its text follows on the entry."""


@dataclass(frozen=True, slots=True)
class MapPath:
    """Where a value stands in a resource in canonical form."""

    text: str
    name: str
    sub: str | None = None
    extension: str | None = None
    selects: tuple[tuple[str, Any], ...] = ()
    """What the value that is meant has, of several: sub-attributes and their values."""

    def value_of(self, resource: Resource) -> Any:
        """Return the value, or None.

        Of several values without a filter it is the primary one, or else the first.
        """
        held = self._holder(resource).get(self.name)
        if isinstance(held, list) and (self.selects or self.sub):
            held = self._chosen(held)
        if self.sub is not None:
            held = held.get(self.sub) if isinstance(held, dict) else None
        return None if held in EMPTY else held

    def put(self, resource: Resource, value: Any) -> None:
        """Set the value in a resource that nobody else holds; an empty one is taken out."""
        if value in EMPTY:
            self.take_out(resource)
            return
        if self.extension is not None and self.extension not in resource:
            resource[self.extension] = {}
            resource["schemas"] = [*resource.get("schemas", ()), self.extension]
        holder = self._holder(resource)
        if self.sub is None:
            holder[self.name] = value
        elif self.selects:
            elements = holder.setdefault(self.name, [])
            if (chosen := self._chosen(elements)) is None:
                elements.append(chosen := dict(self.selects))
            chosen[self.sub] = value
        else:
            holder.setdefault(self.name, {})[self.sub] = value

    def take_out(self, resource: Resource) -> None:
        """Take the value out, with what is left empty by that."""
        holder = self._holder(resource)
        held = holder.get(self.name)
        if held is None:
            return
        if self.sub is not None:
            chosen = self._chosen(held) if isinstance(held, list) else held
            if chosen is None:
                return
            chosen.pop(self.sub, None)
            if isinstance(held, list) and chosen.keys() <= dict(self.selects).keys():
                held.remove(chosen)
        if self.sub is None or not held:
            del holder[self.name]
        if self.extension is not None and not holder:
            del resource[self.extension]
            resource["schemas"] = [each for each in resource["schemas"] if each != self.extension]

    def attributes(self, kind: ResourceType) -> tuple[Attribute, Attribute] | None:
        """Return the attribute and the innermost one that the path names; None: there is none."""
        found = kind.attribute(self.extension, self.name)
        if found is None:
            return None
        attribute = found[1]
        leaf = attribute if self.sub is None else attribute.sub_attribute(self.sub)
        return None if leaf is None else (attribute, leaf)

    def canonical(self, kind: ResourceType) -> str | None:
        """Return the path without its filter as the schemas spell it; None: there is none."""
        found = kind.attribute(self.extension, self.name)
        named = self.attributes(kind)
        if found is None or named is None:
            return None
        sub = "" if self.sub is None else f".{named[1].name}"
        return f"{found[0]}:{named[0].name}{sub}" if found[0] else f"{named[0].name}{sub}"

    def __str__(self) -> str:
        prefix = f"{self.extension}:" if self.extension else ""
        return f"{prefix}{self.name}" + (f".{self.sub}" if self.sub else "")

    def _holder(self, resource: Resource) -> Resource:
        held: Resource = resource
        return held if self.extension is None else resource.get(self.extension, {})

    def _chosen(self, elements: list[Any]) -> Any:
        if self.selects:
            return next(filter(self._is_meant, elements), None)
        first = elements[0] if elements else None
        return next((each for each in elements if _primary(each)), first)

    def _is_meant(self, element: Any) -> bool:
        return isinstance(element, dict) and all(
            _same(element.get(name), wanted) for name, wanted in self.selects
        )


@lru_cache(maxsize=256)
def parse_map_path(text: str) -> MapPath:
    """Return a path taken apart; whether its attribute exists is not looked at.

    Raises:
        MapFault: it is none, or its filter is more than ``eq`` and ``and``.
    """
    try:
        parsed = parse_path(text, USER)
    except InvalidPath as error:
        raise MapFault(f"is no path of an attribute: {error.detail}") from error
    path = parsed.path
    if path is None:
        raise MapFault("is a whole schema: name its attributes.")
    core = path.urn is None or path.urn.lower() == USER.schema.id.lower()
    selects = () if parsed.term is None else tuple(_selects(parsed.term))
    return MapPath(text, path.name, path.sub or parsed.sub, None if core else path.urn, selects)


def _selects(term: Filter) -> list[tuple[str, Any]]:
    found = []
    for part in term.terms if isinstance(term, And) else (term,):
        if not isinstance(part, Comparison) or part.op != "eq" or part.path.sub or part.path.urn:
            raise MapFault('has a filter that is more than [type eq "work"], joined by "and".')
        found.append((part.path.name, part.value))
    return found


def _primary(element: Any) -> bool:
    return isinstance(element, dict) and element.get("primary") is True


def _same(held: Any, wanted: Any) -> bool:
    if isinstance(held, str) and isinstance(wanted, str):
        return fold(held) == fold(wanted)
    return bool(held == wanted) and isinstance(held, bool) == isinstance(wanted, bool)
