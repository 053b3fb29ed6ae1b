"""Pages by index show what stands behind the rows before them, which are not made for that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import Target
from django_scim_provider.core.stores import Page, Query, Sort
from django_scim_provider.models import LinkedAccount
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.sql import compiled_pages
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.store import UserStore
from tests.factories import make_account, make_connection
from tests.scim_client import CORE, GROUP

pytestmark = pytest.mark.django_db

PEOPLE = 7
USER_NAME = USER.core_attribute("userName")
assert USER_NAME is not None
BY_NAME = Sort(Target(USER_NAME))


@pytest.fixture
def store() -> UserStore:
    """Return the store of a connection whose people are made in turn with those of another."""
    for provider_id in ("acme", "other"):
        make_connection(provider_id=provider_id)
    for number in range(2 * PEOPLE):
        content = {"schemas": [CORE], "userName": f"u{number // 2}"}
        make_account("acme" if number % 2 else "other", content, number)
    return UserStore(StoreContext(provider_id="acme", base_url="https://x.example/scim/v2"))


def names(page: Page) -> list[str]:
    accounts = LinkedAccount.objects.of("acme").values_list("pk", "user_name")
    known = {str(pk): name for pk, name in accounts}
    return [name for text in page.texts for pk, name in known.items() if pk in text]


@pytest.mark.parametrize("sort", [None, BY_NAME], ids=["by-key", "sorted"])
@pytest.mark.parametrize("deep", [0, 100], ids=["deep", "shallow"])
def test_each_page_is_a_slice_of_everything(
    store: UserStore, monkeypatch: pytest.MonkeyPatch, sort: Sort | None, deep: int
) -> None:
    monkeypatch.setattr(compiled_pages, "DEEP_OFFSET", deep)
    everyone = [f"u{number}" for number in range(PEOPLE)]

    for offset in (*range(PEOPLE + 2), 2**31):
        for limit in (1, 3, PEOPLE, PEOPLE + 1):
            page = store.query(Query(sort=sort, offset=offset, limit=limit))

            assert (names(page), page.total) == (everyone[offset : offset + limit], PEOPLE)


def test_page_that_does_not_tell_the_total_does_not_count(store: UserStore) -> None:
    page = store.query(Query(offset=2, limit=2, count_total=False))

    assert (names(page), page.total) == (["u2", "u3"], None)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="others skip rows unmade")
@pytest.mark.parametrize("sort", [None, BY_NAME], ids=["by-key", "sorted"])
def test_groups_of_skipped_users_are_not_read(
    store: UserStore, monkeypatch: pytest.MonkeyPatch, sort: Sort | None
) -> None:
    monkeypatch.setattr(compiled_pages, "DEEP_OFFSET", 4)
    GroupStore(store.context).create({"schemas": [GROUP], "displayName": "g"})
    with CaptureQueriesContext(connection) as noted:
        store.query(Query(sort=sort, offset=4, limit=2))
    sql = next(each["sql"] for each in noted.captured_queries if "OFFSET 4" in each["sql"])

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        ((found,),) = cursor.fetchall()

    told = [
        node["Actual Loops"]
        for node in nodes(found[0]["Plan"])
        if node["Node Type"] == "Aggregate" and node.get("Subplan Name")
    ]
    assert told
    assert max(told) <= 3
