"""PATCH paths (RFC 7644 section 3.5.2, Figure 7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django_scim_provider.core.errors import InvalidFilter, InvalidPath
from django_scim_provider.core.filters.binding import bind_term
from django_scim_provider.core.filters.expressions import (
    And,
    AttributePath,
    BoundFilter,
    Comparison,
    Filter,
    Not,
    Or,
    Present,
)
from django_scim_provider.core.filters.parsing import parse, split_path
from django_scim_provider.core.filters.remembering import remembered
from django_scim_provider.core.filters.resolving import resolve
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import Attribute, Resource, ResourceType

MAX_LENGTH = 4096
# Blanks round the brackets are not in the grammar; Microsoft's SCIM Validator sends them. The inner
# part is greedy, since a text in the filter may hold a bracket.
_VALUE_PATH = re.compile(r"([^\[\]\s]+)\s*\[(.*)\]\s*(?:\.\s*([^\s\[\]]+)\s*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PatchPath:
    """``path[term].sub``, or a whole extension (then ``path`` is None)."""

    path: AttributePath | None
    term: Filter | None = None
    sub: str | None = None
    extension: str | None = None

    @property
    def whole(self) -> AttributePath | None:
        """Return the path with what stands behind its filter, and without the filter."""
        if self.path is None or self.sub is None:
            return self.path
        return replace(self.path, sub=self.sub)

    def unknown(self, resource_type: ResourceType, profile: Profile) -> str | None:
        """Return the name in it that the schemas do not define; None where they define all.

        A name alone, since a filter holds values.

        Raises:
            InvalidPath: as ``resolve``.
        """
        if self.whole is None:
            return None
        target = resolve(self.whole, resource_type, profile)
        if target is None:
            return str(self.whole)
        attribute = target.attribute
        has_parts = attribute.multi_valued or attribute.type == "complex"
        for each in _paths_of(self.term) if self.term and has_parts else ():
            if attribute.sub_attribute(each.name) is None:
                return f"{replace(self.whole, sub=None)}.{each}"
        return None


def _paths_of(term: Filter) -> Iterator[AttributePath]:
    match term:
        case Comparison(path) | Present(path):
            yield path
        case And(terms) | Or(terms):
            for each in terms:
                yield from _paths_of(each)
        case Not(inner):
            yield from _paths_of(inner)


@remembered
def parse_path(text: str, resource_type: ResourceType) -> PatchPath:
    """Return a PATCH path taken apart; whether its attribute exists is not looked at.

    Raises:
        InvalidPath: the text is not a path.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidPath(f"The path is longer than {MAX_LENGTH} characters.")
    text = text.strip()
    # Before it is split: the last part of a URN looks like the name of an attribute.
    extension = resource_type.extension(text)
    if extension is not None:
        return PatchPath(path=None, extension=extension.id)
    found = _VALUE_PATH.fullmatch(text)
    head, inner, sub = found.groups() if found else (text, None, None)
    path = split_path(head)
    if path is None:
        raise InvalidPath(f"{text[:80]!r} is not a valid path.")
    if inner is None:
        return PatchPath(path)
    # Figure 7: the sub-attribute comes behind the filter.
    if path.sub is not None:
        raise InvalidPath(f"{text[:80]!r}: a filter follows an attribute, not a sub-attribute.")
    if sub is not None and split_path(sub) != AttributePath(sub):
        raise InvalidPath(f"{sub[:80]!r} is not a sub-attribute.")
    try:
        return PatchPath(path, parse(inner), sub)
    except InvalidFilter as error:
        raise InvalidPath(error.detail) from error


def bind_selection(term: Filter, attribute: Attribute, profile: Profile) -> BoundFilter:
    """Return the filter of a path bound to the attribute whose values it selects.

    Raises:
        InvalidPath: the attribute is not multi-valued, or the filter does not fit it.
    """
    # The grammar of Figure 7 allows it; its meaning is defined for multi-valued attributes alone.
    if not attribute.multi_valued:
        raise InvalidPath(f"{attribute.name} has no values that a filter could select.")
    try:
        return bind_term(term, attribute, profile)
    except InvalidFilter as error:
        # Table 9: invalidFilter is for queries; a filter in a path makes the path invalid.
        raise InvalidPath(error.detail) from error


def template(term: Filter, attribute: Attribute) -> Resource | None:
    """Return what a filter says of a value; None where it is not a plain conjunction of ``eq``."""
    # ``or``, ``not`` and ``co`` leave open what a new value should hold.
    terms = term.terms if isinstance(term, And) else (term,)
    made: Resource = {}
    for part in terms:
        if not isinstance(part, Comparison) or part.op != "eq" or part.value is None:
            return None
        sub = attribute.sub_attribute(part.path.name)
        # Two ``eq`` on one sub-attribute contradict each other: nothing could match the new value.
        if sub is None or sub.name in made or sub.mutability == "readOnly":
            return None
        made[sub.name] = part.value
    return made
