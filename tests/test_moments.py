"""Times in a project without time zones, where an hour comes twice when clocks are put back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken
from rest_framework_simplejwt.tokens import RefreshToken

from django_scim_provider.core.stores import Position, Query, Sort
from django_scim_provider.insight.activity import activity_of
from django_scim_provider.models import LinkedAccount, ProviderConnection, SCIMToken
from django_scim_provider.models.moments import MomentField, as_held, local, utc, utc_now
from django_scim_provider.revokers import revoke_simplejwt
from django_scim_provider.signals import before_scim_token_generated
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.tokens import rows
from django_scim_provider.tokens.service import generate_scim_token
from django_scim_provider.tokens.verification import verify_token
from tests.administration import logged_in, staff
from tests.factories import make_connection, make_token
from tests.inventory.models import Scanner
from tests.inventory.scanners import SCANNER_URN, SCANNERS, ScannerStore
from tests.management.conftest import Person
from tests.people import make_user, post
from tests.scim_client import SCIMTestClient
from tests.test_resource_columns import target_of

pytestmark = pytest.mark.django_db

SUMMER = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
"""02:50 in Berlin, ten minutes before clocks are put back."""
WINTER = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
"""02:10 in Berlin, twenty minutes later."""


@pytest.fixture(autouse=True)
def naive(settings: Any) -> Iterator[None]:
    """Turn time zones off; what was compiled for a token's row converts as it was compiled."""
    settings.TIME_ZONE = "Europe/Berlin"
    settings.USE_TZ = False
    rows._statement.cache_clear()
    yield
    rows._statement.cache_clear()


def at(moment: datetime) -> Any:
    """Travel by a number: a zone that comes along with a time would become the machine's."""
    return time_machine.travel(moment.timestamp(), tick=False)


@pytest.fixture
def both() -> SCIMTestClient:
    """Return a client with a user of each of the hours that look alike."""
    with at(SUMMER):
        client = SCIMTestClient(make_token())
        client.create_user("summer")
    with at(WINTER):
        client.create_user("winter")
    return client


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


def test_clocks_put_back_keep_no_token_alive() -> None:
    with at(SUMMER):
        token, wire = generate_scim_token("acme", expires_in=timedelta(minutes=15))
        assert verify_token(wire)
    with at(WINTER):
        assert verify_token(wire) is None
        assert not SCIMToken.objects.live().exists()

    assert token.expires_at is not None
    assert (token.expires_at, token.expires_at.fold) == (datetime(2026, 10, 25, 2, 5), 1)


def test_hooks_see_times_as_the_project_has_them() -> None:
    seen = []

    def look(*, token: SCIMToken, **more: Any) -> None:
        seen.append(token.expires_at)

    before_scim_token_generated.connect(look)
    try:
        generate_scim_token("acme", expires_in=timedelta(days=1))
    finally:
        before_scim_token_generated.disconnect(look)

    assert seen[0] > timezone.now()


def test_use_of_a_token_is_noted_in_time(scim_settings: Any) -> None:
    scim_settings(LAST_USED_INTERVAL=60)
    with at(SUMMER):
        client = SCIMTestClient(make_token())
        client.get("/Users")
    with at(WINTER):
        client.get("/Users")

    used = SCIMToken.objects.get().last_used_at
    assert used is not None
    assert utc(used) == WINTER


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


def test_events_count_on_the_days_of_the_project(both: SCIMTestClient) -> None:
    with at(datetime(2026, 10, 24, 22, 30, tzinfo=UTC)):
        post(both, "after midnight in Berlin")
    with at(WINTER):
        activity = activity_of(ProviderConnection.objects.get(), utc_now())

    assert activity.days[-1].date.isoformat() == "2026-10-25"
    assert activity.days[-1].counts.done == 3
    assert activity.days[-2].counts.done == 0


def test_latest_failure_is_the_latest(both: SCIMTestClient) -> None:
    for moment in (SUMMER, WINTER):
        with at(moment):
            post(both, "winter")
    with at(WINTER):
        last = activity_of(ProviderConnection.objects.get(), utc_now()).last_problem_at

    assert last == WINTER


def test_events_are_pruned_by_their_age(both: SCIMTestClient) -> None:
    with at(SUMMER + timedelta(days=1, minutes=10)):
        call_command("scim_prune_events", older_than=1, verbosity=0)
        connection = ProviderConnection.objects.get()

    assert [event.action for event in connection.events.order_by("pk")] == ["create"]


def test_status_is_told_in_utc(both: SCIMTestClient) -> None:
    told = StringIO()
    with at(WINTER):
        call_command("scim_status", json=True, stdout=told)

    assert json.loads(told.getvalue())[0]["last_contact"] == "2026-10-25T01:10:00Z"


@pytest.mark.parametrize("use_tz", [True, False], ids=["zones", "none"])
def test_management_api_answers_in_utc(settings: Any, use_tz: bool) -> None:
    settings.USE_TZ = use_tz
    rows._statement.cache_clear()
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DATETIME_FORMAT": "%d.%m.%Y"}
    with at(WINTER):
        ann = Person(make_user("ann"))
        ann.generate(expiresIn=60)
        tokens = ann.get("list-tokens", providerId="acme").json
        events = ann.get("list-events", providerId="acme").json
        connections = ann.get("list-provider-connections").json

    text = json.dumps([tokens, events, connections])
    assert '"expiresAt": "2026-10-25T01:11:00Z"' in text
    assert '"at": "2026-10-25T01:10:00Z"' in text
    assert text.count('"createdAt": "2026-10-25T01:10:00Z"') == 2


def test_pages_of_the_admin_load(both: SCIMTestClient) -> None:
    browser = logged_in(staff("root", is_superuser=True))
    connection = ProviderConnection.objects.get()
    with at(WINTER):
        pages = [
            browser.get(f"/admin/scim_provider/{model}/")
            for model in ("providerconnection", "scimtoken", "linkedaccount", "provisioningevent")
        ]
        pages += _pages_of(browser, connection)

    assert {page.status_code for page in pages} == {200}


def _pages_of(browser: Client, connection: ProviderConnection) -> list[Any]:
    own = f"/admin/scim_provider/providerconnection/{connection.pk}"
    token, event = SCIMToken.objects.get(), connection.events.first()
    assert event is not None
    return [
        *(browser.get(f"{own}/{page}/") for page in ("change", "health", "drift")),
        browser.get(f"/admin/scim_provider/scimtoken/{token.pk}/change/"),
        browser.get(f"/admin/scim_provider/provisioningevent/{event.pk}/change/"),
    ]


def test_simplejwt_writes_naive_times_in_utc() -> None:
    user = make_user("ann")
    with at(WINTER):
        token = RefreshToken.for_user(user)
    with at(WINTER + token.lifetime - timedelta(minutes=30)):
        revoke_simplejwt(user=user, using="default")

    assert BlacklistedToken.objects.count() == 1


def test_time_is_shown_to_people_in_their_zone() -> None:
    assert local(WINTER).isoformat() == "2026-10-25T02:10:00+01:00"
    assert local(as_held(SUMMER)).isoformat() == "2026-10-25T02:50:00+02:00"


def test_naive_time_is_taken_where_the_project_has_zones(settings: Any) -> None:
    settings.USE_TZ = True

    assert as_held(datetime(2026, 1, 1)) == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert as_held(WINTER) is WINTER
