"""From a list request to a storable query, and from a page to a ListResponse (section 3.4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import index

import orjson

from django_scim_provider.core import cursors
from django_scim_provider.core.binding import bind_text, resolve
from django_scim_provider.core.cursors import CursorKey
from django_scim_provider.core.errors import InvalidPath, InvalidValue
from django_scim_provider.core.messages import SearchRequest
from django_scim_provider.core.parsing import parse_attribute_path
from django_scim_provider.core.schema import ResourceType, Target
from django_scim_provider.core.stores import Page, Query, Sort

LIST_URN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_HEAD = f'{{"schemas":["{LIST_URN}"],'


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Page sizes: what a request without ``count`` gets, and the most that any gets."""

    default_page_size: int = 100
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


def list_response(planned: Plan, page: Page, resources: Sequence[str]) -> bytes:
    """Return the ListResponse of a page; ``resources`` are JSON texts."""
    total = page.total if page.total is not None else planned.known_total
    parts = [_HEAD]
    if total is not None:
        parts.append(f'"totalResults":{int(index(total))},')
    parts.append(f'"itemsPerPage":{len(resources)},')
    if not planned.query.by_cursor:
        parts.append(f'"startIndex":{planned.start_index},')
    elif page.next is not None:
        cursor = cursors.encode(
            cursors.Start(page.next, planned.page_size, total),
            query=planned.fingerprint,
            now=planned.now,
            key=planned.cursor_key,
        )
        parts.append(f'"nextCursor":{orjson.dumps(cursor).decode()},')
    parts.append('"Resources":[')
    parts.append(",".join(resources))
    parts.append("]}")
    return "".join(parts).encode()
