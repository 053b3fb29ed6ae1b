"""An index leads to a page that is sorted by a name: nobody sorts the people of a connection."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from django_scim_provider.core.filters.binding import bind_text
from django_scim_provider.core.filters.expressions import BoundPresent
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.stored_text import id_of
from django_scim_provider.core.stores import Query, Sort
from django_scim_provider.models import LinkedAccount
from django_scim_provider.models.accounts import MAX_BEGINNING
from django_scim_provider.storage.sql.paging import is_served
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.filter_columns import user_columns
from django_scim_provider.storage.users.store import UserStore
from tests.core.in_memory import InMemoryStore
from tests.factories import make_account, make_connection
from tests.indexes.plans import watched
from tests.scim_client import CORE

pytestmark = pytest.mark.django_db

INDEXES = {
    "name.familyName": "scim_account_family_name",
    "name.givenName": "scim_account_given_name",
    "displayName": "scim_account_display_name",
}
LONG = "n" * MAX_BEGINNING


def sorted_by(name: str, *, descending: bool = False) -> Sort:
    found = bind_text(f"{name} pr", USER, GENERIC)
    assert isinstance(found, BoundPresent)
    return Sort(found.target, descending)


@pytest.fixture
def store() -> UserStore:
    make_connection(provider_id="acme")
    return UserStore(StoreContext(provider_id="acme"))


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("name", INDEXES)
def test_index_leads_to_the_page(store: UserStore, name: str, descending: bool) -> None:
    query = Query(sort=sorted_by(name, descending=descending), limit=10)
    is_by_index = vendor_of("default").sorts_by_beginnings
    assert is_served(query, user_columns("acme", ""), LinkedAccount, "default") is is_by_index
    if not is_by_index:
        return
    with watched() as seen:
        store.query(query)

    plan = plan_of(*next(each for each in seen.all if "ORDER BY" in each[0]))

    assert INDEXES[name] in plan
    assert "Incremental Sort" in plan  # of those that begin alike


def plan_of(sql: str, parameters: Any) -> str:
    """Return how the database would answer, where there were many rows."""
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {sql}", parameters)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.parametrize("descending", [False, True])
def test_order_is_that_of_whole_names(store: UserStore, descending: bool) -> None:
    names = [f"{LONG}b", LONG, None, f"{LONG}a", LONG[:-1], "z", None, f"{LONG}b", "a", "é", "Z"]
    for number, name in enumerate(names):
        held = {} if name is None else {"name": {"familyName": name}, "displayName": name}
        make_account("acme", {"schemas": [CORE], "userName": f"u{number}", **held}, number)
    oracle = InMemoryStore()
    for key in store.accounts.values_list("pk", flat=True):
        found = store.get(str(key))
        assert found is not None
        oracle.rows[found.id] = found
    for attribute in ("name.familyName", "displayName"):
        sort = sorted_by(attribute, descending=descending)
        expected = [id_of(text) for text in oracle.query(Query(sort=sort, limit=50)).texts]

        whole = [id_of(text) for text in store.query(Query(sort=sort, limit=50)).texts]
        walked: list[str] = []
        position = None
        while True:
            page = store.query(Query(sort=sort, limit=2, by_cursor=True, after=position))
            walked += [id_of(text) for text in page.texts]
            position = page.next
            if position is None:
                break

        assert whole == expected
        assert walked == expected
