"""Pages of long texts, whatever ids stand in them: an imported id is not the key of its row."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.core.stored_text import id_of
from django_scim_provider.core.stores import Page, Query
from django_scim_provider.models import LinkedAccount
from django_scim_provider.storage.sql.large_pages import MAX_SHORT
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.store import UserStore
from tests.factories import make_account, make_connection
from tests.scim_client import CORE

pytestmark = pytest.mark.django_db

IDS = ["1", "x" * 300, 'quo"ted', "back\\slash", "zwölf", "7:8", '","meta":{}}']


@pytest.fixture
def store() -> UserStore:
    """Return a store of users whose ids came from elsewhere; every other one is long."""
    make_connection(provider_id="acme")
    for number, id in enumerate(IDS):
        resource = {"schemas": [CORE], "userName": f"u{number}"}
        if number % 2 == 0:
            resource["displayName"] = "é" * MAX_SHORT
        key = make_account("acme", resource, number)
        row = LinkedAccount.objects.get(pk=key)
        row.resource = orjson.dumps({**orjson.loads(row.resource), "id": id}).decode()
        row.save()
    return UserStore(StoreContext(provider_id="acme"))


def shown(page: Page) -> list[str]:
    texts = page.texts if page.parts is None else [part.text for part in page.parts]
    names = [orjson.loads(text)["userName"] for text in texts]
    assert names == [f"u{IDS.index(id_of(text))}" for text in texts]
    return [id_of(text) for text in texts]


@pytest.mark.parametrize("offset", [0, 2])
def test_page_shows_long_texts_of_any_id(store: UserStore, offset: int) -> None:
    page = store.query(Query(limit=50, offset=offset))

    assert page.parts is not None
    assert shown(page) == IDS[offset:]


def test_cursor_goes_on_behind_a_text_of_any_id(store: UserStore) -> None:
    found: list[str] = []
    after: Any = None
    for _ in IDS:
        page = store.query(Query(limit=1, by_cursor=True, after=after))
        found += shown(page)
        after = page.next

    assert (found, after) == (IDS, None)


def test_long_texts_do_not_come_with_their_page(store: UserStore) -> None:
    with CaptureQueriesContext(connection) as noted:
        page = store.query(Query(limit=50))
        found = len(noted)
        shown(page)

    assert (found, len(noted)) == (1, 2)


def test_long_text_that_is_deleted_meanwhile_is_left_out(store: UserStore) -> None:
    page = store.query(Query(limit=50))
    LinkedAccount.objects.get(user_name="u0").delete()

    assert shown(page) == IDS[1:]
