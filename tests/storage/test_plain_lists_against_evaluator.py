"""The database answers filters on lists of plain values as the Python evaluator does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_scim_provider.core.filters.binding import bind
from django_scim_provider.core.filters.expressions import (
    AttributePath,
    Comparison,
    Filter,
    Present,
    ValuePath,
)
from django_scim_provider.core.filters.matching import matches
from django_scim_provider.core.filters.parsing import render
from django_scim_provider.core.folding import fold_resource
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.stored_text import id_of
from django_scim_provider.core.stores import Query
from django_scim_provider.registry import get_registry
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.store import UserStore
from tests.factories import make_connection
from tests.naming.schemas import TEAM_URN
from tests.storage.test_lookups_against_evaluator import everything
from tests.strategies import CORE, combined, operators, words

pytestmark = pytest.mark.django_db

numbers = st.integers(-1, 2)
teams = st.fixed_dictionaries(
    {},
    optional={
        "tags": st.lists(words, min_size=1, max_size=3),
        "codes": st.lists(words, min_size=1, max_size=3),
        "floors": st.lists(numbers, min_size=1, max_size=3),
    },
)


def _leaves(name: str, path: AttributePath) -> st.SearchStrategy[Filter]:
    of_numbers = name == "floors"
    ops = st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]) if of_numbers else operators
    compared = st.builds(Comparison, st.just(path), ops, numbers if of_numbers else words)
    return compared | st.builds(Present, st.just(path))


def _on(name: str) -> st.SearchStrategy[Filter]:
    bare, qualified = AttributePath(name), AttributePath(name, urn=TEAM_URN)
    within = combined(_leaves(name, AttributePath("value")), 3)
    selected = st.builds(ValuePath, st.sampled_from([bare, qualified]), within)
    whole = [_leaves(name, path) for path in (bare, qualified, AttributePath(name, "value"))]
    return st.one_of(selected, *whole)


filters = combined(st.sampled_from(["tags", "codes", "floors"]).flatmap(_on), 4)


@pytest.fixture
def store(scim_settings: Callable[..., None]) -> UserStore:
    scim_settings(EXTENSIONS={"User": ["tests.naming.schemas.TEAM"]})
    make_connection(provider_id="acme")
    people = get_registry().by_name("User").resource_type
    return UserStore(StoreContext(provider_id="acme"), people)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    held=st.lists(teams, min_size=1, max_size=4),
    trees=st.lists(filters, min_size=8, max_size=8),
)
def test_database_finds_what_the_evaluator_finds(
    store: UserStore, held: list[dict[str, Any]], trees: list[Filter]
) -> None:
    kind = store.resource_type
    with transaction.atomic():
        for number, team in enumerate(held):
            extension = {TEAM_URN: team} if team else {}
            store.create({"schemas": [CORE], "userName": f"user{number}", **extension})
        stored = [found.resource() for found in everything(store)]
        for tree in trees:
            bound = bind(tree, kind, GENERIC)
            expected = [r["id"] for r in stored if matches(bound, fold_resource(r, kind))]

            page = store.query(Query(filter=bound, limit=100))

            assert [id_of(text) for text in page.texts] == expected, render(tree)
            assert page.total == len(expected)
        transaction.set_rollback(True)
