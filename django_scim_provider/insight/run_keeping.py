"""Runs of checks: one at a time of each kind, a sign of life while they last, and what they found.

The database decides who may start (a unique ``claim``), so that two people who press at once, in
two processes, start one run. A run says every few seconds that it is there; one that says nothing
any more has ended with its process, and stands in nobody's way.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import Error, IntegrityError, connections
from django.db.models import F, Q, QuerySet

from django_scim_provider.conf import get_settings
from django_scim_provider.models import CheckRun, ProviderConnection
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.models.upkeep.check_runs import CLAIMED
from django_scim_provider.storage.events import record_management
from django_scim_provider.storage.transactions import in_transaction

KEPT = 10
"""Runs of each kind that are kept of a connection."""
SILENCE = timedelta(minutes=2)
"""After this a run that said nothing is taken for ended. Longer than a transaction of SQLite lasts
that a run is in, during which nobody else can write."""
PATIENCE = timedelta(hours=1)
"""After this a run that no worker has taken up is taken for lost."""
INTERVAL = 2.0
"""Seconds between two signs of life."""


class RunTakenAway(Exception):
    """The run is no longer this process's: it was taken for ended, or deleted."""


def begin_run(
    connection: ProviderConnection,
    kind: str,
    options: dict[str, Any],
    actor: AbstractBaseUser | None = None,
) -> CheckRun | None:
    """Return a new run, or None where one of its kind is under way."""
    using, now = get_settings().DATABASE, utc_now()
    rows = CheckRun.objects.using(using).filter(provider=connection.provider_id, kind=kind)

    def work() -> CheckRun:
        rows.filter(_silent(now), claim=CLAIMED).update(
            claim=F("pk"), state=CheckRun.State.LOST, ended_at=F("heard_at")
        )
        run = CheckRun(
            provider=connection,
            kind=kind,
            options=options,
            started_by_id=None if actor is None else actor.pk,
            started_at=now,
            heard_at=now,
            claim=CLAIMED,
        )
        run.save(using=using, force_insert=True)
        record_management(using, connection.provider_id, f"run_{kind}", actor_id=actor and actor.pk)
        return run

    try:
        run = in_transaction(using, connection.provider_id, work)
    except IntegrityError:
        if rows.filter(claim=CLAIMED).exists():
            return None
        raise
    surplus = rows.order_by("-pk").values_list("pk", flat=True)[KEPT : KEPT + 100]
    rows.filter(pk__in=list(surplus)).delete()
    return run


def end_run(run: CheckRun, state: str, found: dict[str, Any], problem: str = "") -> bool:
    """Note how a run ended; return whether it was still this process's."""
    now = utc_now()
    ended = {"claim": run.pk, "ended_at": now, "heard_at": now}
    told = {"done": run.done, "total": run.total, "found": found, "problem": problem}
    return bool(_claimed(run).update(state=state, **ended, **told))


def wait_for_worker(run: CheckRun) -> None:
    """Note that a run lies in a queue."""
    run.state = CheckRun.State.WAITING
    _claimed(run).update(state=run.state)


def take_up(run: CheckRun) -> bool:
    """Take a run from a queue; return whether it still lay there, as queues may deliver twice."""
    run.state = CheckRun.State.RUNNING
    waiting = _claimed(run).filter(state=CheckRun.State.WAITING)
    return bool(waiting.update(state=run.state, heard_at=utc_now()))


def _claimed(run: CheckRun) -> QuerySet[CheckRun]:
    return CheckRun.objects.using(get_settings().DATABASE).filter(pk=run.pk, claim=CLAIMED)


def find_run(key: UUID | str) -> CheckRun | None:
    """Return a run that is under way."""
    rows = CheckRun.objects.using(get_settings().DATABASE).select_related("provider")
    return rows.filter(pk=key, claim=CLAIMED).first()


def recent_runs(connection: ProviderConnection) -> list[CheckRun]:
    """Return the runs of a connection that are kept, the latest first, by one statement."""
    rows = CheckRun.objects.using(get_settings().DATABASE).select_related("started_by")
    own = rows.filter(provider=connection.provider_id).order_by("-pk")
    found = list(own[: KEPT * len(CheckRun.Kind)])
    for run in found:
        if is_silent(run):
            run.state, run.ended_at = CheckRun.State.LOST, run.heard_at
    return found


def is_silent(run: CheckRun) -> bool:
    """Tell whether nothing is heard of a run that has not ended."""
    most = PATIENCE if run.state == CheckRun.State.WAITING else SILENCE
    return run.claim == CLAIMED and utc(run.heard_at) < utc_now() - most


def _silent(now: datetime) -> Q:
    """Return the condition of ``is_silent``."""
    waits = Q(state=CheckRun.State.WAITING.value)
    return (waits & Q(heard_at__lt=now - PATIENCE)) | (~waits & Q(heard_at__lt=now - SILENCE))


class SignsOfLife:
    """Says every few seconds how far a run is, in a thread with its own database connection.

    The run's own connection may be inside of a transaction that is never committed.
    """

    def __init__(self, run: CheckRun) -> None:
        self._run = run
        self._over, self._away = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._say, name="scim-check", daemon=True)

    def __enter__(self) -> SignsOfLife:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def note(self, done: int, total: int) -> None:
        """Note how far the run is.

        Raises:
            RunTakenAway: it is to stop.
        """
        self._run.done, self._run.total = done, total
        if self._away.is_set():
            raise RunTakenAway

    def _say(self) -> None:
        using = get_settings().DATABASE
        try:
            while not self._over.wait(INTERVAL):
                try:
                    rows = CheckRun.objects.using(using).filter(pk=self._run.pk, claim=CLAIMED)
                    told = {"done": self._run.done, "total": self._run.total}
                    if not rows.update(heard_at=utc_now(), **told):
                        self._away.set()
                        return
                except Error:
                    # A transaction that writes to SQLite, or a connection that was lost; the next
                    # sign goes over another one.
                    connections[using].close()
        finally:
            connections[using].close()
