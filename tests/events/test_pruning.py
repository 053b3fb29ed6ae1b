"""``scim_prune_events`` deletes what is old, in batches, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from django_scim_provider.insight.pruning import prune_events
from django_scim_provider.models import ProvisioningEvent
from tests.factories import make_connection
from tests.test_query_budgets import statements

pytestmark = pytest.mark.django_db


def make_events(provider_id: str, *days: float) -> None:
    """Store events that are so many days old."""
    make_connection(provider_id=provider_id)
    ProvisioningEvent.objects.bulk_create(
        ProvisioningEvent(
            provider_id=provider_id,
            action="update",
            outcome="done",
            at=timezone.now() - timedelta(days=age),
        )
        for age in days
    )


def ages() -> list[tuple[str, int]]:
    """Return the connection and age in days of the events that are left."""
    now, rows = timezone.now(), ProvisioningEvent.objects.order_by("pk")
    return [(event.provider_id, (now - event.at).days) for event in rows]


def prune(*arguments: Any) -> str:
    """Run the command and return what it prints."""
    out = StringIO()
    call_command("scim_prune_events", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_old_events_go_and_the_others_stay() -> None:
    make_events("a", 400, 10, 181, 179.9)
    make_events("b", 200, 0)

    told = prune("--older-than", 180)

    assert ages() == [("a", 10), ("a", 179), ("b", 0)]
    assert told == "Deleted 3 events older than 180 days.\n"


def test_one_connection_can_be_pruned_alone() -> None:
    make_events("a", 400, 10)
    make_events("b", 400)

    prune("--older-than", 180, "--provider", "a")

    assert ages() == [("a", 10), ("b", 400)]


def test_dry_run_tells_and_deletes_nothing() -> None:
    make_events("a", 400, 300, 10)

    assert prune("--older-than", 180, "--dry-run") == "Would delete 2 events older than 180 days.\n"
    assert len(ages()) == 3


def test_second_run_finds_nothing() -> None:
    make_events("a", 400)

    prune("--older-than", 180)

    assert prune("--older-than", 180) == "Deleted 0 events older than 180 days.\n"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--older-than", "0"),
        ("--older-than", "-1"),
        ("--older-than", "x"),
        ("--older-than", "9999999999"),
        ("--older-than", "180", "--batch-size", "0"),
        ("--older-than", "180", "--provider", "unknown"),
    ],
)
def test_wrong_arguments_delete_nothing(arguments: tuple[str, ...]) -> None:
    make_events("a", 400)

    with pytest.raises(CommandError):
        prune(*arguments)

    assert len(ages()) == 1


def test_each_batch_is_one_short_delete_by_key() -> None:
    make_events("a", *range(300, 310))
    seen: list[int] = []

    with statements() as made:
        deleted = prune_events(
            timezone.now() - timedelta(days=180), batch_size=4, progress=seen.append
        )

    deletes = [sql for sql in made if sql.startswith("DELETE")]
    # The events of a batch, and what belongs to them in two other tables.
    assert (deleted, seen, len(deletes)) == (10, [4, 8, 10], 9)


def test_events_of_one_moment_all_go() -> None:
    make_events("a", *range(300, 310))
    ProvisioningEvent.objects.update(at=timezone.now() - timedelta(days=300))

    assert prune_events(timezone.now(), batch_size=3) == 10
    assert ages() == []


def test_interrupted_run_keeps_what_it_has_done_and_goes_on() -> None:
    make_events("a", *range(300, 310))
    before = timezone.now() - timedelta(days=180)

    def interrupt(deleted: int) -> None:
        raise KeyboardInterrupt

    run: Callable[..., int] = prune_events
    with pytest.raises(KeyboardInterrupt):
        run(before, batch_size=4, progress=interrupt)

    assert len(ages()) == 6
    assert run(before, batch_size=4) == 6


def test_progress_is_shown_unless_quiet() -> None:
    make_events("a", 400, 400)
    shown, quiet = StringIO(), StringIO()

    call_command("scim_prune_events", "--older-than", 500, stdout=quiet, stderr=quiet, verbosity=0)
    call_command(
        "scim_prune_events", "--older-than", 180, "--batch-size", 1, stdout=StringIO(), stderr=shown
    )

    assert shown.getvalue() == "1 of 2 events deleted\r2 of 2 events deleted\r"
    assert quiet.getvalue() == "Deleted 0 events older than 500 days.\n"
