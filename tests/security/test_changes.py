"""A change is whole or absent, and whoever is told that somebody left can rely on it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models.signals import post_save

from django_scim_provider.models import LinkedAccount
from tests.people import host_user
from tests.scim_client import CORE, ENTERPRISE, SCIMTestClient

pytestmark = pytest.mark.django_db

SPELLINGS: list[dict[str, Any]] = [
    {"op": op, **change}
    for op in ("replace", "Replace", "add", "Add", "REPLACE")
    for change in (
        {"path": "active", "value": False},
        {"path": "active", "value": "False"},
        {"path": "active", "value": "false"},
        {"path": "active", "value": "FALSE"},
        {"path": "active", "value": [False]},
        {"path": "active", "value": {"value": False}},
        {"path": "active", "value": [{"value": "False"}]},
        {"path": "active", "value": 0},
        {"path": "active", "value": "no"},
        {"path": "active", "value": ""},
        {"path": "ACTIVE", "value": False},
        {"path": f"{CORE}:active", "value": False},
        {"path": f"{ENTERPRISE}:active", "value": False},
        {"path": "active.value", "value": False},
        {"path": 'active[value eq "true"]', "value": False},
        {"value": {"active": False}},
        {"value": {"Active": "False"}},
        {"value": {CORE: {"active": False}}},
        {"value": {f"{CORE}:active": False}},
        {"value": [{"active": False}]},
    )
]


@pytest.mark.parametrize("operation", SPELLINGS, ids=str)
def test_success_of_a_deactivation_means_that_the_person_is_out(
    scim_client: SCIMTestClient, operation: dict[str, Any]
) -> None:
    user = scim_client.create_user("ann@x.example")

    answer = scim_client.patch(f"/Users/{user['id']}", operation)

    person = host_user(user)
    if answer.status < 300:
        assert not person.is_active
        assert scim_client.get(f"/Users/{user['id']}").json["active"] is False
    else:
        assert answer.status == 400
        assert person.is_active


def test_clock_that_goes_back_takes_no_version_and_no_time_back(
    scim_client: SCIMTestClient,
) -> None:
    title = {"op": "replace", "path": "title"}
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False):
        user = scim_client.create_user("ann@x.example")
    with time_machine.travel(datetime(2026, 5, 1, 11, tzinfo=UTC), tick=False):
        first = scim_client.patch(f"/Users/{user['id']}", {**title, "value": "a"}).json["meta"]
        second = scim_client.patch(f"/Users/{user['id']}", {**title, "value": "b"}).json["meta"]

    times = [each["lastModified"] for each in (user["meta"], first, second)]
    assert times == sorted(set(times))
    assert [first["version"], second["version"]] == ['W/"2"', 'W/"3"']
    assert first["created"] == second["created"] == user["meta"]["created"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("atomic_requests", [False, True])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_change_that_breaks_off_leaves_nothing(
    scim_client: SCIMTestClient,
    monkeypatch: pytest.MonkeyPatch,
    atomic_requests: bool,
    method: str,
) -> None:
    user = scim_client.create_user("ann@x.example", title="Dr.")
    before = list(LinkedAccount.objects.values())
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic_requests)
    person = type(host_user(user))

    def fail(**_: Any) -> None:
        raise RuntimeError("a receiver of the project")

    def break_off(execute: Any, sql: str, *arguments: Any) -> Any:
        if re.search(r"(INSERT INTO|UPDATE|DELETE FROM) .scim_provider_linkedaccount\b", sql):
            execute(sql, *arguments)
            raise RuntimeError("after the account was written")
        return execute(sql, *arguments)

    post_save.connect(fail, sender=person)
    try:
        with connection.execute_wrapper(break_off):
            answer = _change(scim_client, method, user["id"])
    finally:
        post_save.disconnect(fail, sender=person)

    assert answer.status == 500
    assert list(LinkedAccount.objects.values()) == before
    assert host_user(user).is_active
    assert person._default_manager.count() == 1


def _change(client: SCIMTestClient, method: str, id: str) -> Any:
    path = f"/Users/{id}"
    if method == "PATCH":
        return client.patch(path, {"op": "replace", "path": "userName", "value": "bob@x.example"})
    if method == "DELETE":
        return client.request("DELETE", path)
    body = {"schemas": [CORE], "userName": "bob@x.example"}
    return client.request(method, "/Users" if method == "POST" else path, body)
