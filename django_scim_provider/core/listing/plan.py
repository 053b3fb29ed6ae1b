"""From a list request to a storable query, and from a page to a ListResponse (section 3.4.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import index

import orjson

from django_scim_provider.core.errors import InvalidPath, InvalidValue
from django_scim_provider.core.filters.binding import bind_text, resolve
from django_scim_provider.core.filters.parsing import parse_attribute_path
from django_scim_provider.core.listing import cursors
from django_scim_provider.core.listing.cursors import CursorKey
from django_scim_provider.core.messages import SearchRequest
from django_scim_provider.core.schemas.definitions import Resource, ResourceType, Target
from django_scim_provider.core.showing import View
from django_scim_provider.core.stores import Page, Part, Query, Sort
from django_scim_provider.core.urns import LIST_URN

MAX_WHOLE = 2 * 1024 * 1024
"""Characters of resources that an answer is made of in one; more go out piece by piece."""
Body = bytes | Iterator[bytes]
"""A JSON text; where it is large, its pieces, which are made while they are sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a request may cost."""

    default_page_size: int = 100
    """What a list without ``count`` gets."""
    max_page_size: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A query, and what its answer needs beside the page."""

    query: Query
    start_index: int
    """1-based (RFC 7644 section 3.4.2.4)."""
    page_size: int
    fingerprint: str
    cursor_key: CursorKey
    now: int
    known_total: int | None = None
    """The total that a cursor carries from the first page on."""


def plan(
    request: SearchRequest,
    resource_type: ResourceType,
    *,
    limits: Limits,
    booleans_as_text: bool,
    cursor_key: CursorKey,
    now: int,
    skip_members: bool,
) -> Plan:
    """Return the storable form of a list request. ``now`` is seconds since the epoch.

    Raises:
        InvalidFilter, InvalidPath, InvalidValue, InvalidCursor, ExpiredCursor, InvalidCount.
    """
    bound = None
    if request.filter is not None:
        bound = bind_text(request.filter, resource_type, booleans_as_text=booleans_as_text)
    sort = _sort(request, resource_type)
    count = limits.default_page_size if request.count is None else max(request.count, 0)
    size = min(count, limits.max_page_size)
    start_index = max(request.start_index or 1, 1)
    made_for = cursors.fingerprint(
        resource_type.name, request.filter, str(sort.target) if sort else None, request.sort_order
    )
    start = None
    if request.cursor:
        sent = None if request.count is None else size
        start = cursors.decode(request.cursor, query=made_for, count=sent, now=now, key=cursor_key)
        size = start.page_size
    by_cursor = request.cursor is not None
    query = Query(
        filter=bound,
        sort=sort,
        offset=0 if by_cursor else start_index - 1,
        limit=size,
        by_cursor=by_cursor,
        after=start.position if start else None,
        count_total=start is None,
        skip_members=skip_members,
    )
    return Plan(
        query=query,
        start_index=start_index,
        page_size=size,
        fingerprint=made_for,
        cursor_key=cursor_key,
        now=now,
        known_total=start.total if start else None,
    )


def _sort(request: SearchRequest, resource_type: ResourceType) -> Sort | None:
    if request.sort_order is not None and request.sort_order.lower() not in _ORDERS:
        raise InvalidValue("sortOrder must be ascending or descending.")
    if not request.sort_by:
        return None
    path = parse_attribute_path(request.sort_by)
    target = resolve(path, resource_type) if path is not None else None
    target = _sortable(target) if target is not None else None
    if target is None:
        raise InvalidPath(f"{request.sort_by} cannot be sorted by.")
    descending = (request.sort_order or "").lower() == "descending"
    return Sort(target, descending)


_ORDERS = ("ascending", "descending")


def _sortable(target: Target) -> Target | None:
    """Return the simple attribute that a sort goes by, or None; complex ones mean their
    ``value``."""
    if target.leaf.returned == "never" or str(target) == "meta.location":
        return None
    if target.attribute.type == "complex" and target.sub is None:
        value = target.attribute.sub_attribute("value")
        return None if value is None else Target(target.attribute, value, target.extension)
    return target


@dataclass(frozen=True, slots=True)
class Found:
    """A page, and how it is shown."""

    page: Page
    view: View

    @property
    def is_large(self) -> bool:
        """Tell whether the resources are more than an answer is made of in one."""
        page = self.page
        return page.parts is not None or sum(map(len, page.texts)) > MAX_WHOLE

    def texts(self) -> list[str]:
        """Return each resource as JSON; not for large pages."""
        return self.view.texts(self.page.texts)

    def pieces(self) -> Iterator[Iterator[bytes]]:
        """Yield the pieces of each resource; those of one are taken before the next."""
        parts = map(Part, self.page.texts) if self.page.parts is None else self.page.parts
        return (self.view.pieces(part) for part in parts)


def list_response(planned: Plan, found: Found) -> Body:
    """Return the ListResponse of a page."""
    page = found.page
    total = page.total if page.total is not None else planned.known_total
    if total is not None:
        total = index(total)  # of a store of the project's: a number, or it is a fault
    start_index = None if planned.query.by_cursor else planned.start_index
    cursor = None
    if planned.query.by_cursor and page.next is not None:
        cursor = cursors.encode(
            cursors.Start(page.next, planned.page_size, total),
            query=planned.fingerprint,
            now=planned.now,
            key=planned.cursor_key,
        )
    return body_of([found], total=total, start_index=start_index, next_cursor=cursor)


def body_of(
    founds: Sequence[Found],
    *,
    total: int | None,
    start_index: int | None,
    next_cursor: str | None = None,
) -> Body:
    """Return the ListResponse of pages one after the other; what is None is left out."""
    facts = {"totalResults": total, "startIndex": start_index, "nextCursor": next_cursor}
    told = {name: value for name, value in facts.items() if value is not None}
    if any(found.is_large for found in founds):
        resources = chain.from_iterable(found.pieces() for found in founds)
        return _pieces({"schemas": [LIST_URN], **told}, resources)
    texts = [text for found in founds for text in found.texts()]
    head = orjson.dumps({"schemas": [LIST_URN], "itemsPerPage": len(texts), **told}).decode()
    return f'{head[:-1]},"Resources":[{",".join(texts)}]}}'.encode()


def _pieces(head: Resource, resources: Iterable[Iterator[bytes]]) -> Iterator[bytes]:
    """Yield a ListResponse; ``itemsPerPage`` is at its end, when it is known what was shown."""
    yield orjson.dumps(head)[:-1] + b',"Resources":['
    number = 0
    for pieces in resources:
        if number:
            yield b","
        yield from pieces
        number += 1
    yield f'],"itemsPerPage":{number}}}'.encode()
