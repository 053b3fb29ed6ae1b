"""Groups of ten thousand: a change of members costs what changes, and loses nobody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import GroupMember, LinkedAccount, ProvisionedGroup
from django_scim_provider.storage.sql.documents import account_documents
from django_scim_provider.storage.users.account_rows import insert_account
from tests.factories import account_row, make_token
from tests.parallel import in_parallel, in_processes
from tests.planning import gather_statistics
from tests.scim_client import CORE, GROUP, Answer, SCIMTestClient

LARGE = 10_000


def make_accounts(provider_id: str, count: int) -> list[str]:
    """Store so many accounts in a few statements and return their ids."""
    users = get_user_model()._default_manager
    users.bulk_create([users.model(username=f"user{n}") for n in range(count)])
    rows = [
        account_row(provider_id, {"schemas": [CORE], "userName": name, "displayName": name}, user)
        for user in users.order_by("pk")
        for name in (user.get_username(),)
    ]
    for start in range(0, len(rows), 1000):
        insert_account.run("default", rows[start : start + 1000])
        account_documents.insert("default", rows[start : start + 1000])
    gather_statistics()
    return [str(row["id"]) for row in rows]


def members(ids: list[str]) -> list[dict[str, str]]:
    return [{"value": id} for id in ids]


def make_group(client: SCIMTestClient, name: str, ids: list[str]) -> str:
    body = {"schemas": [GROUP], "displayName": name, "members": members(ids)}
    answer = client.request("POST", "/Groups", body)
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def change(client: SCIMTestClient, path: str, op: str, ids: list[str]) -> set[int]:
    """Add or remove members one by one and return the statuses."""
    statuses = set()
    for id in ids:
        operation: dict[str, Any] = {"op": "add", "path": "members", "value": members([id])}
        if op == "remove":
            operation = {"op": "remove", "path": f'members[value eq "{id}"]'}
        statuses.add(client.patch(path, operation).status)
    return statuses


class Counted:
    """Sends requests and counts the statements that they take, but for marks of transactions."""

    def __init__(self, client: SCIMTestClient) -> None:
        self.client = client

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[Answer, int]:
        with CaptureQueriesContext(database) as context:
            answer = self.client.request(method, path, body)
        marks = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
        sent = [query["sql"].replace("BEGIN NOT ATOMIC", "") for query in context]
        return answer, sum(not sql.startswith(marks) for sql in sent)


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    urn = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
    return {"schemas": [urn], "Operations": list(operations)}


@pytest.fixture
def client(db: None) -> SCIMTestClient:
    return SCIMTestClient(make_token(provider_id="acme"))


def test_changes_take_as_many_statements_in_any_size(client: SCIMTestClient) -> None:
    ids = make_accounts("acme", LARGE + 1)
    new, counted = ids.pop(), Counted(client)
    seen: dict[str, list[int]] = {}
    for size in (100, LARGE):
        path = f"/Groups/{make_group(client, f'g{size}', ids[:size])}"
        add = patch({"op": "add", "path": "members", "value": members([new])})
        listed = patch({"op": "remove", "path": "members", "value": members(ids[:1])})
        by_filter = patch({"op": "remove", "path": f'members[value eq "{new}"]'})
        pathless = patch({"op": "add", "value": {"members": members(ids[:1])}})
        rename = patch({"op": "replace", "path": "displayName", "value": f"h{size}"})
        for body in (add, add, listed, by_filter, pathless, rename):
            answer, number = counted("PATCH", path, body)
            assert answer.status == 204
            seen.setdefault(str(body), []).append(number)
        answer, number = counted("GET", f"{path}?excludedAttributes=members")
        assert "members" not in answer.json
        seen.setdefault("read", []).append(number)
        group = path.rpartition("/")[2]
        assert GroupMember.objects.filter(group=UUID(group)).count() == size

    by_size = {key: counts for key, counts in seen.items() if "displayName" not in key}
    assert all(
        counts[: len(counts) // 2] == counts[len(counts) // 2 :] for counts in by_size.values()
    )
    assert max(max(counts) for counts in seen.values()) <= 9


def test_all_are_replaced_in_few_statements(client: SCIMTestClient) -> None:
    ids = make_accounts("acme", 2 * LARGE)
    counted = Counted(client)
    with CaptureQueriesContext(database) as creating:
        path = f"/Groups/{make_group(client, 'all', ids[:LARGE])}"
    replace = patch({"op": "replace", "path": "members", "value": members(ids[LARGE:])})

    patched, by_patch = counted("PATCH", path, replace)
    body = {"schemas": [GROUP], "displayName": "all", "members": members(ids[:LARGE])}
    put, by_put = counted("PUT", f"{path}?excludedAttributes=members", body)

    assert (patched.status, put.status) == (204, 200)
    assert len(creating) < 20
    assert by_patch < 20
    assert by_put < 20
    held = set(GroupMember.objects.values_list("account_id", flat=True))
    assert {str(key) for key in held} == set(ids[:LARGE])


def test_group_of_ten_thousand_is_put_back_as_it_is_shown(client: SCIMTestClient) -> None:
    path = f"/Groups/{make_group(client, 'all', make_accounts('acme', LARGE))}"
    shown = client.get(path).json

    answer = client.request("PUT", path, shown)

    assert (answer.status, answer.json) == (200, shown)


def test_what_changes_nothing_keeps_the_version(client: SCIMTestClient) -> None:
    ids = make_accounts("acme", 5)
    path = f"/Groups/{make_group(client, 'g', ids[:3])}"

    for operation in (
        {"op": "add", "path": "members", "value": members(ids[:2])},
        {"op": "remove", "path": f'members[value eq "{ids[4]}"]'},
        {"op": "remove", "path": "members", "value": members(ids[3:])},
        {"op": "replace", "path": "members", "value": members(ids[:3])},
        {"op": "replace", "path": "displayName", "value": "g"},
    ):
        client.request("PATCH", path, patch(operation))

    assert client.get(path).json["meta"]["version"] == 'W/"1"'


def test_operations_are_merged_in_their_order(client: SCIMTestClient) -> None:
    ids = make_accounts("acme", 6)
    path = f"/Groups/{make_group(client, 'g', ids[:3])}"

    answer = client.patch(
        path,
        {"op": "remove", "path": f'members[value eq "{ids[0]}" or value eq "{ids[1]}"]'},
        {"op": "add", "path": "members", "value": members(ids[3:5])},
        {"op": "remove", "path": "members", "value": members(ids[4:5])},
        {"op": "add", "value": {"members": members(ids[:1]), "displayName": "h"}},
    )
    after = {member["value"] for member in client.get(path).json["members"]}
    client.patch(
        path,
        {"op": "remove", "path": "members"},
        {"op": "add", "path": "members", "value": members(ids[5:])},
    )

    shown = client.get(path).json
    assert answer.status == 204
    assert after == {ids[0], ids[2], ids[3]}
    assert [member["value"] for member in shown["members"]] == ids[5:]
    assert shown["displayName"] == "h"


def test_group_does_not_hold_itself(client: SCIMTestClient) -> None:
    inner = make_group(client, "inner", [])
    middle = make_group(client, "middle", [inner])
    outer = make_group(client, "outer", [middle])

    refused = [
        client.patch(f"/Groups/{inner}", {"op": "add", "path": "members", "value": members([id])})
        for id in (inner, middle, outer)
    ]

    assert [(answer.status, answer.json["scimType"]) for answer in refused] == [
        (400, "invalidValue")
    ] * 3
    assert GroupMember.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("op", ["add", "remove"])
def test_parallel_changes_of_one_group_are_all_kept(op: str) -> None:
    token = make_token(provider_id="acme")
    ids = make_accounts("acme", LARGE + 400)
    begin = ids if op == "remove" else ids[:LARGE]
    path = f"/Groups/{make_group(SCIMTestClient(token), 'g', begin)}"

    def work(worker: int) -> set[int]:
        start = LARGE + worker * 50
        return change(SCIMTestClient(token), path, op, ids[start : start + 50])

    assert set().union(*in_parallel(8, work)) == {204}
    assert GroupMember.objects.count() == (LARGE if op == "remove" else LARGE + 400)
    assert ProvisionedGroup.objects.get().version == 401
    assert LinkedAccount.objects.count() == LARGE + 400


CHANGE = """
from tests.scim_client import SCIMTestClient
from tests.test_large_groups import change
token, path, op, *ids = sys.argv[1:]
print(*change(SCIMTestClient(token), path, op, ids))
"""


@pytest.mark.django_db(transaction=True)
def test_two_processes_change_one_group_and_lose_nobody() -> None:
    token = make_token(provider_id="acme")
    client, ids = SCIMTestClient(token), make_accounts("acme", LARGE + 400)
    path = f"/Groups/{make_group(client, 'g', ids[:LARGE])}"
    shares = [ids[LARGE : LARGE + 200], ids[LARGE + 200 :]]

    added = in_processes(CHANGE, [[token, path, "add", *share] for share in shares])
    after_adding = GroupMember.objects.count()
    removed = in_processes(CHANGE, [[token, path, "remove", *share] for share in shares])

    assert added == removed == ["204", "204"]
    assert after_adding == LARGE + 400
    held = set(GroupMember.objects.values_list("account_id", flat=True))
    assert {str(key) for key in held} == set(ids[:LARGE])
    assert ProvisionedGroup.objects.get().version == 801


@pytest.mark.django_db(transaction=True)
def test_parallel_nesting_makes_no_circle() -> None:
    token = make_token(provider_id="acme")
    groups = [make_group(SCIMTestClient(token), f"g{number}", []) for number in range(4)]

    def nest(number: int) -> int:
        inner, outer = groups[number], groups[(number + 1) % 4]
        operation = {"op": "add", "path": "members", "value": members([inner])}
        return SCIMTestClient(token).patch(f"/Groups/{outer}", operation).status

    statuses = sorted(in_parallel(4, nest))

    assert statuses[:3] == [204, 204, 204]
    assert statuses[3] in (400, 503)
    assert GroupMember.objects.count() == 3
