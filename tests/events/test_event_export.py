"""The export of events: every row as it is, memory as it was, and nothing that runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from django_scim_provider.insight import export as event_export
from django_scim_provider.insight.downloads import as_cell
from django_scim_provider.insight.export import FIELDS
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
    days = [datetime.now(UTC).date()]
    answer: Any = root.get(EXPORT)
    days.append(datetime.now(UTC).date())  # midnight may have come

    rows = exported(root)

    # Its own event is not in an export, that of the one before is.
    events = list(ProvisioningEvent.objects.order_by("pk").values(*FIELDS))[:-1]
    assert [row["action"] for row in rows[-3:]] == ["create", "create", "export_events"]
    assert [list(row) for row in rows] == [list(FIELDS)] * len(events)
    for row, event in zip(rows, events, strict=True):
        assert row == {name: as_cell(value) for name, value in event.items()}
        assert datetime.fromisoformat(row["at"]) == utc(event["at"])
        assert (UUID(row["token_id"]) if row["token_id"] else None) == event["token_id"]
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in answer.headers["Cache-Control"]
    names = [f'attachment; filename="scim-events-{day.isoformat()}.csv"' for day in days]
    assert answer.headers["Content-Disposition"] in names


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
    make_events(1)
    exported(root)  # from now on there is somebody to name in the list
    few = queries_of(root, EXPORT)
    make_events(11_999)
    many = queries_of(root, EXPORT)
    rows = exported(root)

    assert many - few == 12_000 // event_export.CHUNK
    keys = list(ProvisioningEvent.objects.order_by("at", "pk").values_list("pk", flat=True))
    assert [UUID(row["id"]) for row in rows] == keys[:-1]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_cell_is_never_a_formula(root: Client, first: str) -> None:
    make_connection()
    text = f'{first}HYPERLINK("http://x","y")'
    make_events(1, request_id=text)

    (row,) = exported(root)

    assert row["request_id"] == f"'{text}"
    assert as_cell(-1) == "'-1"
    assert as_cell("a=b") == "a=b"


@pytest.mark.parametrize("between", [";", "; ", "\n", "\r", "\t"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d"])
def test_cell_that_others_part_begins_no_formula(between: str, sign: str) -> None:
    assert as_cell(f'a"{between}{sign}1') == f"a\"{between}'{sign}1"
    assert as_cell(f"{sign}1") == f"'{sign}1"
    assert as_cell(f"a{between}b") == f"a{between}b"


def test_text_of_any_script_comes_back(root: Client) -> None:
    make_connection()
    make_events(1, changed='größe,名前,"quoted"')

    assert exported(root)[0]["changed"] == 'größe,名前,"quoted"'
