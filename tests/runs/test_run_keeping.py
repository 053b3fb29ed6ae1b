"""One run at a time, one that died stands in nobody's way, and old ones go."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError
from django.db.models import F

from django_scim_provider.admin.run_pages.run_rows import row_of
from django_scim_provider.insight import run_keeping
from django_scim_provider.insight.run_keeping import (
    KEPT,
    PATIENCE,
    SILENCE,
    RunTakenAway,
    SignsOfLife,
    begin_run,
    end_run,
    find_run,
    recent_runs,
    take_up,
    wait_for_worker,
)
from django_scim_provider.models import CheckRun, ProviderConnection, ProvisioningEvent
from django_scim_provider.models.moments import utc_now
from django_scim_provider.models.upkeep.check_runs import CLAIMED
from tests.factories import make_connection
from tests.parallel import in_parallel
from tests.runs.conftest import Begin

pytestmark = pytest.mark.django_db
States = CheckRun.State


def be_silent(run: CheckRun, time: timedelta = SILENCE) -> None:
    CheckRun.objects.filter(pk=run.pk).update(heard_at=utc_now() - time - timedelta(seconds=1))


def test_one_of_a_kind_runs_at_a_time(acme: ProviderConnection, begin: Begin) -> None:
    run = begin("drift")

    assert begin_run(acme, "drift", {}) is None
    assert begin_run(acme, "doctor", {}) is not None
    assert begin_run(make_connection(provider_id="other"), "drift", {}) is not None

    assert end_run(run, States.DONE, {})
    assert begin_run(acme, "drift", {}) is not None


@pytest.mark.django_db(transaction=True)
def test_of_two_starters_one_starts(acme: ProviderConnection) -> None:
    started = in_parallel(4, lambda _: begin_run(acme, "drift", {}))

    assert sum(run is not None for run in started) == 1
    assert CheckRun.objects.filter(claim=CLAIMED).count() == 1
    assert ProvisioningEvent.objects.filter(action="run_drift").count() == 1


def test_killed_run_is_shown_as_ended_and_replaced(acme: ProviderConnection, begin: Begin) -> None:
    killed = begin("drift")
    assert recent_runs(acme)[0].state == States.RUNNING

    be_silent(killed)
    (shown,) = recent_runs(acme)
    assert shown.state == States.LOST
    assert shown.ended_at == shown.heard_at

    after = begin_run(acme, "drift", {})
    assert after is not None
    killed.refresh_from_db()
    assert (killed.state, killed.claim) == (States.LOST, killed.pk)
    assert not end_run(killed, States.DONE, {"late": True})
    assert find_run(killed.pk) is None
    assert find_run(after.pk) == after


def test_run_in_a_queue_waits_for_an_hour(acme: ProviderConnection, begin: Begin) -> None:
    waiting = begin("drift")
    wait_for_worker(waiting)

    be_silent(waiting)
    (shown,) = recent_runs(acme)
    assert shown.state == States.WAITING
    assert row_of(shown).summary == "It begins as soon as a worker of the project is free."
    assert begin_run(acme, "drift", {}) is None

    take_up(waiting)
    (shown,) = recent_runs(acme)
    assert shown.state == States.RUNNING

    wait_for_worker(waiting)
    be_silent(waiting, PATIENCE)
    (shown,) = recent_runs(acme)
    assert shown.state == States.LOST
    assert begin_run(acme, "drift", {}) is not None
    waiting.refresh_from_db()
    assert waiting.state == States.LOST


def test_latest_are_kept(acme: ProviderConnection) -> None:
    for _ in range(KEPT + 3):
        run = begin_run(acme, "drift", {})
        assert run is not None
        end_run(run, States.DONE, {})

    assert CheckRun.objects.count() == KEPT
    assert recent_runs(acme)[0] == run


def test_start_is_an_event(acme: ProviderConnection, admin_user: Any) -> None:
    begin_run(acme, "doctor", {}, admin_user)

    event = ProvisioningEvent.objects.get()
    assert (event.action, event.actor_id) == ("run_doctor", admin_user.pk)


def test_fault_that_is_no_second_start_is_told(
    acme: ProviderConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise IntegrityError("of the project's")

    monkeypatch.setattr(run_keeping, "record_management", refuse)

    with pytest.raises(IntegrityError):
        begin_run(acme, "drift", {})


@pytest.mark.django_db(transaction=True)
def test_signs_of_life_say_how_far_it_is(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_keeping, "INTERVAL", 0.01)
    run = begin("drift")
    be_silent(run)

    with SignsOfLife(run) as signs:
        signs.note(3, 7)
        for _ in range(1000):
            seen = CheckRun.objects.get(pk=run.pk)
            if seen.done == 3:
                break
            threading.Event().wait(0.01)

    assert (seen.done, seen.total) == (3, 7)
    assert not run_keeping.is_silent(seen)


@pytest.mark.django_db(transaction=True)
def test_run_that_was_taken_away_stops(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_keeping, "INTERVAL", 0.01)
    run = begin("drift")
    CheckRun.objects.filter(pk=run.pk).update(claim=F("pk"))

    with SignsOfLife(run) as signs:
        assert signs._away.wait(60)
        with pytest.raises(RunTakenAway):
            signs.note(1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
def test_database_that_is_busy_or_gone_does_not_end_a_run(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    monkeypatch.setattr(run_keeping, "INTERVAL", 0.01)
    failed = threading.Event()

    def busy() -> Any:
        if not failed.is_set():
            failed.set()
            raise error("locked")
        return utc_now()

    run = begin("drift")
    be_silent(run)
    monkeypatch.setattr(run_keeping, "utc_now", busy)
    with SignsOfLife(run) as signs:
        assert failed.wait(60)
        for _ in range(1000):
            seen = CheckRun.objects.get(pk=run.pk)
            if seen.heard_at != run.heard_at and not run_keeping.is_silent(seen):
                break
            threading.Event().wait(0.01)
        signs.note(1, 1)
