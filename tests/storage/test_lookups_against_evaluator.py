"""The database answers every filter as the Python evaluator does, on whichever database runs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_scim_provider.core.filters.binding import bind
from django_scim_provider.core.filters.expressions import Filter
from django_scim_provider.core.filters.matching import matches
from django_scim_provider.core.filters.parsing import parse, render
from django_scim_provider.core.folding import fold_resource
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.stored_text import id_of
from django_scim_provider.core.stores import Query, Sort
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.store import UserStore
from tests.core.in_memory import InMemoryStore
from tests.factories import make_account, make_connection
from tests.strategies import CORE, contents, filters

pytestmark = pytest.mark.django_db

SORTED_BY = [
    "title",
    "userName",
    "name.familyName",
    "emails.value",
    "phoneNumbers",
    "roles.display",
]


@pytest.fixture
def store() -> UserStore:
    make_connection(provider_id="acme")
    return UserStore(StoreContext(provider_id="acme"))


def fill(store: UserStore, people: list[dict[str, Any]]) -> None:
    for number, person in enumerate(people):
        resource = {"schemas": [CORE], "userName": f"{'aAbB'[number % 4]}{number}", **person}
        if number % 2:
            resource["externalId"] = f"E{number}"
        make_account("acme", resource, number)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    people=st.lists(contents, min_size=1, max_size=5),
    trees=st.lists(filters, min_size=8, max_size=8),
)
def test_database_finds_what_the_evaluator_finds(
    store: UserStore, people: list[dict[str, Any]], trees: list[Filter]
) -> None:
    with transaction.atomic():
        fill(store, people)
        stored = [found.resource() for found in everything(store)]
        for tree in trees:
            bound = bind(tree, USER, GENERIC)
            expected = [r["id"] for r in stored if matches(bound, fold_resource(r, USER))]

            page = store.query(Query(filter=bound, limit=100))

            assert [id_of(text) for text in page.texts] == expected, render(tree)
            assert page.total == len(expected)
        transaction.set_rollback(True)


def everything(store: UserStore) -> list[Any]:
    keys = store.accounts.order_by("pk").values_list("pk", flat=True)
    return [found for key in keys if (found := store.get(str(key))) is not None]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(people=st.lists(contents, min_size=4, max_size=7), descending=st.booleans())
def test_database_sorts_as_the_evaluator_does(
    store: UserStore, people: list[dict[str, Any]], descending: bool
) -> None:
    with transaction.atomic():
        fill(store, people)
        oracle = InMemoryStore()
        oracle.rows = {found.id: found for found in everything(store)}
        for name in SORTED_BY:
            target = bind(parse(f'{name} eq "x"'), USER, GENERIC).target  # type: ignore[union-attr]  # a comparison
            sort = Sort(target, descending)
            expected = [id_of(text) for text in oracle.query(Query(sort=sort, limit=50)).texts]

            whole = store.query(Query(sort=sort, limit=50))
            paged, position = [], None
            for _ in range(len(people)):
                page = store.query(Query(sort=sort, limit=2, by_cursor=True, after=position))
                paged += [id_of(text) for text in page.texts]
                position = page.next
                if position is None:
                    break

            assert [id_of(text) for text in whole.texts] == expected, name
            assert paged == expected, name
        transaction.set_rollback(True)
