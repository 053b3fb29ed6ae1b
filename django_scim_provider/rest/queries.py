"""Query strings as search requests (RFC 7644 section 3.4.2, RFC 9865 section 2)."""

from __future__ import annotations

import re

from django.http import QueryDict

from django_scim_provider.core.engine import RequestOptions
from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.messages import SearchRequest

_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)


def search_request(query: QueryDict) -> SearchRequest:
    """Return the list request that a query string makes.

    Raises:
        InvalidValue: a number is none, or a parameter is given twice.
    """
    return SearchRequest(
        attributes=_names(query, "attributes"),
        excluded_attributes=_names(query, "excludedAttributes"),
        filter=_single(query, "filter"),
        sort_by=_single(query, "sortBy"),
        sort_order=_single(query, "sortOrder"),
        start_index=_number(query, "startIndex"),
        count=_number(query, "count"),
        cursor=_single(query, "cursor"),
    )


def request_options(query: QueryDict, meta: dict[str, str]) -> RequestOptions:
    """Return the projection parameters and preconditions of a request."""
    return RequestOptions(
        attributes=_names(query, "attributes") if query else None,
        excluded_attributes=_names(query, "excludedAttributes") if query else None,
        if_match=meta.get("HTTP_IF_MATCH"),
        if_none_match=meta.get("HTTP_IF_NONE_MATCH"),
    )


def _single(query: QueryDict, name: str) -> str | None:
    values = query.getlist(name)
    if len(values) > 1:
        raise InvalidValue(f"{name} may be given only once.")
    if values and "\x00" in values[0]:
        raise InvalidValue(f"{name} holds a NUL character.")
    return values[0] if values else None


def _number(query: QueryDict, name: str) -> int | None:
    text = _single(query, name)
    if text is None or not text.strip():
        return None
    if not _INTEGER.fullmatch(text.strip()):
        raise InvalidValue(f"{name} must be a whole number.")
    return int(text)


def _names(query: QueryDict, name: str) -> list[str] | None:
    names = [part.strip() for text in query.getlist(name) for part in text.split(",")]
    return [part for part in names if part] or None
