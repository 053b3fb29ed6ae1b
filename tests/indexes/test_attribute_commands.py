"""Indexes of the attributes that a project names: who makes, mends and drops them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test import Client

from django_scim_provider.checks.data import check_data
from django_scim_provider.core.filters.binding import bind_text
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import GROUP
from django_scim_provider.core.stores import Query
from django_scim_provider.registry import get_registry
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.sql.indexed import attribute_texts, in_place
from django_scim_provider.storage.sql.indexed.attribute_indexes import AttributeIndexes
from django_scim_provider.storage.store_context import StoreContext
from tests.extensions import WORKPLACE
from tests.factories import make_connection
from tests.health.pages import page
from tests.indexes.naming import DEPARTMENT, NAMED, Make, indexes, plans
from tests.indexes.plans import watched
from tests.planning import gather_statistics
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)


def test_again_does_nothing_and_undo_drops_them(make: Make) -> None:
    shown = make("--dry-run")
    assert indexes() == []

    assert make() == shown
    assert len(indexes()) == len(NAMED)
    assert make() == []

    make("--undo")
    assert indexes() == []


def test_what_is_named_no_more_is_dropped(make: Make) -> None:
    make()

    printed = make(named=["title"])

    assert all("DROP" in line for line in printed)
    (left,) = indexes()
    assert "title" in left


def test_attribute_that_has_an_index_anyway_gets_none(make: Make) -> None:
    make(named=["userName", "displayName", "urn:ietf:params:scim:schemas:core:2.0:User:title"])

    (made,) = indexes()
    assert "title" in made


def test_check_warns_until_they_are_made(make: Make, scim_settings: Any) -> None:
    def warned() -> list[str]:
        return [each.msg for each in check_data(["default"]) if each.id == "scim_provider.W026"]

    assert warned() == []
    scim_settings(INDEXED_ATTRIBUTES=NAMED)
    (message,) = warned()
    assert message.endswith(f"no index yet: title, name.middleName, {DEPARTMENT}.")

    make()

    assert warned() == []


def test_health_page_says_so_until_they_are_made(
    make: Make, scim_settings: Any, root: Client
) -> None:
    acme = make_connection()
    assert "Some searches are slow" not in page(root, acme)
    scim_settings(INDEXED_ATTRIBUTES=NAMED)
    shown = page(root, acme)
    assert "Some searches are slow" in shown
    assert f"the database lacks it: title, name.middleName, {DEPARTMENT}." in shown

    make()

    assert "Some searches are slow" not in page(root, acme)


def test_filters_go_on_where_somebody_drops_the_index(
    make: Make, scim_client: SCIMTestClient
) -> None:
    assert (
        scim_client.request("POST", "/Users", {"userName": "ann", "title": "Engineer"}).status
        == 201
    )
    make()
    path = "/Users?filter=title%20sw%20%22eng%22"
    assert scim_client.get(path).json["totalResults"] == 1
    known = dict(in_place._known)
    make("--undo")
    in_place._known.update(known)  # as in another process

    assert scim_client.get(path).json["totalResults"] == 1
    assert scim_client.get(f"{path}&sortBy=title&startIndex=1").json["totalResults"] == 1


def test_index_that_is_half_made_is_repaired(make: Make) -> None:
    if connection.vendor != "mysql":
        pytest.skip("two statements make one on MariaDB alone")
    add_column, *_ = [line for line in make("--dry-run") if "ADD COLUMN" in line]
    with connection.cursor() as cursor:
        cursor.execute(add_column.rstrip(";"))

    printed = make()

    assert "DROP COLUMN" in printed[0]
    assert len(indexes()) == len(NAMED)
    assert make() == []


def test_what_somebody_makes_at_this_moment_is_left_to_them(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        names = ["scim_index_attributes_title_1"]
        patched.setattr(AttributeIndexes, "being_made", lambda indexes: names)

        with pytest.raises(CommandError, match="at this moment"):
            make()


def test_extension_of_groups_may_be_named(make: Make, scim_settings: Any) -> None:
    scim_settings(EXTENSIONS={"Group": ["tests.extensions.WORKPLACE"]})
    path = f"{WORKPLACE.id}:desk"
    make(named=[path])
    make_connection(provider_id="acme")
    context = StoreContext(provider_id="acme")
    resource_type = get_registry().by_name("Group").resource_type
    store = GroupStore(context, resource_type)
    # So many that reading all is dearer than the index, whatever other tests have left behind.
    for number in range(200):
        schemas = [GROUP.schema.id, WORKPLACE.id]
        desk = f"Rome {number}" if number else "Oslo 7"
        held = {"displayName": f"g{number}", WORKPLACE.id: {"desk": desk}}
        store.create({"schemas": schemas, **held})
    gather_statistics()

    with watched() as seen:
        page = store.query(
            Query(filter=bind_text(f'{path} sw "os"', resource_type, GENERIC), limit=10)
        )

    assert len(page.texts) == 1
    assert len(indexes()) == 1
    assert attribute_texts.PREFIX in plans(seen)
