"""Failures on databases that no SQL of the app is written for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.insight.at_a_glance.tallies import SETTLED, tallies
from django_scim_provider.models import Failure, RequestTally
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.storage.failures import recording
from django_scim_provider.storage.failures.upserts import Change, Values
from tests.scim_client import CORE, SCIMTestClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("orm_alone")]
ANN = {"schemas": [CORE], "userName": "ann@x.example"}


def refuse(client: SCIMTestClient) -> None:
    assert client.request("POST", "/Users", ANN).status == 409


@pytest.fixture(autouse=True)
def taken(db: None) -> None:
    """Have somebody be in the way."""
    get_user_model().objects.create(username="ann@x.example")


def test_failure_is_one_line_however_often(scim_client: SCIMTestClient) -> None:
    for _ in range(3):
        refuse(scim_client)
    failure = Failure.objects.get()
    assert (failure.count, failure.state) == (3, "open")
    assert failure.first_at < failure.last_at


def test_failure_begins_anew_after_a_success(scim_client: SCIMTestClient) -> None:
    refuse(scim_client)
    Failure.objects.update(state="done", ended_at=datetime(2026, 1, 1, tzinfo=UTC))
    before = Failure.objects.get()
    refuse(scim_client)
    failure = Failure.objects.get()
    assert (failure.count, failure.state, failure.ended_at) == (1, "open", None)
    assert failure.first_at > before.first_at


def test_ignored_failure_stays_ignored(scim_client: SCIMTestClient) -> None:
    refuse(scim_client)
    Failure.objects.update(state="ignored")
    refuse(scim_client)
    failure = Failure.objects.get()
    assert (failure.count, failure.state) == (2, "ignored")


def test_change_of_somebody_else_in_between_has_it_begin_again(
    scim_client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(scim_client)
    tries: list[int] = []

    def count(old: Values, new: Values) -> int:
        tries.append(old["count"])
        if len(tries) == 1:
            Failure.objects.update(count=7)  # in the same transaction, so undone with it
        return 3

    counted = {**recording._upsert._changes, "count": Change("", count)}
    monkeypatch.setattr(recording._upsert, "_changes", counted)
    refuse(scim_client)
    assert tries == [1, 1]
    assert Failure.objects.get().count == 3


def test_tallies_of_days_are_kept_and_brought_up(scim_client: SCIMTestClient) -> None:
    refuse(scim_client)
    for days in (1, 2):
        now = utc_now() + timedelta(days=days, hours=2)
        kept = tallies(["acme"], now)["acme"]
        assert RequestTally.objects.get().until == kept.until == utc(now - SETTLED).date()
        assert sum(map(sum, kept.days)) == 1
