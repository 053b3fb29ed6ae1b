"""Lists of users by the ORM alone are those that SQL finds."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_scim_provider.core.filters.binding import bind
from django_scim_provider.core.filters.expressions import Filter
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.stores import Query
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.store import UserStore
from tests.factories import make_account, make_connection
from tests.portable.both_ways import same_by_both, same_pages, small_batches
from tests.storage.test_lookups_against_evaluator import SORTED_BY, fill
from tests.strategies import CORE, contents, filters

pytestmark = pytest.mark.django_db
LONG = "n" * 130
PEOPLE: list[dict[str, Any]] = [
    {"userName": "Ann", "externalId": "1", "title": "b", "name": {"familyName": LONG}},
    {"userName": "anna", "title": "B", "emails": [{"value": "A@x.example", "type": "work"}]},
    {"userName": "bob", "externalId": "2", "active": False, "name": {"familyName": LONG + "x"}},
    {"userName": "Béa", "emails": [{"value": "b@x.example"}, {"value": "a@x.example"}]},
    {"userName": "an ", "externalId": "10", "displayName": "Ann", "name": {"givenName": "a"}},
    {"userName": "a\U0010ffff", "title": "a", "phoneNumbers": [{"value": "1"}, {"value": "0"}]},
]
FILTERS = [
    None,
    *('userName eq "ANN"', 'userName ne "ann"', 'userName sw "an"', 'userName ew "A"'),
    *('userName co "n"', 'userName gt "ann"', 'userName le "ann"', 'userName sw "a\U0010ffff"'),
    *('userName sw ""', 'userName co ""', "userName pr", "not (userName pr)"),
    *('externalId eq "2"', 'externalId ne "2"', "externalId pr", "not (externalId pr)"),
    *('externalId gt "1"', 'not (externalId gt "1")', 'id ne "x"', "id pr", "not (id pr)"),
    *("active eq true", "active ne true", "active pr", "not (active eq true)"),
    *(f'name.familyName eq "{LONG}"', f'name.familyName sw "{LONG}"', "name.familyName pr"),
    *(f'name.familyName ne "{LONG}"', f'name.familyName gt "{LONG}"', 'name.familyName sw "n"'),
    *('name.givenName eq "A"', 'name[givenName eq "a"]', 'displayName eq "ann"', "name pr"),
    *('displayName pr or externalId eq "1"', 'displayName eq "ann" and userName eq "an "'),
    *('emails.value eq "a@X.example"', 'emails.value sw "b"', 'emails.value co "@x"', "emails pr"),
    *('emails[type eq "work" and value eq "a@x.example"]', 'emails[type ne "work"]'),
    *('emails[value eq "a@x.example" and display pr]', 'emails.value ne "b@x.example"'),
    *('emails.value eq "a@x.example" or userName eq "bob"', 'emails[not (type eq "work")]'),
    *('emails.value eq "a@x.example" or emails.value eq "b@x.example"', 'title eq "b"'),
    *('emails.value eq "a@x.example" and title pr', 'title eq "b" or userName eq "bob"'),
    *('userName sw "a" and (externalId pr or title eq "a")', 'phoneNumbers eq "0"'),
    *('meta.lastModified gt "2020-01-01T00:00:00Z"', 'meta.created lt "2020-01-01T00:00:00Z"'),
    *('meta.lastModified ge "2020-01-01T00:00:00.0005Z"', 'meta.created ne "2020-01-01T00:00:00Z"'),
    *('meta.created co "T"', 'meta.resourceType eq "User"', 'not (emails.value eq "b@x.example")'),
]
SORTS = ["id", "userName", "externalId", "meta.created", "meta.lastModified", "active", "title"]


@pytest.fixture
def store() -> UserStore:
    make_connection(provider_id="acme")
    return UserStore(StoreContext(provider_id="acme"))


@pytest.fixture
def people(store: UserStore) -> UserStore:
    """Return the store with people, and with somebody of another connection."""
    make_connection(provider_id="other")
    for number, person in enumerate(PEOPLE):
        make_account("acme", {"schemas": [CORE], **person}, number)
    make_account("other", {"schemas": [CORE], **PEOPLE[1], "externalId": "1"}, 99)
    return store


@pytest.mark.parametrize("size", [2, 500])
def test_filters_find_the_same(
    people: UserStore, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    small_batches(monkeypatch, size)
    found = [same_pages(people, text) for text in FILTERS]
    assert set(found) > {0, 1, 2, 5, 6}


def test_filters_find_the_same_where_keys_are_too_many(
    people: UserStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("narrowing", "relations"):
        monkeypatch.setattr(f"django_scim_provider.storage.portable.{module}.MOST_KEYS", 1)
    assert sum(same_pages(people, text) for text in FILTERS)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort_by", [*SORTS, *SORTED_BY])
def test_orders_are_the_same(
    people: UserStore, sort_by: str, descending: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_batches(monkeypatch)
    for text in (None, 'userName sw "a"', 'title pr or externalId eq "2"'):
        assert same_pages(people, text, sort_by=sort_by, descending=descending) > 2


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    held=st.lists(contents, min_size=1, max_size=5),
    trees=st.lists(filters, min_size=8, max_size=8),
)
def test_any_filter_finds_the_same(
    store: UserStore, held: list[dict[str, Any]], trees: list[Filter]
) -> None:
    with transaction.atomic():
        fill(store, held)
        for tree in trees:
            bound = bind(tree, USER, GENERIC)
            same_by_both(store, Query(filter=bound, limit=100))
            same_by_both(store, Query(filter=bound, limit=1, by_cursor=True))
        transaction.set_rollback(True)
