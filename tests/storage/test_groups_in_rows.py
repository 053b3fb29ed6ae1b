"""What ``groups`` shows is the same whether a user's row tells it or it is read apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import Target
from django_scim_provider.core.stores import Page, Query, Sort
from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.sql.large_pages import MAX_SHORT
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.base import Vendor
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.rendering import MAX_TOLD, GroupsOfUsers
from django_scim_provider.storage.users.store import UserStore
from tests.factories import make_account, make_connection
from tests.scim_client import CORE, GROUP

pytestmark = pytest.mark.django_db

ODD = [
    'quo"ted',
    "back\\slash\\",
    "percent%20 %s %",
    "tab\tline\nreturn\rbell\x07del\x7funit\x1f",
    "\u2028\u2029</script>",
    "zwölf \U0001f469\u200d\U0001f4bb",
    "[1]",
    "1",
    "blank ",
]


@pytest.fixture
def store() -> UserStore:
    make_connection(provider_id="acme")
    return UserStore(StoreContext(provider_id="acme", base_url="https://x.example/scim/v2"))


def make_people(number: int) -> list[Any]:
    people = [{"schemas": [CORE], "userName": f"u{n}"} for n in range(number)]
    return [make_account("acme", content, n) for n, content in enumerate(people)]


def make_groups(names: Sequence[str], *members: Any, child: Any = None) -> list[Any]:
    """Store groups that have their names as SCIM ids too, with these accounts in each."""
    store, keys = GroupStore(StoreContext(provider_id="acme")), []
    for name in names:
        made, _ = store.create({"schemas": [GROUP], "displayName": name})
        key = UUID(made.id)
        # Whatever importers may have brought: rules for ids are not asked here.
        ProvisionedGroup.objects.filter(pk=key).update(scim_id=name)
        rows = [GroupMember(group_id=key, account_id=member) for member in members]
        if child is not None:
            rows.append(GroupMember(group_id=key, child_id=child))
        GroupMember.objects.bulk_create(rows)
        keys.append(key)
    return keys


def read_apart(store: UserStore) -> list[str]:
    """Return all users as they are shown where no row tells anything."""
    texts = LinkedAccount.objects.order_by("pk").values_list("resource", flat=True)
    found = GroupsOfUsers(store.context).few(list(texts), [True] * len(texts))
    assert found is not None
    return found


def shown(page: Page) -> list[str]:
    assert page.parts is None
    return list(page.texts)


def counted(run: Callable[[], Any]) -> tuple[Any, int]:
    with CaptureQueriesContext(connection) as noted:
        found = run()
    return found, len(noted)


def test_odd_ids_and_names_are_shown_the_same(store: UserStore) -> None:
    keys = make_people(3)
    make_groups(ODD, *keys[:2])
    make_groups(["plain"], *keys[1:])

    found, queries = counted(lambda: store.query(Query(limit=9)))

    assert shown(found) == read_apart(store)
    assert queries == 1
    groups = orjson.loads(found.texts[0])["groups"]
    assert [(group["value"], group["display"]) for group in groups] == [(odd, odd) for odd in ODD]


@pytest.mark.parametrize("number", [MAX_TOLD - 1, MAX_TOLD, MAX_TOLD + 1, 2 * MAX_TOLD])
def test_row_tells_so_many_groups_and_no_more(store: UserStore, number: int) -> None:
    (key,) = make_people(1)
    make_groups([f"g{n}" for n in range(number)], key)

    found, queries = counted(lambda: store.get(str(key)))

    assert [found.text] == read_apart(store)
    assert len(orjson.loads(found.text)["groups"]) == number
    assert queries == (1 if number <= MAX_TOLD else 2)


def test_row_tells_no_long_text(store: UserStore) -> None:
    (key,) = make_people(1)
    name = "\U0001f469" * 250
    make_groups([f"{n}{name}" for n in range(MAX_SHORT // 1000 + 1)], key)

    found, queries = counted(lambda: store.get(str(key)))

    assert [found.text] == read_apart(store)
    assert queries == 2


def test_groups_that_others_hold_are_read_with_these(store: UserStore) -> None:
    keys = make_people(4)
    (inner,) = make_groups(["inner"], keys[0])
    (middle,) = make_groups(["middle"], keys[1], child=inner)
    make_groups(["outer"], keys[0], keys[2], child=middle)
    make_groups(["apart"], *keys[:3])

    found, queries = counted(lambda: store.query(Query(limit=9)))

    assert shown(found) == read_apart(store)
    assert queries == 2
    groups = [orjson.loads(text).get("groups", ()) for text in found.texts]
    assert [[(group["value"], group["type"]) for group in each] for each in groups] == [
        [("inner", "direct"), ("outer", "direct"), ("apart", "direct"), ("middle", "indirect")],
        [("middle", "direct"), ("apart", "direct"), ("outer", "indirect")],
        [("outer", "direct"), ("apart", "direct")],
        [],
    ]


def test_older_groups_come_first_whoever_joined_when(store: UserStore) -> None:
    (key,) = make_people(1)
    first, second = make_groups(["first", "second"])
    for group in (second, first):
        GroupMember.objects.create(group_id=group, account_id=key)

    found = store.get(str(key))

    assert found is not None
    assert [group["value"] for group in orjson.loads(found.text)["groups"]] == ["first", "second"]


def test_vendor_that_tells_nothing_has_them_read(
    store: UserStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = make_people(2)
    make_groups(["g"], keys[0])
    monkeypatch.setattr(type(vendor_of(connection)), "rows_as_json", Vendor.rows_as_json)
    user_name = USER.core_attribute("userName")
    assert user_name is not None
    by_name = Query(limit=9, sort=Sort(Target(user_name)))

    # Only the general way asks the vendor for each query.
    found, queries = counted(lambda: store.query(by_name))

    assert shown(found) == read_apart(store)
    assert queries == 2
