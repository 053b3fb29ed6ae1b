"""A filter that an index serves costs what it finds, however many people a connection has.

PostgreSQL is asked by ``test_connections_unknown_to_statistics``: it rightly reads tables whole
that are as small as those of a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from django_scim_provider.core.filters.binding import bind_text
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import GROUP as GROUP_SCHEMA
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import ResourceType
from django_scim_provider.core.stores import Query
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.store import UserStore
from tests.factories import make_account, make_connection
from tests.scim_client import CORE, GROUP

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor == "postgresql", reason="plans by statistics"),
]

FEW, MANY = 40, 400
PEOPLE = [
    'userName eq "user7@x.example"',
    'userName sw "user7@"',
    'externalId eq "ext-7"',
    'name.familyName eq "Family7."',
    'name.familyName sw "Family7."',
    'name.familyName sw "Family7." and active eq true',
    'name.givenName eq "Given7" and name.familyName eq "Family7."',
    'displayName eq "Display 7"',
    'emails.value eq "user7@x.example"',
    'emails.value sw "user7@"',
    'emails[type eq "work" and value eq "user7@x.example"]',
    'emails[type eq "work"].value eq "user7@x.example"',
]
GROUPS = [
    'displayName eq "Group 7"',
    'externalId eq "ext-7"',
    'displayName eq "Group 7" and externalId eq "ext-7"',
]


def make_people(numbers: range) -> None:
    for number in numbers:
        address = f"user{number}@x.example"
        content = {
            "schemas": [CORE],
            "userName": address,
            "externalId": f"ext-{number}",
            "name": {"familyName": f"Family{number}.", "givenName": f"Given{number}"},
            "displayName": f"Display {number}",
            "active": True,
            "emails": [{"value": address, "type": "work"}],
        }
        make_account("acme", content, number)


def make_groups(numbers: range) -> None:
    groups = GroupStore(StoreContext(provider_id="acme"))
    for number in numbers:
        held = {"displayName": f"Group {number}", "externalId": f"ext-{number}"}
        groups.create({"schemas": [GROUP], **held})


@contextmanager
def rows_read() -> Iterator[Callable[[], int]]:
    """Yield what returns how much a database has read: rows of MariaDB, tens of steps of SQLite."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        steps = [0]

        def step() -> int:
            steps[0] += 1
            return 0

        connection.connection.set_progress_handler(step, 10)
        yield lambda: steps[0]
        connection.connection.set_progress_handler(None, 10)
    else:

        def read() -> int:
            with connection.cursor() as cursor:
                cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
                return sum(int(count) for _, count in cursor.fetchall())

        yield read


def costs(store: Any, schema: ResourceType, filters: list[str]) -> dict[str, int]:
    """Return what each filter read, which finds one resource."""
    found = {}
    with rows_read() as read:
        for text in filters:
            query = Query(filter=bind_text(text, schema, GENERIC), limit=10)
            before = read()
            page = store.query(query)
            found[text] = read() - before
            assert page.total == len(page.texts) == 1, text
    return found


@pytest.mark.parametrize(
    ("kind", "schema", "make", "filters"),
    [(UserStore, USER, make_people, PEOPLE), (GroupStore, GROUP_SCHEMA, make_groups, GROUPS)],
    ids=["people", "groups"],
)
def test_work_does_not_grow_with_what_there_is(
    kind: type[Any], schema: ResourceType, make: Callable[[range], None], filters: list[str]
) -> None:
    make_connection(provider_id="acme")
    store = kind(StoreContext(provider_id="acme"))
    make(range(FEW))
    costs(store, schema, filters)  # compiles
    few = costs(store, schema, filters)

    make(range(FEW, MANY))
    many = costs(store, schema, filters)

    assert {text: (few[text], cost) for text, cost in many.items() if cost > 2 * few[text]} == {}
