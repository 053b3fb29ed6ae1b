"""A worker that is killed in the midst of a rehearsal leaves nothing behind and blocks nobody."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.insight.run_keeping import begin_run, recent_runs
from django_scim_provider.models import CheckRun, LinkedAccount, ProviderConnection
from tests.parallel import in_processes
from tests.runs.conftest import Begin
from tests.runs.test_run_keeping import be_silent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once_per_database]

KILLED = """
import os, signal
from django_scim_provider.admin.run_pages import performing, rehearsed_traffic
from django_scim_provider.models import LinkedAccount
announced = rehearsed_traffic.Simulation
class Killed(announced):
    def _play_one(self, step, total):
        super()._play_one(step, total)
        if made := LinkedAccount.objects.count():
            print(made, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
rehearsed_traffic.Simulation = Killed
performing.perform(sys.argv[1])
"""


def test_killed_worker_leaves_nothing(acme: ProviderConnection, begin: Begin) -> None:
    run = begin("simulator", product="okta", people=3)

    (made,) = in_processes(KILLED, [[str(run.pk)]])

    assert int(made) >= 1
    run.refresh_from_db()
    assert run.state == CheckRun.State.RUNNING
    assert not LinkedAccount.objects.exists()
    assert not get_user_model()._default_manager.exists()
    assert list(ProviderConnection.objects.all()) == [acme]

    be_silent(run)
    assert recent_runs(acme)[0].state == CheckRun.State.LOST
    assert begin_run(acme, "simulator", {}) is not None
