"""Times of resources and rows in a project without time zones."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from django_scim_provider.core.stores import Position, Query, Sort
from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.models.moments import MomentField, as_held, utc
from django_scim_provider.storage.store_context import StoreContext
from tests.factories import make_connection
from tests.inventory.models import Scanner
from tests.inventory.scanners import SCANNER_URN, SCANNERS, ScannerStore
from tests.moments.hours import SUMMER, WINTER, at
from tests.scim_client import SCIMTestClient
from tests.test_resource_columns import target_of

pytestmark = pytest.mark.django_db


def names(client: SCIMTestClient, expression: str = "userName pr", **more: Any) -> list[str]:
    found = client.find(expression, **more)
    assert found.status == 200, found.text
    return [user["userName"] for user in found.json["Resources"]]


def test_times_on_the_wire_are_utc(both: SCIMTestClient) -> None:
    metas = [user["meta"] for user in both.get("/Users").json["Resources"]]

    assert [meta["created"] for meta in metas] == [
        "2026-10-25T00:50:00.000Z",
        "2026-10-25T01:10:00.000Z",
    ]


def test_the_hour_that_comes_twice_is_told_apart(both: SCIMTestClient) -> None:
    assert names(both, 'meta.lastModified gt "2026-10-25T01:00:00Z"') == ["winter"]
    assert names(both, 'meta.created le "2026-10-25T02:50:00+02:00"') == ["summer"]
    assert names(both, 'meta.created eq "2026-10-25T02:10:00+01:00"') == ["winter"]
    assert names(both, sortBy="meta.lastModified", sortOrder="descending") == ["winter", "summer"]


@pytest.mark.parametrize("order", ["ascending", "descending"])
def test_cursors_walk_through_the_hour(both: SCIMTestClient, order: str) -> None:
    query: dict[str, Any] = {"sortBy": "meta.created", "sortOrder": order, "count": 1}
    seen = []
    with at(WINTER):
        cursor: str | None = ""
        while cursor is not None:
            page = both.find("userName pr", **query, cursor=cursor).json
            seen += [user["userName"] for user in page["Resources"]]
            cursor = page.get("nextCursor")

    assert seen == (["summer", "winter"] if order == "ascending" else ["winter", "summer"])


def test_columns_give_what_other_fields_of_the_project_give(both: SCIMTestClient) -> None:
    summer, winter = LinkedAccount.objects.order_by("pk")

    assert (summer.created_at, summer.created_at.fold) == (datetime(2026, 10, 25, 2, 50), 0)
    assert (winter.created_at, winter.created_at.fold) == (datetime(2026, 10, 25, 2, 10), 1)
    assert [utc(each.created_at) for each in (summer, winter)] == [SUMMER, WINTER]


def test_saved_row_has_what_it_would_be_read_with() -> None:
    connection = make_connection(drift_checked_at=WINTER)

    read = ProviderConnection.objects.get()
    assert (connection.drift_checked_at, connection.drift_checked_at.fold) == (
        read.drift_checked_at,
        1,
    )
    assert timezone.is_naive(connection.created_at)


@pytest.mark.parametrize("given", [WINTER, as_held, str], ids=["aware", "naive", "text"])
def test_lookups_take_any_kind_of_time(given: Any) -> None:
    make_connection(drift_checked_at=WINTER)
    moment = given if isinstance(given, datetime) else given(WINTER)
    before = make_connection(provider_id="other", drift_checked_at=SUMMER)

    found = ProviderConnection.objects.filter(drift_checked_at__gte=moment)
    assert [each.provider_id for each in found] == ["acme"]
    assert before not in found


def test_empty_column_stays_empty() -> None:
    assert make_connection().decommissioned_at is None
    assert MomentField().get_prep_value(None) is None


def test_change_in_the_hour_is_later_than_what_it_changes(both: SCIMTestClient) -> None:
    summer = both.find('userName eq "summer"').json["Resources"][0]
    with at(WINTER):
        both.patch(f"/Users/{summer['id']}", {"op": "add", "path": "title", "value": "x"})

    meta = both.get(f"/Users/{summer['id']}").json["meta"]
    assert (meta["created"], meta["lastModified"]) == (
        "2026-10-25T00:50:00.000Z",
        "2026-10-25T01:10:00.000Z",
    )


def test_groups_and_own_types_carry_utc(both: SCIMTestClient) -> None:
    with at(SUMMER):
        group = both.request("POST", "/Groups", {"displayName": "all"}).json
        stored, _ = ScannerStore(StoreContext(provider_id="acme"), SCANNERS.resource_type).create(
            {"schemas": [SCANNER_URN], "serialNumber": "1"}
        )
    with at(WINTER):
        both.patch(f"/Groups/{group['id']}", {"op": "add", "path": "externalId", "value": "x"})
        ScannerStore(StoreContext(provider_id="acme"), SCANNERS.resource_type).update(
            stored.id, lambda held: {**json.loads(held.text), "displayName": "new"}
        )

    metas = [
        both.get(f"/Groups/{group['id']}").json["meta"],
        json.loads(Scanner.objects.get().resource)["meta"],
    ]
    assert {meta["created"] for meta in metas} == {"2026-10-25T00:50:00.000Z"}
    assert {meta["lastModified"] for meta in metas} == {"2026-10-25T01:10:00.000Z"}


def test_own_columns_of_a_project_are_compared_as_it_has_them() -> None:
    make_connection()
    store = ScannerStore(StoreContext(provider_id="acme"), SCANNERS.resource_type)
    for number, bought in enumerate(["2026-01-31T12:00:00Z", "2026-01-31T12:30:00+01:00"]):
        scanner = {"schemas": [SCANNER_URN], "serialNumber": str(number), "boughtAt": bought}
        store.create(scanner)
    sort = Sort(target_of("boughtAt"))
    first = store.query(Query(sort=sort, limit=1, by_cursor=True))

    assert Scanner.objects.get(serial_number="0").bought_at == datetime(2026, 1, 31, 13)
    assert isinstance(first.next, Position)
    behind = store.query(Query(sort=sort, limit=1, by_cursor=True, after=first.next))
    assert [json.loads(text)["serialNumber"] for text in (*first.texts, *behind.texts)] == [
        "1",
        "0",
    ]
