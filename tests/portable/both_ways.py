"""The same queries by SQL of the app's own and by the ORM alone, over the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connections

from django_scim_provider.core.filters.binding import bind_text
from django_scim_provider.core.filters.parsing import parse_attribute_path
from django_scim_provider.core.filters.resolving import resolve
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.stores import Page, Query, ResourceStore, Sort
from django_scim_provider.storage.portable import narrowing, relations, scanning
from django_scim_provider.storage.sql import vendors
from django_scim_provider.storage.sql.statements import by_orm as statements
from django_scim_provider.storage.sql.vendors.portable import Portable


class Optimistic(Portable):
    """A database where nobody waits for a row, as MongoDB."""

    is_optimistic = True


@contextmanager
def by_orm(using: str = DEFAULT_DB_ALIAS, kind: type[Portable] = Portable) -> Iterator[None]:
    """Let the database be one that the app has no SQL for."""
    connection = connections[using]
    before, made = vendors.vendor_of(using), kind(connection)
    names: tuple[Any, ...] = (using, (using, connection.vendor))
    vendors._known.update(dict.fromkeys(names, made))
    try:
        yield
    finally:
        vendors._known.update(dict.fromkeys(names, before))


def small_batches(monkeypatch: pytest.MonkeyPatch, size: int = 2) -> None:
    """Read so few rows at once that each list takes several batches."""
    for module in (statements, narrowing, relations, scanning):
        monkeypatch.setattr(module, "BATCH", size)


def shown(page: Page) -> Any:
    """Return all of a page."""
    if page.parts is None:
        return list(page.texts), page.total, page.next
    parts = [(part.text, [list(batch) for batch in part.values]) for part in page.parts]
    return parts, page.total, page.next


def same_by_both(store: ResourceStore, query: Query) -> Any:
    """Return the page that both ways find; they have to agree on all of it."""
    expected = store.query(query)
    complete = shown(expected)
    with by_orm():
        assert shown(store.query(query)) == complete
    return complete


def asked(store: ResourceStore, text: str | None, **more: Any) -> Query:
    """Return the query of a filter as clients write it; ``sort_by`` is the path of an attribute."""
    kind = store.resource_type
    bound = None if text is None else bind_text(text, kind, GENERIC)
    sort, descending = more.pop("sort_by", None), more.pop("descending", False)
    if sort is not None:
        path = parse_attribute_path(sort)
        assert path is not None
        target = resolve(path, kind, GENERIC)
        assert target is not None
        more["sort"] = Sort(target, descending)
    return Query(filter=bound, **{"limit": 100, **more})


def same_pages(store: ResourceStore, text: str | None, **more: Any) -> int:
    """Compare a list as a whole, its number, pages by index and by cursor; return the number."""
    _, total, _ = same_by_both(store, asked(store, text, **more))
    same_by_both(store, asked(store, text, **{**more, "limit": 0}))
    for offset in (1, 3):
        same_by_both(store, asked(store, text, **{**more, "limit": 2, "offset": offset}))
    position, counts = None, True
    while counts or position is not None:
        place = {"by_cursor": True, "after": position, "count_total": counts, "limit": 2}
        _, _, position = same_by_both(store, asked(store, text, **{**more, **place}))
        counts = False
    return int(total)
