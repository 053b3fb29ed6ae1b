"""Events of bulk requests: one for each operation, written together, undone together."""

from __future__ import annotations

import time
from typing import Any

import pytest

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.models import LinkedAccount, ProvisioningEvent
from django_scim_provider.storage import events as event_storage
from tests.database_errors import of_mysql
from tests.factories import make_token
from tests.people import post
from tests.scim_client import SCIMTestClient
from tests.test_bulk import bulk, create, create_group, patch, statuses
from tests.test_query_budgets import statements

TITLE = {"op": "replace", "path": "title", "value": "T"}

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, str, str, int | None]]:
    """Return the events of requests, in the order of their keys."""
    events = ProvisioningEvent.objects.exclude(action="generate_token").order_by("pk")
    return [(e.action, e.resource_type, e.outcome, e.status) for e in events]


def inserts(count: int, client: SCIMTestClient) -> int:
    """Return how many statements write the events of a bulk request of so many creates."""
    with statements() as made:
        answer = bulk(client, *(create(f"u{n}", f"user{count}-{n}") for n in range(count)))
    assert set(statuses(answer)) == {"201"}
    table = ProvisioningEvent._meta.db_table
    return sum(sql.startswith("INSERT") and table in sql for sql in made)


def test_events_of_many_operations_take_few_statements(
    scim_client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_storage, "BATCH", 50)

    assert [inserts(count, scim_client) for count in (1, 10, 50, 51, 120)] == [1, 1, 1, 2, 3]
    assert ProvisioningEvent.objects.filter(action="create").count() == 232


def test_each_operation_has_one_event_in_its_order(scim_client: SCIMTestClient) -> None:
    ann = post(scim_client, "ann").json
    ProvisioningEvent.objects.all().delete()

    answer = bulk(
        scim_client,
        create("b", "bob"),
        create("x", "ann"),
        patch(f"/Users/{ann['id']}", TITLE),
        patch(f"/Users/{ann['id']}", TITLE, {"op": "remove", "path": "userName"}),
        {"method": "DELETE", "path": "/Nothing/1"},
        {"method": "GET", "path": "/Users"},
        {"method": "DELETE", "path": f"/Users/{ann['id']}"},
        create_group("g", "team", "bulkId:b"),
        create_group("h", "other", "bulkId:x"),
    )

    assert [status[0] for status in statuses(answer)] == [str(status)[0] for *_, status in told()]
    assert told() == [
        ("create", "User", "done", 201),
        ("create", "User", "refused", 409),
        ("update", "User", "done", 200),
        ("update", "User", "refused", 400),
        ("delete", "", "refused", 404),
        ("bulk", "User", "refused", 400),
        ("delete", "User", "done", 204),
        ("create", "Group", "done", 201),
        ("create", "Group", "refused", 409),
    ]
    request_ids = set(ProvisioningEvent.objects.values_list("request_id", flat=True))
    assert request_ids == {answer.headers["X-Request-ID"]}
    refused = ProvisioningEvent.objects.get(action="update", outcome="refused")
    assert refused.resource_id == ann["id"]


def test_circle_that_is_undone_leaves_its_failures_only(scim_client: SCIMTestClient) -> None:
    bulk(
        scim_client,
        create("a", "ann"),
        create_group("g", "one", "bulkId:h"),
        create_group("h", "two", "bulkId:g"),
    )

    assert told() == [
        ("create", "User", "done", 201),
        ("create", "Group", "refused", 409),
        ("create", "Group", "refused", 409),
    ]


class Troubled(DefaultAdapter):
    """An adapter of the project with whom some users are trouble."""

    now = 0.0
    """What the clock of the tests shows."""
    tries = 0

    def create_user(self, resource: Resource, fields: dict[str, Any]) -> Any:
        if resource["userName"] == "slow":
            Troubled.now += 5.0
        if resource["userName"] == "broken":
            raise RuntimeError("the adapter of the project is broken")
        if resource["userName"] == "locked":
            Troubled.tries += 1
            if Troubled.tries == 1:
                raise of_mysql(1213)
        return super().create_user(resource, fields)


TROUBLED = f"{__name__}.Troubled"


def test_duration_is_that_of_the_operation(
    scim_client: SCIMTestClient, scim_settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    scim_settings(ADAPTER=TROUBLED)
    monkeypatch.setattr(time, "perf_counter", lambda: Troubled.now)

    bulk(scim_client, create("a", "ann"), create("s", "slow"), create("b", "bob"), create("c", ""))

    rows = ProvisioningEvent.objects.filter(action="create").order_by("pk")
    assert list(rows.values_list("duration", flat=True)) == [0, 5000, 0, 0]


def test_request_that_fails_as_a_whole_leaves_one_event(
    scim_client: SCIMTestClient, scim_settings: Any
) -> None:
    scim_settings(ADAPTER=TROUBLED)

    answer = bulk(scim_client, create("a", "ann"), create("x", ""), create("b", "broken"))

    assert answer.status == 500
    assert told() == [("bulk", "", "failed", 500)]
    assert not LinkedAccount.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"{", 400, id="no-json"),
        pytest.param(b"{}", 400, id="no-bulk-request"),
        pytest.param(b" " * 300, 413, id="too-large"),
    ],
)
def test_bulk_request_that_is_none_leaves_one_event(
    scim_client: SCIMTestClient, scim_settings: Any, body: bytes, status: int
) -> None:
    scim_settings(BULK_MAX_PAYLOAD_SIZE=200)

    answer = scim_client.request("POST", "/Bulk", body)

    assert answer.status == status
    assert told() == [("bulk", "", "refused", status)]


@pytest.mark.django_db(transaction=True)
def test_second_try_of_a_transaction_begins_with_no_events(scim_settings: Any) -> None:
    scim_settings(ADAPTER=TROUBLED)
    client, Troubled.tries = SCIMTestClient(make_token()), 0

    answer = bulk(client, create("a", "ann"), create("b", "locked"))

    assert statuses(answer) == ["201", "201"]
    assert told() == [("create", "User", "done", 201)] * 2
