"""Tokens, and what people and operators see, in a project without time zones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken
from rest_framework_simplejwt.tokens import RefreshToken

from django_scim_provider.insight.at_a_glance.activities import activity_of, latest_failures
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.models.moments import as_held, local, utc, utc_now
from django_scim_provider.revokers import revoke_simplejwt
from django_scim_provider.signals import before_scim_token_generated
from django_scim_provider.tokens.service import generate_scim_token
from django_scim_provider.tokens.verification import verify_token
from tests.administration import logged_in, staff
from tests.factories import make_token
from tests.management.conftest import Person
from tests.moments.hours import SUMMER, WINTER, at
from tests.people import make_user, post
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


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


def test_events_count_on_the_days_of_utc(both: SCIMTestClient) -> None:
    with at(datetime(2026, 10, 24, 22, 30, tzinfo=UTC)):
        post(both, "after midnight in Berlin")
    with at(WINTER):
        activity = activity_of(ProviderConnection.objects.get(), utc_now())

    assert activity.days[-1].date.isoformat() == "2026-10-25"
    assert activity.days[-1].counts.done == 2
    assert activity.days[-2].counts.done == 1


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=2)])
def test_latest_failure_is_the_latest(both: SCIMTestClient, later: timedelta) -> None:
    for moment in (SUMMER, WINTER):
        with at(moment):
            post(both, "winter")
    with at(WINTER + later):
        connection = ProviderConnection.objects.get()
        found = latest_failures(connection, activity_of(connection, utc_now()))

    assert [utc(event.at) for event in found] == [WINTER, SUMMER]


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
