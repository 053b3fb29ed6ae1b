"""The page of the recorder: who may do what, and what it shows."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider import ciphers
from django_scim_provider.admin.recorder_pages import recorder_page
from django_scim_provider.admin.run_pages import run_forms
from django_scim_provider.connections.recordings.recording_switch import (
    is_recorded,
    start_recording,
)
from django_scim_provider.models import ProviderConnection, ProvisioningEvent, RecordedExchange
from tests.administration import logged_in, staff, url
from tests.factories import make_connection
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


def address(connection: ProviderConnection, query: str = "") -> str:
    return url(ProviderConnection, "recorder", connection.pk) + query


def page_of(client: Client, connection: ProviderConnection, query: str = "") -> str:
    response = client.get(address(connection, query))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    content = response.content.decode()
    return str(content[content.index('<div class="scim-page">') :])


def actions() -> list[str]:
    return list(ProvisioningEvent.objects.order_by("pk").values_list("action", flat=True))


def test_it_is_switched_on_and_off_and_emptied(
    root: Client, acme: ProviderConnection, scim_client: SCIMTestClient
) -> None:
    assert "Nothing is kept." in page_of(root, acme)

    root.post(address(acme), {"do": "start", "hours": 3, "most": 7})
    acme.refresh_from_db()
    assert (is_recorded(acme), acme.recording_most) == (True, 7)
    scim_client.get("/Users")
    page = page_of(root, acme)
    assert "or until 7 requests are kept" in page
    assert "1 request is kept." in page
    assert "users.list" in page

    root.post(address(acme), {"do": "stop"})
    acme.refresh_from_db()
    assert not is_recorded(acme)

    root.post(address(acme), {"do": "erase"})
    assert not RecordedExchange.objects.exists()
    assert actions()[-3:] == ["start_recording", "stop_recording", "erase_recording"]


def test_each_page_of_the_connection_says_that_it_is_recorded(
    root: Client, acme: ProviderConnection
) -> None:
    told = 'Recorder <span class="scim-count">on</span>'
    other = url(ProviderConnection, "health", acme.pk)
    assert told not in root.get(other).content.decode()

    start_recording(acme, hours=1, most=9)

    assert told in root.get(other).content.decode()


@pytest.mark.parametrize("hours", [0, 25, "x"])
def test_form_holds_the_bounds(root: Client, acme: ProviderConnection, hours: Any) -> None:
    response = root.post(address(acme), {"do": "start", "hours": hours, "most": 7})

    acme.refresh_from_db()
    assert response.status_code == 200
    assert "Please correct the errors below." in response.content.decode()
    assert not is_recorded(acme)


def test_page_says_why_nothing_can_be_recorded(
    root: Client, acme: ProviderConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ciphers, "ENCRYPTION_AVAILABLE", False)

    page = page_of(root, acme)
    assert "install the extra “encryption”" in page
    assert 'value="start"' not in page

    root.post(address(acme), {"do": "start", "hours": 3, "most": 7})
    acme.refresh_from_db()
    assert not is_recorded(acme)


def test_reading_is_an_event(
    scim_client: SCIMTestClient, recorded: ProviderConnection, reader: Any
) -> None:
    answer = scim_client.get('/Users?filter=userName eq "<b>ann"')
    row = RecordedExchange.objects.get()

    page = page_of(logged_in(reader), recorded, f"?exchange={row.pk}")

    assert "&lt;b&gt;ann" in page
    assert "<b>ann" not in page
    event = ProvisioningEvent.objects.get(action="read_recording")
    assert (event.actor_id, event.request_id) == (reader.pk, answer.headers["X-Request-ID"])


@pytest.mark.parametrize("key", ["x", "0191f0ab-0000-7000-8000-000000000000"])
def test_no_such_exchange(root: Client, recorded: ProviderConnection, key: str) -> None:
    assert root.get(address(recorded, f"?exchange={key}")).status_code == 404


def test_exchange_of_another_connection_is_404(
    scim_client: SCIMTestClient, root: Client, recorded: ProviderConnection
) -> None:
    scim_client.get("/Users")
    other = make_connection(provider_id="other")
    key = RecordedExchange.objects.get().pk

    assert root.get(address(other, f"?exchange={key}")).status_code == 404
    posted = {"do": "replay", "exchange": key, "confirmed": "on"}
    assert root.post(address(other), posted).status_code == 404


def test_foreign_personal_connection_is_404(reader: Any) -> None:
    owner = get_user_model()._default_manager.create(username="owner")
    personal = make_connection(provider_id="personal", owner=owner)

    assert logged_in(reader).get(address(personal)).status_code == 404


def test_each_permission_does_what_it_says_and_no_more(
    scim_client: SCIMTestClient, recorded: ProviderConnection, reader: Any
) -> None:
    scim_client.get("/Users")
    key = RecordedExchange.objects.get().pk
    switches = logged_in(staff("switches", "view_providerconnection", "record_exchanges"))
    reads = logged_in(staff("reads", "view_providerconnection", "view_recorded_exchanges"))
    replays = logged_in(staff("replays", "view_providerconnection", "replay_recorded_exchanges"))
    nothing = logged_in(staff("nothing", "view_providerconnection"))
    asked = [
        ("GET", "", {}),
        ("GET", f"?exchange={key}", {}),
        ("POST", "", {"do": "stop"}),
        ("POST", "", {"do": "replay", "exchange": key}),
        ("POST", "", {"do": "sing"}),
    ]

    def statuses(client: Client) -> list[int]:
        return [
            client.generic("GET", address(recorded, query)).status_code
            if method == "GET"
            else client.post(address(recorded), data).status_code
            for method, query, data in asked
        ]

    assert statuses(nothing) == [403] * 5
    assert statuses(replays) == [403] * 5
    assert statuses(reads) == [200, 200, 403, 403, 404]
    assert statuses(switches) == [200, 403, 302, 403, 404]
    assert "users.list" not in page_of(switches, recorded)


def test_post_needs_the_csrf_token(recorded: ProviderConnection) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        staff("root2", is_superuser=True), backend="django.contrib.auth.backends.ModelBackend"
    )

    assert client.post(address(recorded), {"do": "stop"}).status_code == 403


def test_statements_do_not_grow_with_what_is_kept(
    scim_client: SCIMTestClient, root: Client, acme: ProviderConnection
) -> None:
    start_recording(acme, hours=1, most=100)
    scim_client.get("/Users")

    def statements() -> int:
        with CaptureQueriesContext(database) as seen:
            page_of(root, acme)
        return len(seen)

    page_of(root, acme)
    few = statements()
    for _ in range(8):
        scim_client.get("/Users")

    assert statements() == few


def test_list_has_pages(
    scim_client: SCIMTestClient,
    root: Client,
    recorded: ProviderConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recorder_page, "PAGE", 2)
    for _ in range(3):
        scim_client.get("/Users")

    assert 'href="?start=2"' in page_of(root, recorded)
    last = page_of(root, recorded, "?start=2")
    assert "Read request 3" in last
    assert "?start=3" not in last
    assert "Read request 1" in page_of(root, recorded, "?start=²")


@pytest.mark.django_db(transaction=True)
def test_trying_again_shows_then_and_now(
    scim_client: SCIMTestClient,
    recorded: ProviderConnection,
    reader: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_forms, "has_own_code", lambda: True)
    scim_client.create_user("ann@x.example")
    key = RecordedExchange.objects.get().pk
    client = logged_in(reader)

    refused = client.post(address(recorded), {"do": "replay", "exchange": key})
    assert "Please correct the errors below." in refused.content.decode()

    single = client.post(address(recorded), {"do": "replay", "exchange": key, "confirmed": "on"})
    every = client.post(address(recorded), {"do": "replay_all", "confirmed": "on"})

    page = single.content.decode()
    assert "201 → 409" in page
    assert "1 would be answered differently." in page
    assert "ann@x.example" in page
    assert "no-store" in single["Cache-Control"]
    assert "201 → 409" in every.content.decode()
    assert actions().count("replay_recording") == 2
    pages = (client.get(address(recorded, f"?exchange={key}")), single, every)
    titles = ["Recorded request 1", "Request 1, tried again", "All requests, tried again"]
    assert [each.context["title"] for each in pages] == titles


@pytest.mark.django_db(transaction=True)
def test_trying_again_waits_for_no_transaction_of_its_own_request(
    scim_client: SCIMTestClient,
    recorded: ProviderConnection,
    root: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scim_client.create_user("ann@x.example")
    monkeypatch.setitem(database.settings_dict, "ATOMIC_REQUESTS", True)

    page = root.post(address(recorded), {"do": "replay_all", "confirmed": "on"}).content.decode()

    assert "201 → 409" in page


def test_database_that_is_busy_is_told(
    root: Client, recorded: ProviderConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(recorder_page, "replay", busy)
    asked = {"do": "replay_all", "confirmed": "on"}

    page = root.post(address(recorded), asked, follow=True).content.decode()

    assert "The database was busy, and nothing was tried." in page


@pytest.mark.django_db(transaction=True)
def test_what_was_not_tried_is_told(
    scim_client: SCIMTestClient, recorded: ProviderConnection, root: Client, settings: Any
) -> None:
    scim_client.request("POST", "/Users", b"{")

    page = root.post(address(recorded), {"do": "replay_all", "confirmed": "on"}).content.decode()

    assert "Not tried: its body was not kept." in page


def test_what_cannot_be_read_any_more_is_told(
    scim_client: SCIMTestClient, recorded: ProviderConnection, root: Client, settings: Any
) -> None:
    scim_client.create_user("ann", nickName="n" * 100_000)
    row = RecordedExchange.objects.get()
    assert "It was cut" in page_of(root, recorded, f"?exchange={row.pk}")

    settings.SECRET_KEY_FALLBACKS = []
    RecordedExchange.objects.update(sealed="gAAAA")

    assert "It cannot be read any more" in page_of(root, recorded, f"?exchange={row.pk}")
