"""Rows are read in batches by key: no cursor stays open, since poolers would lose it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from django_scim_provider.insight.export import event_rows
from django_scim_provider.models import ProvisioningEvent
from django_scim_provider.models.batches import in_batches
from django_scim_provider.revokers import revoke_sessions
from tests.administration import logged_in, staff
from tests.people import connect, make_user, post
from tests.test_groups import make_group
from tests.test_query_budgets import statements
from tests.test_roles import map_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_cursors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse what asks for a cursor on the server."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a cursor on the server was asked for")

    monkeypatch.setattr(connection, "chunked_cursor", refuse)


@pytest.mark.parametrize(
    ("size", "lengths", "queries"),
    [
        pytest.param(2, [2, 2, 1], 3, id="last-is-short"),
        pytest.param(5, [5], 2, id="last-is-full"),
        pytest.param(9, [5], 1, id="one"),
    ],
)
def test_batches_hold_each_row_once_in_order(size: int, lengths: list[int], queries: int) -> None:
    made = [make_user(f"user{number}").pk for number in range(5)]
    rows = get_user_model()._default_manager.order_by("-username")

    with statements() as run:
        batches = list(in_batches(rows, size))

    assert [len(batch) for batch in batches] == lengths
    assert [user.pk for batch in batches for user in batch] == made
    assert len(run) == queries


def test_rows_that_come_and_go_meanwhile_move_no_others() -> None:
    made = [make_user(f"user{number}") for number in range(6)]
    seen = []

    for batch in in_batches(get_user_model()._default_manager.all(), 2):
        seen += [user.username for user in batch]
        get_user_model()._default_manager.filter(pk__in=[user.pk for user in batch]).delete()

    assert seen == [user.username for user in made]


def test_nothing_is_no_batch() -> None:
    assert list(in_batches(get_user_model()._default_manager.none())) == []


Command = Callable[[], Any]
COMMANDS = {
    "link-users": ["scim_link_users", "acme", "--email-domain", "host.example", "--commit"],
    "drift": ["scim_drift", "--repair"],
    "reconcile": ["scim_reconcile"],
    "prune": ["scim_prune_events", "--older-than", "1"],
    "decommission": ["scim_decommission", "acme"],
    "status": ["scim_status"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_commands_work_without_a_cursor_on_the_server(command: list[str], no_cursors: None) -> None:
    client = connect()
    ann = post(client, "ann").json
    map_to(make_group(client, "Team", ann["id"])["id"])
    make_user("eve@host.example")
    ProvisioningEvent.objects.update(at=timezone.now() - timedelta(days=9))

    call_command(*command, stdout=StringIO(), stderr=StringIO())


def test_export_and_revoking_work_without_a_cursor_on_the_server(no_cursors: None) -> None:
    post(connect(), "ann")
    user = staff("eve")
    user.set_password("own")
    user.save()
    logged_in(user)

    revoke_sessions(user=user, using="default")

    assert not Session.objects.exists()
    assert len(list(event_rows(ProvisioningEvent.objects.all()))) == 2
