"""The export of events: every row as it is, memory as it was, and nothing that runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from django_scim_provider.insight import export as event_export
from django_scim_provider.insight.export import FIELDS, as_cell
from django_scim_provider.models import (
    ProvisioningEvent,
)
from django_scim_provider.models.moments import utc
from tests.events.listing import (
    EXPORT,
    LIST,
    exported,
    make_events,
    queries_of,
)
from tests.factories import make_connection
from tests.people import post
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


def test_export_holds_every_event_as_it_is(root: Client, scim_client: SCIMTestClient) -> None:
    post(scim_client, "ann")
    post(scim_client, "ann")
    answer: Any = root.get(EXPORT)

    rows = exported(root)

    events = ProvisioningEvent.objects.order_by("pk").values(*FIELDS)
    assert [list(row) for row in rows] == [list(FIELDS)] * 3
    for row, event in zip(rows, events, strict=True):
        assert row == {name: as_cell(value) for name, value in event.items()}
        assert datetime.fromisoformat(row["at"]) == utc(event["at"])
        assert (UUID(row["token_id"]) if row["token_id"] else None) == event["token_id"]
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in answer.headers["Cache-Control"]
    name = f"scim-events-{datetime.now(UTC).date().isoformat()}.csv"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_link_exports_what_the_list_shows(root: Client) -> None:
    make_connection()
    make_events(3)
    ProvisioningEvent.objects.filter(request_id="r1").update(outcome="failed")

    page = root.get(f"{LIST}?outcome__exact=failed&p=1")

    address = page.context["cl"].export_address
    assert address == f"{EXPORT}?outcome__exact=failed"
    assert address in page.content.decode()
    assert [row["request_id"] for row in exported(root, "?outcome__exact=failed")] == ["r1"]


def test_export_of_twelve_thousand_takes_a_query_for_each_chunk(root: Client) -> None:
    make_connection()
    make_events(12_000)
    few = queries_of(root, f"{EXPORT}?q=r1")
    many = queries_of(root, EXPORT)
    rows = exported(root)

    assert many - few == 12_000 // event_export.CHUNK
    keys = list(ProvisioningEvent.objects.order_by("at").values_list("pk", flat=True))
    assert [UUID(row["id"]) for row in rows] == keys


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_cell_is_never_a_formula(root: Client, first: str) -> None:
    make_connection()
    text = f'{first}HYPERLINK("http://x","y")'
    make_events(1, request_id=text)

    (row,) = exported(root)

    assert row["request_id"] == f"'{text}"
    assert as_cell(-1) == "'-1"
    assert as_cell("a=b") == "a=b"


def test_text_of_any_script_comes_back(root: Client) -> None:
    make_connection()
    make_events(1, changed='größe,名前,"quoted"')

    assert exported(root)[0]["changed"] == 'größe,名前,"quoted"'
