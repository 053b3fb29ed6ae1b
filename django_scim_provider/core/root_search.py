"""Queries over all resource types (RFC 7644 section 3.4.2.1): one list after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from django_scim_provider.core.engine import ResourceEngine
from django_scim_provider.core.errors import InvalidCursor, InvalidFilter, InvalidPath
from django_scim_provider.core.filters.binding import resolve
from django_scim_provider.core.filters.expressions import (
    And,
    AttributePath,
    Filter,
    Not,
    Or,
    Present,
)
from django_scim_provider.core.filters.parsing import parse, parse_attribute_path, render
from django_scim_provider.core.listing.plan import Body, Found, body_of
from django_scim_provider.core.messages import SearchRequest
from django_scim_provider.core.schemas.definitions import ResourceType

NEVER = Not(Present(AttributePath("id")))
"""Every resource has an id."""


def search_all(engines: Sequence[ResourceEngine], request: SearchRequest) -> Body:
    """Return the ListResponse of a query over the resources of several engines, in their order.

    An attribute that a resource type does not have is unassigned there; one that none has is an
    error. ``sortBy`` sorts within each resource type.

    Raises:
        InvalidFilter, InvalidPath, InvalidValue: as for a query of one resource type.
        InvalidCursor: cursors are not offered here.
        TooMany: as for a query of one resource type.
    """
    if request.cursor is not None:
        # One cursor would have to hold a position in each type, and RFC 9865 lets servers choose
        # where they offer them.
        raise InvalidCursor("Cursors are not offered over all resource types; use startIndex.")
    types = [engine.store.resource_type for engine in engines]
    filters = _filters(request.filter, types)
    sorts = _sorts(request.sort_by, types)
    left = engines[0].limits.page_size(request.count)
    start = max(request.start_index or 1, 1)
    # Page after page of one long list: each type is asked for what is left to skip and to show.
    skip, total = start - 1, 0
    founds: list[Found] = []
    for engine, expression, sort_by in zip(engines, filters, sorts, strict=True):
        # Types are asked for their totals even when the page is full: totalResults counts them all.
        asked = replace(request, filter=expression, sort_by=sort_by)
        _, found = engine.find(replace(asked, start_index=skip + 1, count=left))
        number = found.page.total or 0
        total += number
        founds.append(found)
        left -= found.page.size
        skip = max(skip - number, 0)
    return body_of(founds, total=total, start_index=start)


def _filters(text: str | None, types: Sequence[ResourceType]) -> list[str | None]:
    """Return the filter for each type, without the attributes that it does not have.

    Raises:
        InvalidFilter: no type has an attribute of it.
    """
    if text is None:
        return [None] * len(types)
    tree = parse(text)
    for path in _paths(tree):
        # An attribute of one type is unassigned in the others; one that nobody has is a typing
        # error, and must not widen a match by ``not``.
        if not any(resolve(path, resource_type) for resource_type in types):
            raise InvalidFilter(f"No resource type has the attribute {path}.")
    return [render(_pruned(tree, resource_type)) for resource_type in types]


def _sorts(name: str | None, types: Sequence[ResourceType]) -> list[str | None]:
    path = parse_attribute_path(name) if name else None
    known = [
        path is not None and resolve(path, resource_type) is not None for resource_type in types
    ]
    if name and not any(known):
        raise InvalidPath(f"{name} cannot be sorted by.")
    return [name if has else None for has in known]


def _paths(tree: Filter) -> Iterator[AttributePath]:
    if isinstance(tree, And | Or):
        for term in tree.terms:
            yield from _paths(term)
    elif isinstance(tree, Not):
        yield from _paths(tree.term)
    else:
        yield tree.path


def _pruned(tree: Filter, resource_type: ResourceType) -> Filter:
    """Return the tree with what asks for undefined attributes in it never true."""
    if isinstance(tree, And | Or):
        return replace(tree, terms=tuple(_pruned(term, resource_type) for term in tree.terms))
    if isinstance(tree, Not):
        return Not(_pruned(tree.term, resource_type))
    # A filter has to stay a filter on every type: leaving the term out would change what ``or`` and
    # ``not`` around it say.
    return tree if resolve(tree.path, resource_type) else NEVER
