"""What is created together comes in its place among what is not, and is no less looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from django_scim_provider.core.schemas.definitions import Attribute, Schema
from django_scim_provider.models import LinkedAccount, ProvisioningEvent
from tests.people import connect, host_user, make_user, post
from tests.scim_client import SCIMTestClient
from tests.tenancy.models import Invoice
from tests.test_bulk import bulk, create, statuses

pytestmark = pytest.mark.django_db

STAFF = Schema(
    id="urn:example:params:scim:schemas:extension:staff:2.0:User",
    name="Staff",
    attributes=(Attribute(name="number", uniqueness="server"),),
)


@pytest.fixture
def client(scim_settings: Callable[..., None]) -> SCIMTestClient:
    scim_settings(EXTENSIONS={"User": [f"{__name__}.STAFF"]})
    return connect()


def staff(name: str, number: str) -> dict[str, Any]:
    return create(name, name, **{STAFF.id: {"number": number}})


def done() -> set[str]:
    events = ProvisioningEvent.objects.filter(action="create", outcome="done")
    return set(events.values_list("resource_id", flat=True))


def test_first_who_wants_a_unique_value_gets_it_though_made_alone(client: SCIMTestClient) -> None:
    gone = post(client, "back").json
    Invoice.objects.create(user=host_user(gone))
    client.request("DELETE", f"/Users/{gone['id']}")

    answer = bulk(client, staff("a", "1"), staff("back", "7"), staff("b", "7"), staff("c", "8"))

    assert statuses(answer) == ["201", "201", "409", "201"]


def test_what_is_undone_together_leaves_no_events(client: SCIMTestClient) -> None:
    post(client, "first", **{STAFF.id: {"number": "7"}})

    answer = bulk(client, staff("a", "1"), staff("b", "7"), staff("c", "2"))

    assert statuses(answer) == ["201", "409", "201"]
    assert done() == set(LinkedAccount.objects.values_list("scim_id", flat=True))


@pytest.mark.parametrize("attribute", ["userName", "emails"])
@pytest.mark.parametrize("first", ["admin@x.example", "adm\u0131n@x.example"])
def test_names_that_the_database_takes_for_one_are_one_together(first: str, attribute: str) -> None:
    second = ({"admin@x.example", "adm\u0131n@x.example"} - {first}).pop()
    found = []
    for provider_id in ("alone", "together"):
        client, operations = connect(provider_id), []
        for number, name in enumerate((first, second)):
            name = f"{provider_id}{name}"
            own = name if attribute == "userName" else f"{provider_id}{number}"
            emails = {"emails": [{"value": name}]} if attribute == "emails" else {}
            operations.append(create(own, own, **emails))
        if provider_id == "alone":
            sent = [client.request("POST", "/Users", each["data"]) for each in operations]
            found.append([str(answer.status) for answer in sent])
        else:
            found.append(statuses(bulk(client, *operations)))

    assert found[0] == found[1]


def test_name_is_held_by_who_is_found_for_another_one(client: SCIMTestClient) -> None:
    make_user("known@x.example", email="adm\u0131n@x.example")
    other = create("b", "b", emails=[{"value": "admin@x.example"}])
    alone = post(client, "c", emails=[{"value": "admin@x.example"}])

    if alone.status == 201:  # SQLite tells letters beyond ASCII apart
        assert connection.vendor == "sqlite"
        client.request("DELETE", f"/Users/{alone.json['id']}")
    answer = bulk(client, create("a", "known@x.example"), other)

    assert statuses(answer) == ["409", str(alone.status)]


def test_time_that_is_over_behind_one_made_alone_leaves_those_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = connect()
    post(client, "taken")
    seen = iter([False, False, True, True, True])
    monkeypatch.setattr(
        "django_scim_provider.core.bulk.running_time.TimeLimit.is_over",
        lambda limit: next(seen, True),
    )

    answer = bulk(client, *(create(name, name) for name in ("a", "taken", "b", "c")))

    assert statuses(answer) == ["201", "409", "503", "503"]
    assert LinkedAccount.objects.count() == 2
