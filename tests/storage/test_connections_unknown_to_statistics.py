"""Work for a connection, whatever the database's statistics know of it.

PostgreSQL takes a connection that came after the last ANALYZE for one without rows, and reads for
each row of one table all of its rows in another one, if it may. Of one that it knows it may go
through the rows of all connections, in the order of keys, until a page is full.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection

from django_scim_provider.core.filters.binding import bind_text
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import Target
from django_scim_provider.core.stores import Query, Sort
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.store import UserStore
from tests.factories import make_account, make_connection
from tests.indexes.plans import watched
from tests.planning import gather_statistics, plan_of
from tests.scim_client import CORE, ENTERPRISE

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="others plan without statistics"),
]

PEOPLE = 120
MANY = 1500
"""Of another connection: as many rows as PostgreSQL does not read whole, seldom and by index."""
LINEAR = 30 * PEOPLE
"""Rows that the nodes of a plan may make and refuse: a few times each row of the connection."""
DEPARTMENT = f"{ENTERPRISE}:department"
BY_KEY = re.compile(r'CASE WHEN \S*"provider_id" = %s THEN')
LED = re.compile(r'"provider_id" = %s')
CONTAINED = '{"":"new",'
"""One of the two stands in each statement: else it would read the rows of all connections."""


def person(number: int) -> dict[str, Any]:
    return {
        "schemas": [CORE, ENTERPRISE],
        "userName": f"user{number}@{number % 7}.example",
        "name": {"familyName": f"Family{number}", "givenName": "Given"},
        "displayName": f"Given Family{number}",
        "title": "Engineer",
        "active": True,
        "emails": [
            {"value": f"user{number}@work.example", "type": "work", "display": "x"},
            {"value": f"user{number}@home.example", "type": "home"},
        ],
        ENTERPRISE: {"department": "Sales"},
    }


@pytest.fixture(params=["never-analysed", "known-for-another", "known-and-last"])
def store(request: pytest.FixtureRequest) -> UserStore:
    """Return the store of a connection that came after the statistics, or after most people."""
    others = {"known-for-another": 2 * PEOPLE, "known-and-last": MANY}.get(request.param, 0)
    if others:
        make_connection(provider_id="old")
        for number in range(others):
            make_account("old", person(number), number)
        gather_statistics()
    make_connection(provider_id="new")
    for number in range(PEOPLE):
        make_account("new", person(10_000 + number), 10_000 + number)
    if request.param == "known-and-last":
        gather_statistics()
    return UserStore(StoreContext(provider_id="new"))


def sort(name: str, sub: str | None = None, *, descending: bool = False) -> Sort:
    attribute = USER.core_attribute(name)
    assert attribute is not None
    return Sort(
        Target(attribute, None if sub is None else attribute.sub_attribute(sub)),
        descending=descending,
    )


SORTS = (
    None,
    sort("displayName"),
    sort("userName"),
    sort("name", "familyName", descending=True),
    sort("meta", "lastModified"),
)


EXPRESSIONS = [
    None,
    'emails.display eq "x"',
    'emails[type eq "work" and display co "x"]',
    'emails.value sw "user"',
    'emails.value co "work"',
    "emails pr",
    'name.familyName sw "family"',
    'name.familyName co "fam"',
    'displayName ew "9"',
    'title eq "Engineer"',
    'title sw "eng"',
    'not (title eq "boss")',
    f'{DEPARTMENT} gt "a" and active eq true',
    f'{DEPARTMENT} eq "Sales" and emails.value sw "user"',
    'title eq "Engineer" or userName sw "user"',
    'meta.lastModified gt "2011-05-13T04:42:34Z"',
    'meta.lastModified ne "2011-05-13T04:42:34Z"',
    "meta.lastModified pr",
    'userName sw "user"',
    "title pr",
    'emails[type eq "work"]',
    '(name.familyName eq "family10007" and name.givenName eq "given") and userName sw "user"',
    '(title eq "Boss" and userName pr) and active eq true',
    '(emails.value eq "a@x.example" or emails.value eq "b@x.example") and active eq true',
    'externalId eq "nobody" and title eq "Engineer"',
    'userName sw "user10007" and title eq "Engineer"',
]


def test_work_grows_with_the_connection(store: UserStore) -> None:
    beyond = [line for expression in EXPRESSIONS for line in beyond_linear(store, expression)]

    assert not beyond, "\n\n".join(beyond)


def beyond_linear(store: UserStore, expression: str | None) -> list[str]:
    """Return the plans that read more than the connection has, for a filter in every order."""
    bound = None if expression is None else bind_text(expression, USER, GENERIC)
    queries = [
        Query(filter=bound, sort=order, offset=offset, limit=10, by_cursor=by_cursor)
        for order in SORTS
        for offset, by_cursor in ((0, False), (100, False), (0, True))
    ]
    with watched() as seen:
        for query in queries:
            assert store.query(query).total == PEOPLE or expression is not None

    statements = [each for each in seen.all if "linkedaccount" in each[0]]
    assert len(statements) >= len(queries)
    for sql, values in statements:
        assert LED.search(BY_KEY.sub("", sql)) or CONTAINED in str(values), sql
    plans = {sql.partition(" FROM ")[2]: plan_of(sql, values) for sql, values in statements}
    return [
        "\n".join([str(expression), sql, *nodes])
        for sql, (rows, nodes) in plans.items()
        if rows > LINEAR
    ]
