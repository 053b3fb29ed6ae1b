"""Prints the cursors that a client has who has read so many people of a database.

    python -m benchmarks.projects.deep_cursors COUNT READ ...

COUNT is the length of its pages. The cursors of ours are made by the app's own code, with the key
that it signs them by; the floor's are numbers. The other projects have none.
"""

from __future__ import annotations

import argparse
import json
import os

import django
from django.db import connection


def main() -> None:
    """Print a list of texts as JSON, one for each READ."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", type=int)
    parser.add_argument("read", type=int, nargs="+")
    arguments = parser.parse_args()
    django.setup()
    made = floor_cursor if os.environ["BENCHMARK_PROJECT"] == "floor" else own_cursor
    print(json.dumps([made(arguments.count, read) for read in arguments.read]))


def floor_cursor(count: int, read: int) -> str:
    """Return the number of the last one who was read."""
    with connection.cursor() as cursor:
        last = "SELECT number FROM floor_person ORDER BY number LIMIT 1 OFFSET %s"
        cursor.execute(last, [read - 1])
        (number,) = cursor.fetchone()
    return str(number)


def own_cursor(count: int, read: int) -> str:
    """Return the cursor that the app shows with the page that ends there."""
    from benchmarks.seed import CONNECTION
    from django_scim_provider.core.listing import cursors
    from django_scim_provider.core.messages import SearchRequest
    from django_scim_provider.core.stores import Position
    from django_scim_provider.models import LinkedAccount
    from django_scim_provider.registry import get_registry
    from django_scim_provider.storage.store_context import StoreContext

    registry = get_registry()
    engine = registry.engine_for(registry.by_name("User"), StoreContext(provider_id=CONNECTION))
    planned, found = engine.find(SearchRequest(cursor="", count=count))
    keys = LinkedAccount.objects.of(CONNECTION).order_by("pk").values_list("pk", flat=True)
    return cursors.encode(
        cursors.Start(Position(str(keys[read - 1])), count, found.page.total),
        query=planned.fingerprint,
        now=planned.now,
        key=planned.cursor_key,
    )


if __name__ == "__main__":
    main()
