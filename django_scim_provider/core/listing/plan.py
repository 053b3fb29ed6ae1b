"""From a list request to a storable query, and from a page to a ListResponse (section 3.4.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import index

import orjson

from django_scim_provider.core.errors import InvalidPath, InvalidValue
from django_scim_provider.core.filters.binding import bind_text, is_hidden, simple_target
from django_scim_provider.core.filters.parsing import parse_attribute_path
from django_scim_provider.core.filters.resolving import resolve
from django_scim_provider.core.listing import cursors
from django_scim_provider.core.listing.cursors import CursorKey
from django_scim_provider.core.messages import SearchRequest
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import Resource, ResourceType
from django_scim_provider.core.showing import View
from django_scim_provider.core.stores import Page, Part, Query, Sort
from django_scim_provider.core.urns import LIST_URN

# Below it, joining texts is faster than sending them by pieces.
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

    def page_size(self, count: int | None) -> int:
        """Return how many resources a page has at most, where ``count`` are asked for."""
        # Section 3.4.2.4, and RFC 9865 section 2 with a cursor: a negative count is 0, which asks
        # for the total alone; fewer than asked for may come, never more.
        wanted = self.default_page_size if count is None else max(count, 0)
        return min(wanted, self.max_page_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A query, and what its answer needs beside the page."""

    query: Query
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
    profile: Profile,
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
        bound = bind_text(request.filter, resource_type, profile)
    sort = _sort(request, resource_type, profile)
    size = limits.page_size(request.count)
    # A position means something in one order of one result only. The projection may change from
    # page to page.
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
        # Section 3.4.2.4: a startIndex below 1 is 1.
        offset=0 if by_cursor else max(request.start_index or 1, 1) - 1,
        limit=size,
        by_cursor=by_cursor,
        after=start.position if start else None,
        # Counted for the first page and carried on by the cursor: on large tables counting is the
        # dearest part of a page.
        count_total=start is None,
        skip_members=skip_members,
    )
    return Plan(
        query=query,
        fingerprint=made_for,
        cursor_key=cursor_key,
        now=now,
        known_total=start.total if start else None,
    )


def _sort(request: SearchRequest, resource_type: ResourceType, profile: Profile) -> Sort | None:
    # Checked even without sortBy, so that a typing error does not show up only later.
    order = "ascending" if request.sort_order is None else request.sort_order.lower()
    if order not in ("ascending", "descending"):
        raise InvalidValue("sortOrder must be ascending or descending.")
    if not request.sort_by:
        return None
    path = parse_attribute_path(request.sort_by)
    target = resolve(path, resource_type, profile) if path is not None else None
    simple = simple_target(target) if target is not None and not is_hidden(target) else None
    if target is None and path is not None and profile.ignore_unknown_sort:
        return None
    if simple is None:
        raise InvalidPath(f"{request.sort_by} cannot be sorted by.")
    return Sort(simple, descending=order == "descending")


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
    query = planned.query
    # With a cursor nobody knows how many come before the page.
    start_index = None if query.by_cursor else query.offset + 1
    cursor = None
    # RFC 9865 section 2: a count of 0 asks for the total alone, and no page of none goes on.
    if query.by_cursor and query.limit and page.next is not None:
        cursor = cursors.encode(
            cursors.Start(page.next, query.limit, total),
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
    # Ten thousand members in each of a thousand groups do not fit into memory at once.
    if any(found.is_large for found in founds):
        resources = chain.from_iterable(found.pieces() for found in founds)
        return _pieces({"schemas": [LIST_URN], **told}, resources)
    texts = [text for found in founds for text in found.texts()]
    head = orjson.dumps({"schemas": [LIST_URN], "itemsPerPage": len(texts), **told}).decode()
    # Spliced: the texts are JSON already.
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
