"""Rows are locked in one order, whatever the request, so that no two of them deadlock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from django_scim_provider.connections.decommission import decommission
from django_scim_provider.connections.lifecycle import close_connection
from django_scim_provider.models import LinkedAccount, ProviderConnection, ProvisionedGroup
from django_scim_provider.storage.roles.replay import reconcile_roles
from tests.drift.comparing import repair
from tests.parallel import in_parallel
from tests.people import connect, post, set_active
from tests.scim_client import GROUP, SCIMTestClient
from tests.storage.writes import repairing
from tests.test_bulk import bulk, patch
from tests.test_groups import make_group
from tests.test_roles import map_to

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not connection.features.has_select_for_update, reason="SQLite has one lock, and no order"
    ),
]

ORDER: list[Any] = [ProviderConnection, ProvisionedGroup, get_user_model(), LinkedAccount]
"""The declared order of ``storage.locks``."""
_LOCKS = re.compile(r"\bFOR (NO KEY )?UPDATE|\bFOR SHARE|\bLOCK IN SHARE MODE")
_TABLES = re.compile(r"\bFROM\s+[`\"](\w+)[`\"]")
_NAMED = re.compile(r"\b(?:UPDATE|SHARE) OF (\w+)")
_ALIASES = re.compile(r"\b(?:FROM|JOIN)\s+[`\"](\w+)[`\"] (\w+)\b")
_CHANGES = re.compile(r"(?:UPDATE|DELETE FROM)\s+[`\"](\w+)[`\"]")


class Locks:
    """The tables that each transaction locked, in the order of the first time."""

    def __init__(self) -> None:
        self.transactions: list[list[str]] = []
        self.keyless: list[str] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if connection.in_atomic_block and not sql.startswith("SAVEPOINT"):
            tables = self.tables_of(sql)
            if not self.transactions or self.begun is not connection.run_on_commit:
                self.begun = connection.run_on_commit
                self.transactions.append([])
            known = self.transactions[-1]
            known += [table for table in dict.fromkeys(tables) if table not in known]
        return execute(sql, params, many, context)

    begun: Any = None

    def tables_of(self, sql: str) -> list[str]:
        """Return what a statement locks, in the order of its words: what a column selects first."""
        if not _LOCKS.search(sql):
            return _CHANGES.findall(sql)[:1]
        if re.search(r"\bFOR UPDATE", sql):
            self.keyless.append(sql)
        if named := _NAMED.findall(sql):  # of a join: each row in the order of the clauses
            tables = {alias: table for table, alias in _ALIASES.findall(sql)}
            return [tables[alias] for alias in named]
        return [str(table) for table in _TABLES.findall(sql)]


@contextmanager
def locks() -> Iterator[Locks]:
    noted = Locks()
    with connection.execute_wrapper(noted):
        yield noted


class Case:
    """A connection with mappings, two groups in each other, and three users."""

    name = "acme"

    def __init__(self) -> None:
        self.client: SCIMTestClient = connect(self.name)
        self.users = [post(self.client, name).json for name in ("acme-ann", "acme-bob", "eve")]
        ids = [user["id"] for user in self.users[:2]]
        self.inner = make_group(self.client, "Inner", *ids)
        self.outer = make_group(self.client, "Outer", self.inner["id"])
        self.group = self.inner
        map_to("Outer", match_by="displayName")

    @property
    def connection(self) -> ProviderConnection:
        return ProviderConnection.objects.get(provider_id=self.name)

    def change(self, group: dict[str, Any], op: str, *values: str) -> Any:
        operation = {"op": op, "path": "members", "value": [{"value": id} for id in values]}
        return self.client.patch(f"/Groups/{group['id']}", operation)

    def mixed(self) -> Any:
        """Change users and groups in the order that is the worst."""
        member = {"op": "add", "path": "members", "value": [{"value": self.users[2]["id"]}]}
        title = {"op": "replace", "path": "title", "value": "T"}
        people = [patch(f"/Users/{user['id']}", title) for user in reversed(self.users)]
        groups = [patch(f"/Groups/{group['id']}", member) for group in (self.outer, self.inner)]
        return bulk(self.client, *people, *groups)


ACTS: dict[str, Callable[[Case], Any]] = {
    "create": lambda case: post(case.client, "joe"),
    "deactivate": lambda case: set_active(case.client, case.users[0], False),
    "delete": lambda case: case.client.request("DELETE", f"/Users/{case.users[0]['id']}"),
    "add": lambda case: case.change(case.inner, "add", case.users[2]["id"]),
    "remove": lambda case: case.change(case.inner, "remove", case.users[0]["id"]),
    "nest": lambda case: case.change(
        case.outer, "add", make_group(case.client, "Third", case.users[2]["id"])["id"]
    ),
    "rename": lambda case: case.client.patch(
        f"/Groups/{case.outer['id']}", {"op": "replace", "path": "displayName", "value": "New"}
    ),
    "replace-group": lambda case: case.client.request(
        "PUT", f"/Groups/{case.inner['id']}", {"schemas": [GROUP], "displayName": "Inner"}
    ),
    "delete-group": lambda case: case.client.request("DELETE", f"/Groups/{case.outer['id']}"),
    "bulk": Case.mixed,
    "close": lambda case: close_connection(case.connection),
    "decommission": lambda case: decommission(case.connection, batch_size=2),
    "reconcile": lambda case: reconcile_roles(case.connection),
    "repair": lambda case: (repairing(case), repair(case.name, reopen=True)),  # type: ignore[arg-type]  # of the same shape
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_rows_are_locked_in_the_declared_order(act: Callable[[Case], Any]) -> None:
    case = Case()
    places = {model._meta.db_table: place for place, model in enumerate(ORDER)}

    with locks() as noted:
        act(case)

    locked = [[table for table in each if table in places] for each in noted.transactions]
    assert any(locked)
    for tables in locked:
        assert tables == sorted(tables, key=places.__getitem__)


@pytest.mark.skipif(
    not connection.features.has_select_for_no_key_update, reason="the lock is PostgreSQL's alone"
)
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_locks_leave_rows_that_refer_to_the_locked_ones_be_inserted(
    act: Callable[[Case], Any],
) -> None:
    case = Case()

    with locks() as noted:
        act(case)

    assert noted.keyless == []


def test_requests_in_opposite_orders_all_succeed() -> None:
    """Members added, people deactivated and groups nested, by eight at once."""
    case = Case()
    ids = [user["id"] for user in case.users]

    def work(number: int) -> set[int]:
        found = set()
        order = ids if number % 2 else ids[::-1]
        for _ in range(6):
            found.add(case.change(case.inner, "add", *order).status)
            found.add(case.mixed().status)
            found.add(case.change(case.inner, "remove", *order).status)
            active = number % 2 == 0
            found.add(set_active(case.client, case.users[number % 3], active).status)
            found.add(case.change(case.outer, "add", case.inner["id"]).status)
        return found

    statuses = set().union(*in_parallel(8, work))

    assert statuses <= {200, 204}


def test_groups_that_are_nested_at_once_make_no_circle() -> None:
    case = Case()
    groups = [make_group(case.client, f"G{number}") for number in range(4)]

    def nest(number: int) -> int:
        below = groups[(number + 1) % 4]["id"]
        return int(case.change(groups[number], "add", below).status)

    statuses = sorted(in_parallel(4, nest))

    assert statuses == [204, 204, 204, 400]
