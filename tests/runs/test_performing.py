"""What runs find, and that nothing of them stays."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection as database
from django.db.models.signals import m2m_changed, post_delete, post_save

from django_scim_provider.admin.run_pages import (
    performing,
    rehearsed_traffic,
    run_tasks,
)
from django_scim_provider.admin.run_pages.performing import perform, start
from django_scim_provider.admin.run_pages.run_rows import row_of
from django_scim_provider.connections.recordings.rehearsing import has_own_code
from django_scim_provider.insight.run_keeping import RunTakenAway, wait_for_worker
from django_scim_provider.models import (
    CheckRun,
    LinkedAccount,
    ProviderConnection,
    ProvisioningEvent,
    SCIMToken,
)
from django_scim_provider.webhooks.webhook_tasks import TASKS_AVAILABLE
from tests.runs.conftest import Begin
from tests.runs.performed import made

pytestmark = pytest.mark.django_db(transaction=True)
States = CheckRun.State


@pytest.mark.parametrize("product", ["okta", "entra", "google"])
def test_simulator_is_content_and_leaves_nothing(
    ann: Any, acme: ProviderConnection, begin: Begin, product: str
) -> None:
    ProviderConnection.objects.update(profile=product)
    acme.refresh_from_db()
    models = (ProviderConnection, LinkedAccount, ProvisioningEvent, SCIMToken, get_user_model())

    def all_rows() -> list[Any]:
        return [list(model._default_manager.order_by("pk").values()) for model in models]

    run = begin("simulator", product=product, people=3)
    before = all_rows()
    made(run)

    assert (run.state, run.problem) == (States.DONE, "")
    assert run.found["failures"] == []
    assert run.found["requests"] > 10
    assert run.done == run.total > 0
    assert all_rows() == before
    assert row_of(run).is_good


def test_simulator_works_under_atomic_requests(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(database.settings_dict, "ATOMIC_REQUESTS", True)

    run = made(begin("simulator", product="okta", people=3))

    assert (run.state, run.found["failures"]) == (States.DONE, [])


def test_simulator_tells_what_a_product_could_not_live_with(begin: Begin) -> None:
    def refuse(sender: Any, **_: Any) -> None:
        raise RuntimeError("of the project's")

    post_save.connect(refuse, sender=get_user_model(), dispatch_uid="refuse")
    try:
        assert has_own_code()
        run = made(begin("simulator", product="okta", people=2))
    finally:
        post_save.disconnect(sender=get_user_model(), dispatch_uid="refuse")

    assert run.state == States.DONE
    assert run.found["failed"] > 0
    row = row_of(run)
    assert not row.is_good
    assert "were not answered as it needs them" in row.summary


def test_simulator_has_a_time_limit(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsed_traffic, "SECONDS", 0)

    run = made(begin("simulator", product="okta", people=2))

    assert (run.state, run.problem) == (States.FAILED, "time")
    assert run.found["requests"] == 0
    assert "took longer" in str(row_of(run).problem)


def test_run_has_a_time_limit(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(performing.SECONDS, "simulator", 0)

    run = made(begin("simulator", product="okta", people=2))

    assert (run.state, run.problem) == (States.FAILED, "time")


def test_fault_is_told_and_logged_without_values(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> str:
        raise RuntimeError("fault")

    monkeypatch.setitem(performing.PERFORMERS, "drift", fail)
    run = made(begin("drift"))

    assert (run.state, run.problem) == (States.FAILED, "fault")
    assert "A SCIM check failed" in caplog.text


def test_run_that_was_taken_away_writes_nothing(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*_: Any) -> str:
        raise RunTakenAway

    monkeypatch.setitem(performing.PERFORMERS, "drift", taken)
    run = made(begin("drift"))

    assert run.state == States.RUNNING
    perform("0191f0ab-0000-7000-8000-000000000000")


def test_drift_names_attributes_and_no_values(
    ann: Any, acme: ProviderConnection, begin: Begin
) -> None:
    assert made(begin("drift")).found["differing"] == 0

    get_user_model()._default_manager.update(first_name="planted")
    run = made(begin("drift"))

    assert run.found["differing"] == 1
    assert run.found["findings"][0]["id"] == ann["id"]
    assert "first_name" in run.found["findings"][0]["names"]
    assert "planted" not in str(run.found)
    assert not row_of(run).is_good
    acme.refresh_from_db()
    assert acme.drift_count == 1


def test_what_cannot_be_started_ends_at_once(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading, "Thread", refuse)
    run = begin("drift")
    start(run)

    run.refresh_from_db()
    assert (run.state, run.problem) == (States.FAILED, "start")


def test_workers_of_the_project_make_it_where_it_has_them(
    begin: Begin, scim_settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    class Task:
        def using(self, *, backend: str) -> Task:
            asked.append(backend)
            return self

        def enqueue(self, key: str) -> None:
            asked.append(key)

    scim_settings(CHECK_TASKS="default")
    monkeypatch.setattr(performing, "TASKS_AVAILABLE", True)
    monkeypatch.setattr(performing, "import_string", lambda path: Task())
    run = begin("drift")
    start(run)

    assert asked == ["default", str(run.pk)]
    run.refresh_from_db()
    assert run.state == States.WAITING


def by_worker(run: CheckRun) -> None:
    """Deliver a run as a queue of Django's tasks does, where this Django has them."""
    if TASKS_AVAILABLE:
        run_tasks.perform_run.call(str(run.pk))
    else:
        perform(str(run.pk), is_queued=True)


def test_worker_makes_it(begin: Begin) -> None:
    assert hasattr(run_tasks, "perform_run") == TASKS_AVAILABLE
    run = begin("drift")
    wait_for_worker(run)

    by_worker(run)

    run.refresh_from_db()
    assert run.state == States.DONE


def test_queue_that_delivers_twice_has_it_made_once(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin("drift")
    wait_for_worker(run)
    performed: list[Any] = []

    def perform_drift(*about: Any) -> str:
        performed.append(about)
        by_worker(run)
        return ""

    monkeypatch.setitem(performing.PERFORMERS, "drift", perform_drift)
    by_worker(run)

    assert len(performed) == 1


def test_own_code_is_seen(scim_settings: Any) -> None:
    scim_settings(ADAPTER="tests.extensions.Anything")
    assert has_own_code()


@pytest.mark.parametrize(
    ("signal", "sender"),
    [
        (post_save, get_user_model()),
        (post_delete, get_user_model()),
        *((m2m_changed, each.remote_field.through) for each in get_user_model()._meta.many_to_many),
        (post_save, LinkedAccount),
        (post_delete, None),
    ],
)
def test_receivers_of_what_is_written_are_own_code(signal: Any, sender: Any) -> None:
    assert not has_own_code()

    signal.connect(print, sender=sender)
    try:
        assert has_own_code()
    finally:
        signal.disconnect(print, sender=sender)


def test_findings_of_another_release_are_shown_by_their_id(begin: Begin) -> None:
    run = begin("doctor")
    run.state, run.claim = States.DONE, run.pk
    run.found = {"findings": [{"kind": "no-more", "values": {}, "request_id": "r"}]}

    (remark,) = row_of(run).remarks
    assert (remark.title, remark.request_id) == ("no-more", "r")
