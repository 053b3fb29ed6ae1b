"""Queries over all resource types (RFC 7644 section 3.4.2.1): one list after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from django_scim_provider.core.engine import ResourceEngine
from django_scim_provider.core.errors import InvalidFilter, InvalidPath
from django_scim_provider.core.filters.expressions import (
    And,
    AttributePath,
    Filter,
    Not,
    Or,
    Present,
)
from django_scim_provider.core.filters.parsing import parse, parse_attribute_path, render
from django_scim_provider.core.filters.resolving import resolve
from django_scim_provider.core.listing import cursors
from django_scim_provider.core.listing.plan import Body, Found, body_of
from django_scim_provider.core.messages import SearchRequest
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import ResourceType
from django_scim_provider.core.stores import Position, Query

NEVER = Not(Present(AttributePath("id")))
"""Every resource has an id."""


def search_all(engines: Sequence[ResourceEngine], request: SearchRequest) -> Body:
    """Return the ListResponse of a query over the resources of several engines, in their order.

    An attribute that a resource type does not have is unassigned there; one that none has is an
    error. ``sortBy`` sorts within each resource type.

    Raises:
        InvalidFilter, InvalidPath, InvalidValue, InvalidCursor, ExpiredCursor, InvalidCount,
        TooMany: as for a query of one resource type.
    """
    names = _Names([engine.store.resource_type for engine in engines], engines[0].profile)
    filters = _filters(request.filter, names)
    sorts = _sorts(request.sort_by, names)
    lists = [
        (
            engine,
            replace(
                request,
                filter=expression,
                sort_by=sort_by,
                attributes=names.shown(request.attributes, engine.store.resource_type),
                excluded_attributes=names.shown(
                    request.excluded_attributes, engine.store.resource_type
                ),
                cursor=None,
            ),
        )
        for engine, expression, sort_by in zip(engines, filters, sorts, strict=True)
    ]
    return _by_index(lists, request) if request.cursor is None else _by_cursor(lists, request)


_Lists = Sequence[tuple[ResourceEngine, SearchRequest]]
"""The lists of which the answer is made, and what each is asked for."""


def _by_index(lists: _Lists, request: SearchRequest) -> Body:
    left = lists[0][0].limits.page_size(request.count)
    start = max(request.start_index or 1, 1)
    # Page after page of one long list: each type is asked for what is left to skip and to show.
    skip, total = start - 1, 0
    founds: list[Found] = []
    for engine, asked in lists:
        # Types are asked for their totals even when the page is full: totalResults counts them all.
        _, found = engine.find(replace(asked, start_index=skip + 1, count=left))
        number = found.page.total or 0
        total += number
        founds.append(found)
        left -= found.page.size
        skip = max(skip - number, 0)
    return body_of(founds, total=total, start_index=start)


def _by_cursor(lists: _Lists, request: SearchRequest) -> Body:
    """Answer by a cursor (RFC 9865), which holds the list that its page begins in, and the place.

    The first page asks all lists, for their totals; one that goes on asks those that it shows
    something of, and those behind it until it is known whether anything follows.
    """
    engine = lists[0][0]
    names = [each.store.resource_type.endpoint for each, _ in lists]
    # Where the token may read other types than it could, the list is another one.
    made_for = cursors.fingerprint("/", *names, request.filter, request.sort_by, request.sort_order)
    size = engine.limits.page_size(request.count)
    start = cursors.Start(None, size)
    if request.cursor:
        sent = None if request.count is None else size
        start = cursors.decode(
            request.cursor, query=made_for, count=sent, now=engine.now, key=engine.cursor_key
        )
    position, left, counts = start.position, start.page_size, not request.cursor
    following: tuple[str, Position | None] | None = None
    founds: list[Found] = []
    total = start.total or 0
    for name, (each, asked) in list(zip(names, lists, strict=True))[_number(start, names) :]:
        if left:
            _, found = each.find(asked, _place(position, left, counts=counts))
            founds.append(found)
            left, position = left - found.page.size, None
            if found.page.next is not None:
                left, following = 0, (name, found.page.next)
        elif counts or (following is None and start.page_size):
            wanted = 1 if following is None and start.page_size else 0
            _, found = each.find(asked, _place(None, wanted, counts=counts, is_shown=False))
            if found.page.size:
                following = (name, None)
        else:
            break
        total += (found.page.total or 0) if counts else 0
    cursor = None
    if following is not None:
        begins = cursors.Start(following[1], start.page_size, total, following[0])
        cursor = cursors.encode(begins, query=made_for, now=engine.now, key=engine.cursor_key)
    return body_of(founds, total=total, start_index=None, next_cursor=cursor)


def _number(start: cursors.Start, names: list[str]) -> int:
    return 0 if start.part is None else names.index(start.part)


def _place(
    position: Position | None, limit: int, *, counts: bool, is_shown: bool = True
) -> Callable[[Query], Query]:
    """Return what makes a query one for so many resources behind a place."""
    return lambda query: replace(
        query,
        by_cursor=True,
        offset=0,
        after=position,
        limit=limit,
        count_total=counts,
        skip_members=query.skip_members or not is_shown,
    )


@dataclass(frozen=True, slots=True)
class _Names:
    """What names mean in each of several resource types."""

    types: Sequence[ResourceType]
    profile: Profile

    def has(self, path: AttributePath, resource_type: ResourceType) -> bool:
        """Tell whether a resource type has the attribute.

        Raises:
            InvalidPath: as ``resolve``.
        """
        if self.is_of_another(path, resource_type):
            return False
        return resolve(path, resource_type, self.profile) is not None

    def is_of_another(self, path: AttributePath, resource_type: ResourceType) -> bool:
        """Tell whether a name is that of a core attribute of other types, and not of this one.

        It is not the bare name of an extension's attribute here: that could be mistaken.
        """
        if path.urn is not None or resource_type.core_attribute(path.name):
            return False
        return any(each.core_attribute(path.name) for each in self.types)

    def shown(self, names: list[str] | None, resource_type: ResourceType) -> list[str] | None:
        """Return the names of a projection without those of other types."""
        if names is None:
            return None
        paths = [(name, parse_attribute_path(name)) for name in names]
        return [
            name
            for name, path in paths
            if path is None or not self.is_of_another(path, resource_type)
        ]


def _filters(text: str | None, names: _Names) -> list[str | None]:
    """Return the filter for each type, without the attributes that it does not have.

    Raises:
        InvalidFilter: no type has an attribute of it.
    """
    if text is None:
        return [None] * len(names.types)
    tree = parse(text)
    try:
        for path in _paths(tree):
            # An attribute of one type is unassigned in the others; one that nobody has is a typing
            # error, and must not widen a match by ``not``.
            if not any(names.has(path, each) for each in names.types):
                raise InvalidFilter(f"No resource type has the attribute {path}.")
        return [render(_pruned(tree, each, names)) for each in names.types]
    except InvalidPath as error:
        raise InvalidFilter(error.detail) from error


def _sorts(name: str | None, names: _Names) -> list[str | None]:
    path = parse_attribute_path(name) if name else None
    known = [path is not None and names.has(path, each) for each in names.types]
    is_ignored = path is not None and names.profile.ignore_unknown_sort
    if name and not any(known) and not is_ignored:
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


def _pruned(tree: Filter, resource_type: ResourceType, names: _Names) -> Filter:
    """Return the tree with what asks for undefined attributes in it never true."""
    if isinstance(tree, And | Or):
        return replace(
            tree, terms=tuple(_pruned(term, resource_type, names) for term in tree.terms)
        )
    if isinstance(tree, Not):
        return Not(_pruned(tree.term, resource_type, names))
    # A filter has to stay a filter on every type: leaving the term out would change what ``or`` and
    # ``not`` around it say.
    return tree if names.has(tree.path, resource_type) else NEVER
