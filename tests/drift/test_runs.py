"""Runs: in batches, with a fixed number of queries, resumable, noted on the connection."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from django_scim_provider.connections.decommission import decommission
from django_scim_provider.connections.lifecycle import close_connection
from django_scim_provider.core.errors import Unauthorized
from django_scim_provider.insight.drift.accounts import Accounts
from django_scim_provider.models import LinkedAccount, ProviderConnection, ProvisioningEvent
from tests.drift.comparing import compare, comparison, repair, told
from tests.parallel import in_parallel, kill_half_way
from tests.people import connect, host_user, post, set_active
from tests.scim_client import SCIMTestClient
from tests.test_groups import make_group
from tests.test_roles import map_to

pytestmark = pytest.mark.django_db

HALF = """
import signal
import django
django.setup()
from django_scim_provider.insight.drift.repair import AccountRepair
from tests.drift.comparing import repair
mend, mended = AccountRepair._mend, []
def half_way(self, *arguments):
    mend(self, *arguments)
    mended.append(1)
    if len(mended) == 5:
        print("half", flush=True)
        signal.pause()
AccountRepair._mend = half_way
repair(batch_size=2)
"""


def provision(client: SCIMTestClient, count: int) -> list[dict[str, Any]]:
    """Provision so many people, whose names the project then changes."""
    people = [
        post(client, f"user{number}@x.example", name={"givenName": "A"}).json
        for number in range(count)
    ]
    get_user_model()._default_manager.update(first_name="B")
    return people


def acme() -> ProviderConnection:
    return ProviderConnection.objects.get(provider_id="acme")


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_batches_of_any_size_find_and_repair_the_same(size: int) -> None:
    people = provision(connect(), 5)
    seen: list[tuple[int, int]] = []

    drift = comparison(batch_size=size, repair=True).run(
        progress=lambda done, total: seen.append((done, total))
    )

    assert (drift.compared, drift.repaired, drift.differing) == (5, 5, 0)
    assert seen[-1] == (5, 5)
    assert {host_user(person).first_name for person in people} == {"A"}
    assert told(batch_size=size) == []


def test_result_is_noted_on_the_connection() -> None:
    provision(connect(), 2)

    compare()
    after_compare = acme()
    repair()
    after_repair = acme()

    assert (after_compare.drift_count, after_repair.drift_count) == (2, 0)
    assert after_compare.drift_checked_at is not None
    assert after_repair.drift_checked_at is not None
    assert after_repair.drift_checked_at > after_compare.drift_checked_at


def test_comparing_changes_nothing_but_the_note() -> None:
    provision(connect(), 2)
    before = list(LinkedAccount.objects.values()), ProvisioningEvent.objects.count()

    compare()

    assert (list(LinkedAccount.objects.values()), ProvisioningEvent.objects.count()) == before
    assert set(get_user_model()._default_manager.values_list("first_name", flat=True)) == {"B"}


def test_run_in_parts_goes_on_where_the_last_one_stopped() -> None:
    provision(connect(), 5)

    first = comparison(batch_size=2).run(most=2)
    second = comparison(batch_size=2).run(start=first.position, findings=1)
    third = comparison(batch_size=2).run(start=second.position)

    assert [part.compared for part in (first, second, third)] == [2, 2, 1]
    assert [part.differing for part in (first, second, third)] == [2, 2, 1]
    assert third.position is None
    assert acme().drift_checked_at is None


def test_part_that_happens_to_be_everything_is_noted() -> None:
    provision(connect(), 2)

    drift = comparison(batch_size=2).run(most=2)

    assert drift.position is None
    assert acme().drift_count == 2


@pytest.mark.parametrize(
    "start", ["accounts:x", "nothing:1", "accounts", "grants:x", f"grants:{10**25}"]
)
def test_place_that_is_none_is_refused(start: str) -> None:
    connect()

    with pytest.raises(ValidationError, match="position"):
        comparison().run(start=start)


@pytest.mark.parametrize("closed", ["disabled", "decommissioned"])
def test_closed_connection_is_compared_and_not_repaired(closed: str) -> None:
    provision(connect(), 1)
    if closed == "disabled":
        ProviderConnection.objects.update(enabled=False)
    else:
        close_connection(acme())

    with pytest.raises(ValidationError, match="nothing is repaired"):
        repair()

    assert told() == ["user first_name"]
    assert not ProvisioningEvent.objects.filter(action__startswith="repair").exists()


def test_connection_that_is_closed_meanwhile_is_not_repaired_further() -> None:
    provision(connect(), 3)
    run = comparison(batch_size=1, repair=True)

    with pytest.raises(Unauthorized):
        run.run(seen=lambda finding: close_connection(acme()))

    names = get_user_model()._default_manager.values_list("first_name", flat=True)
    assert sorted(names) == ["A", "B", "B"]


def test_released_accounts_are_none_of_the_connections() -> None:
    client = connect()
    provision(client, 2)
    decommission(acme(), keep_access=True)

    assert told() == []


def queries_of(find: Any, keys: list[UUID]) -> int:
    with CaptureQueriesContext(database) as context:
        find(keys)
    return len(context)


@pytest.mark.parametrize("organization_id", [None, "corp"])
def test_batch_takes_the_same_queries_for_any_number_of_accounts(
    organization_id: str | None,
) -> None:
    client = connect(organization_id=organization_id)
    people = provision(client, 12)
    group = make_group(client, "Team", *(person["id"] for person in people))
    map_to(group["id"])
    if organization_id is not None:
        map_to(group["id"], organization_role="admin")
    for person in people[::3]:
        set_active(client, person, False)
    get_user_model()._default_manager.update(is_active=True)
    stage = next(each for each in comparison().stages if isinstance(each, Accounts))
    keys = stage.keys(None, 100)
    stage.find(keys)  # the mappings are read once for a run

    few, all = queries_of(stage.find, keys[:3]), queries_of(stage.find, keys)

    assert len(stage.find(keys)) == 12
    assert few == all
    assert all <= 15


@pytest.mark.django_db(transaction=True)
def test_killed_repair_goes_on_where_it_was() -> None:
    people = provision(connect(), 10)
    names = get_user_model()._default_manager.filter(first_name="A")

    kill_half_way(HALF)
    repaired = names.count()
    drift = repair(batch_size=3)

    assert 0 < repaired < 10
    assert repaired % 2 == 0  # whole batches
    assert drift.repaired == 10 - repaired
    assert {host_user(person).first_name for person in people} == {"A"}
    assert ProvisioningEvent.objects.filter(action="repair").count() == 10


@pytest.mark.django_db(transaction=True)
def test_repair_waits_for_a_change_that_is_under_way_and_sees_it() -> None:
    client = connect()
    people = provision(client, 4)

    def act(number: int) -> None:
        if number == 0:
            repair(batch_size=4)
            return
        own = SCIMTestClient(client.token)
        operation = {"op": "replace", "path": "name.givenName", "value": f"C{number}"}
        for person in people:
            assert own.patch(f"/Users/{person['id']}", operation).status == 200

    in_parallel(3, act)

    for person in people:
        shown = client.get(f"/Users/{person['id']}").json["name"]["givenName"]
        assert host_user(person).first_name == shown
    assert told() == []
