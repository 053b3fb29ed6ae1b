"""PATCH paths (RFC 7644 section 3.5.2, Figure 7)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django_scim_provider.core.errors import InvalidFilter, InvalidPath
from django_scim_provider.core.filters.expressions import AttributePath, Filter
from django_scim_provider.core.filters.parsing import parse, split_path
from django_scim_provider.core.filters.remembering import remembered
from django_scim_provider.core.schemas.definitions import ResourceType

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
