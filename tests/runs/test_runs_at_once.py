"""Checks of one connection at the same time, and while it is decommissioned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.connections.decommission import decommission
from django_scim_provider.models import CheckRun, LinkedAccount, ProviderConnection
from tests.parallel import in_parallel
from tests.runs.conftest import Begin
from tests.runs.performed import made

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_kinds_and_a_decommissioning(ann: Any, acme: ProviderConnection, begin: Begin) -> None:
    runs = [begin("simulator", product="google", people=2), begin("drift")]
    work: list[Callable[[], Any]] = [
        lambda: made(runs[0]),
        lambda: made(runs[1]),
        lambda: decommission(acme),
    ]

    in_parallel(len(work), lambda number: work[number]())

    assert [(run.state, run.problem) for run in runs] == [(CheckRun.State.DONE, "")] * 2
    assert runs[0].found["failures"] == []
    (account,) = LinkedAccount.objects.all()
    assert account.released_at is not None
    assert list(get_user_model()._default_manager.values_list("is_active", flat=True)) == [False]
    assert list(ProviderConnection.objects.all()) == [acme]
