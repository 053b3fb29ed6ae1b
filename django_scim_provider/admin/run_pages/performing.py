"""Making a run, by a worker of Django's tasks or a thread of the server's own process.

Not within the request that asks for it: a comparison takes minutes. A thread needs no more than the
server that is there, and ends with its process; what it was at is then told as broken off. Projects
with workers name them (``CHECK_TASKS``).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connections
from django.utils.module_loading import import_string

from django_scim_provider.admin.run_pages import drift_runs, examined_deployment, rehearsed_traffic
from django_scim_provider.conf import get_settings
from django_scim_provider.connections.recordings.rehearsing import TimeIsUp, TransactionOver
from django_scim_provider.insight.run_keeping import (
    RunTakenAway,
    SignsOfLife,
    end_run,
    find_run,
    take_up,
    wait_for_worker,
)
from django_scim_provider.models import CheckRun
from django_scim_provider.observability.faults import for_log
from django_scim_provider.webhooks.webhook_tasks import TASKS_AVAILABLE

logger = logging.getLogger("django_scim_provider")

Note = Callable[[int, int], None]
Performer = Callable[[CheckRun, dict[str, Any], Note], str]
"""Fills in what it found while it goes; ``Note`` is told how much is done and of how much. Returns
why it could not be made to its end, or nothing."""

PERFORMERS: dict[str, Performer] = {
    CheckRun.Kind.DOCTOR: examined_deployment.examine,
    CheckRun.Kind.SIMULATOR: rehearsed_traffic.play,
    CheckRun.Kind.DRIFT: drift_runs.compare,
}
SECONDS: dict[str, int] = {
    CheckRun.Kind.DOCTOR: 120,
    CheckRun.Kind.SIMULATOR: 60,
    CheckRun.Kind.DRIFT: 600,
}
"""How long a run may last."""
_ENQUEUED = "django_scim_provider.admin.run_pages.run_tasks.perform_run"


def start(run: CheckRun) -> None:
    """Have a run made. What cannot be started ends at once, and says so."""
    try:
        backend = get_settings().CHECK_TASKS
        if backend is not None and TASKS_AVAILABLE:
            wait_for_worker(run)
            import_string(_ENQUEUED).using(backend=backend).enqueue(str(run.pk))
        else:
            threading.Thread(
                target=_in_thread, args=(str(run.pk),), name="scim-check", daemon=True
            ).start()
    except Exception as error:
        logger.error("A SCIM check could not be started", exc_info=for_log(error))
        end_run(run, CheckRun.State.FAILED, {}, "start")


def _in_thread(key: str) -> None:
    try:
        perform(key)
    finally:
        connections.close_all()


def perform(key: str, *, is_queued: bool = False) -> None:
    """Make a run that somebody asked for, and keep what it finds."""
    run = find_run(key)
    if run is None or (is_queued and not take_up(run)):
        return
    found: dict[str, Any] = {}
    until = time.monotonic() + SECONDS[run.kind]
    state, problem = CheckRun.State.DONE, ""
    try:
        with SignsOfLife(run) as signs:

            def note(done: int, total: int) -> None:
                signs.note(done, total)
                if time.monotonic() >= until:
                    raise TimeIsUp

            problem = PERFORMERS[run.kind](run, found, note)
    except RunTakenAway:
        return
    except TimeIsUp:
        problem = "time"
    except TransactionOver:
        problem = "ended"
    except Exception as error:
        logger.error("A SCIM check failed", exc_info=for_log(error))
        problem = "fault"
    if problem:
        state = CheckRun.State.FAILED
    end_run(run, state, found, problem)
