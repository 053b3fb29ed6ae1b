"""Bulk requests: order, references, errors, limits, and that a killed worker leaves nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest

from django_scim_provider.models import (
    GroupMember,
    LinkedAccount,
    ProvisionedGroup,
    ProvisioningEvent,
)
from tests.factories import make_token
from tests.parallel import kill_half_way
from tests.people import post
from tests.scim_client import CORE, ENTERPRISE, GROUP, PATCH, Answer, SCIMTestClient

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


def bulk(client: SCIMTestClient, *operations: dict[str, Any], **more: Any) -> Answer:
    body = {"schemas": [BULK], "Operations": list(operations), **more}
    return client.request("POST", "/Bulk", body)


def create(bulk_id: str, name: str, **attributes: Any) -> dict[str, Any]:
    data = {"schemas": [CORE], "userName": name, **attributes}
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data}


def create_group(bulk_id: str, name: str, *members: str) -> dict[str, Any]:
    data = {"schemas": [GROUP], "displayName": name, "members": [{"value": m} for m in members]}
    return {"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data}


def patch(path: str, *operations: dict[str, Any]) -> dict[str, Any]:
    data = {"schemas": [PATCH], "Operations": list(operations)}
    return {"method": "PATCH", "path": path, "data": data}


def id_in(location: str) -> str:
    return location.rpartition("/")[2]


def statuses(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    return [result["status"] for result in answer.json["Operations"]]


@pytest.mark.django_db
def test_every_method_is_done_and_told(scim_client: SCIMTestClient) -> None:
    ann, bob, eve = (post(scim_client, name).json for name in ("ann", "bob", "eve"))

    answer = bulk(
        scim_client,
        create("c", "carl"),
        {
            "method": "PUT",
            "path": f"/Users/{ann['id']}",
            "data": {"schemas": [CORE], "userName": "anna"},
            "version": ann["meta"]["version"],
        },
        patch(f"/Users/{bob['id']}", {"op": "replace", "path": "title", "value": "T"}),
        {"method": "DELETE", "path": f"/Users/{eve['id']}"},
    )

    assert [status[0] for status in statuses(answer)] == ["2"] * 4
    made, put, *_ = answer.json["Operations"]
    assert made["location"] == f"http://testserver/scim/v2/Users/{id_in(made['location'])}"
    assert (made["bulkId"], made["version"]) == ("c", 'W/"1"')
    assert (id_in(put["location"]), put["version"]) == (ann["id"], 'W/"2"')
    assert scim_client.get("/Users").json["totalResults"] == 3
    assert scim_client.get(f"/Users/{bob['id']}").json["title"] == "T"


@pytest.mark.django_db
def test_references_are_resolved_in_any_order_and_place(scim_client: SCIMTestClient) -> None:
    answer = bulk(
        scim_client,
        patch("/Groups/bulkId:g", {"op": "remove", "path": 'members[value eq "bulkId:b"]'}),
        create_group("g", "team", "bulkId:a", "bulkId:b", "bulkId:inner"),
        create("a", "ann", **{ENTERPRISE: {"manager": {"value": "bulkId:b"}}}),
        create_group("inner", "inner", "bulkId:b"),
        create("b", "bob"),
    )

    assert [status[0] for status in statuses(answer)] == ["2"] * 5
    by_id = {r["bulkId"]: id_in(r["location"]) for r in answer.json["Operations"] if "bulkId" in r}
    team = scim_client.get(f"/Groups/{by_id['g']}").json
    ann = scim_client.get(f"/Users/{by_id['a']}").json
    assert {member["value"] for member in team["members"]} == {by_id["a"], by_id["inner"]}
    assert ann[ENTERPRISE]["manager"]["value"] == by_id["b"]


@pytest.mark.django_db
@pytest.mark.rfc("7644", "3.7.1", "MUST")
def test_circle_of_managers_is_resolved(scim_client: SCIMTestClient) -> None:
    answer = bulk(
        scim_client,
        create("a", "ann", **{ENTERPRISE: {"manager": {"value": "bulkId:b"}, "department": "D"}}),
        create("b", "bob", **{ENTERPRISE: {"manager": {"value": "bulkId:a"}}}),
        create_group("g", "team", "bulkId:a"),
    )

    assert statuses(answer) == ["201"] * 3
    ids = [id_in(result["location"]) for result in answer.json["Operations"]]
    managers = [scim_client.get(f"/Users/{id}").json[ENTERPRISE] for id in ids[:2]]
    assert [found["manager"]["value"] for found in managers] == [ids[1], ids[0]]
    assert managers[0]["department"] == "D"
    assert scim_client.get(f"/Groups/{ids[2]}").json["members"][0]["value"] == ids[0]


@pytest.mark.django_db
@pytest.mark.rfc("7644", "3.7.1", "MAY")
def test_circle_of_groups_is_409_and_leaves_neither(scim_client: SCIMTestClient) -> None:
    answer = bulk(
        scim_client,
        create("a", "ann"),
        create_group("g", "one", "bulkId:h"),
        create_group("h", "two", "bulkId:g"),
    )

    assert statuses(answer) == ["201", "409", "409"]
    assert not ProvisionedGroup.objects.exists()
    assert LinkedAccount.objects.count() == 1


@pytest.mark.django_db
def test_reference_to_what_failed_or_is_nothing_fails_alone(scim_client: SCIMTestClient) -> None:
    post(scim_client, "ann")

    answer = bulk(
        scim_client,
        create("a", "ann"),
        create_group("g", "one", "bulkId:a"),
        create_group("h", "two", "bulkId:nobody"),
        create("b", "bob"),
    )

    assert statuses(answer) == ["409", "409", "409", "201"]
    assert not ProvisionedGroup.objects.exists()
    refused = ProvisioningEvent.objects.filter(outcome="refused")
    assert [event.resource_type for event in refused] == ["Group", "Group", "User"]


@pytest.mark.django_db
@pytest.mark.parametrize(("limit", "expected"), [(1, 2), (2, 4), (None, 5)])
def test_the_rest_is_not_tried_after_so_many_errors(
    scim_client: SCIMTestClient, limit: int | None, expected: int
) -> None:
    post(scim_client, "ann")
    more = {} if limit is None else {"failOnErrors": limit}

    answer = bulk(
        scim_client,
        create("a", "one"),
        create("b", "ann"),
        create("c", "two"),
        create("d", "ANN"),
        create("e", "three"),
        **more,
    )

    assert len(statuses(answer)) == expected
    created = sum(status == "201" for status in statuses(answer))
    assert LinkedAccount.objects.count() == 1 + created


@pytest.mark.django_db
def test_failed_operation_undoes_itself_only(scim_client: SCIMTestClient) -> None:
    ann = post(scim_client, "ann").json
    title = {"op": "replace", "path": "title", "value": "T"}

    answer = bulk(
        scim_client,
        patch(f"/Users/{ann['id']}", title, {"op": "remove", "path": "userName"}),
        patch(f"/Users/{ann['id']}", {**title, "path": "nickName"}),
    )

    shown = scim_client.get(f"/Users/{ann['id']}").json
    assert statuses(answer)[0] == "400"
    assert ("title" in shown, shown["nickName"]) == (False, "T")


@pytest.mark.django_db
def test_stale_version_is_412(scim_client: SCIMTestClient) -> None:
    ann = post(scim_client, "ann").json
    operation = patch(f"/Users/{ann['id']}", {"op": "add", "path": "title", "value": "T"})

    answer = bulk(scim_client, {**operation, "version": 'W/"7"'})

    assert statuses(answer) == ["412"]


@pytest.mark.django_db
def test_each_operation_needs_its_scope() -> None:
    client = SCIMTestClient(make_token(provider_id="acme", scopes=["scim.users.write"]))

    answer = bulk(client, create("a", "ann"), create_group("g", "one", "bulkId:a"))

    assert statuses(answer) == ["201", "403"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("limits", "status"),
    [({"BULK_MAX_OPERATIONS": 1}, 413), ({"BULK_MAX_PAYLOAD_SIZE": 200}, 413), ({}, 200)],
)
def test_limits_are_declared_and_kept(
    scim_client: SCIMTestClient, scim_settings: Any, limits: dict[str, int], status: int
) -> None:
    scim_settings(**limits)

    answer = bulk(scim_client, create("a", "ann"), create("b", "bob"))
    declared = scim_client.get("/ServiceProviderConfig").json["bulk"]

    assert answer.status == status
    assert LinkedAccount.objects.count() == (2 if status == 200 else 0)
    assert declared["supported"] is True
    assert declared["maxOperations"] == limits.get("BULK_MAX_OPERATIONS", 1100)
    assert declared["maxPayloadSize"] == limits.get("BULK_MAX_PAYLOAD_SIZE", 4 * 1024 * 1024)


@pytest.mark.django_db
def test_things_of_another_connection_do_not_exist(scim_client: SCIMTestClient) -> None:
    other = SCIMTestClient(make_token(provider_id="other"))
    theirs = post(other, "eve").json["id"]

    answer = bulk(
        scim_client,
        patch(f"/Users/{theirs}", {"op": "add", "path": "title", "value": "T"}),
        {"method": "DELETE", "path": f"/Users/{theirs}"},
        create_group("g", "one", theirs),
    )

    assert statuses(answer) == ["404", "404", "400"]
    assert "title" not in other.get(f"/Users/{theirs}").json


def thousand() -> list[dict[str, Any]]:
    users = [create(f"u{number}", f"user{number}") for number in range(1000)]
    return [create_group("g", "all", *(f"bulkId:u{n}" for n in range(1000))), *users]


@pytest.mark.django_db
def test_thousand_operations_with_a_group_of_all(scim_client: SCIMTestClient) -> None:
    answer = bulk(scim_client, *thousand())

    assert set(statuses(answer)) == {"201"}
    assert LinkedAccount.objects.count() == GroupMember.objects.count() == 1000


KILLED = """
import signal, sys
import django
django.setup()
from tests.scim_client import SCIMTestClient
from tests.test_bulk import bulk, thousand
from django_scim_provider.adapter import DefaultAdapter
create_user, made = DefaultAdapter.create_user, []
def counted(self, *args):
    made.append(1)
    if len(made) == 500:
        print("half", flush=True)
        signal.pause()
    return create_user(self, *args)
DefaultAdapter.create_user = counted
bulk(SCIMTestClient(sys.argv[1]), *thousand())
"""


@pytest.mark.django_db(transaction=True)
def test_killed_worker_leaves_none_of_it() -> None:
    token = make_token(provider_id="acme")

    kill_half_way(KILLED, token)

    client, deadline = SCIMTestClient(token), time.monotonic() + 60
    while (answer := bulk(client, create("a", "user0"))).status == 503:
        assert time.monotonic() < deadline  # the server has not noticed yet

    assert statuses(answer) == ["201"]
    assert LinkedAccount.objects.count() == 1
    assert not ProvisionedGroup.objects.exists()
