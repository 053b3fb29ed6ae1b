"""Checks made by the worker of django-tasks-db, which takes them from its table."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from django_scim_provider.admin.run_pages.performing import start
from django_scim_provider.insight.run_keeping import recent_runs
from django_scim_provider.models import CheckRun, ProviderConnection
from django_scim_provider.webhooks.webhook_tasks import TASKS_AVAILABLE
from tests.runs.conftest import Begin

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not TASKS_AVAILABLE, reason="Django 5.2 has no tasks"),
]


@pytest.fixture
def queue(settings: Any, scim_settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    scim_settings(CHECK_TASKS="default")


def work() -> None:
    """Have the worker do all that is in the queue."""
    call_command("db_worker", batch=True, interval=0.01, startup_delay=False, verbosity=0)


@pytest.mark.usefixtures("queue")
def test_worker_makes_what_waits(acme: ProviderConnection, begin: Begin) -> None:
    start(begin("drift"))
    assert recent_runs(acme)[0].state == CheckRun.State.WAITING

    work()
    assert recent_runs(acme)[0].state == CheckRun.State.DONE


@pytest.mark.usefixtures("queue")
def test_worker_leaves_what_was_deleted(acme: ProviderConnection, begin: Begin) -> None:
    run = begin("drift")
    start(run)
    run.delete()

    work()
    assert recent_runs(acme) == []
