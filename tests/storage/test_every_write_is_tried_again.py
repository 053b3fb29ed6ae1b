"""Every write goes through the seam: a deadlock at any of its statements changes nothing."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db import DatabaseError, connection
from django.dispatch import Signal

import django_scim_provider
from django_scim_provider import signals
from django_scim_provider.admin.ownership import OwnedAdmin
from django_scim_provider.models import (
    GroupMember,
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    RoleMapping,
    SCIMToken,
    Tombstone,
)
from tests.database_errors import of_mysql, of_postgresql
from tests.storage.writes import CASES, Case, Prepared

PACKAGE = Path(django_scim_provider.__file__).parent
SEAM = "storage/transactions/"
NAMES = {"atomic", "on_commit", "iterator", "select_for_update", "set_autocommit"}
ALLOWED = {
    # Below the storage, and of the kind that projects write: it runs in a transaction of ours.
    ("user_model/insertions.py", "atomic"),
    ("organizations/membership_model.py", "select_for_update"),
    ("revokers.py", "on_commit"),
    # For databases that the app has no SQL for, between which and the app no PgBouncer stands.
    ("storage/portable/scanning.py", "iterator"),
    # What begins a transaction on each database, for the seam.
    ("storage/sql/vendors/transacting.py", "atomic"),
    ("storage/sql/vendors/portable.py", "atomic"),
    # A part of the seam, which counts its tries by it.
    ("storage/operation_clock.py", "on_commit"),
    # A statement that is compiled outside of a transaction and runs inside one.
    ("storage/groups/group_rows.py", "select_for_update"),
    ("storage/users/writing/account_locks.py", "select_for_update"),
}
WRITES = ("INSERT", "UPDATE", "DELETE")

database = pytest.mark.django_db(transaction=True)


def named(tree: ast.AST) -> Iterator[str]:
    """Yield what code takes by name from elsewhere, called or not: attributes and imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def test_transactions_locks_and_cursors_are_the_seams() -> None:
    """What is opened elsewhere is not tried again; a cursor on the server breaks in a pooler."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith("migrations/") and not name.startswith(SEAM):
            found |= {(name, each) for each in named(ast.parse(path.read_text())) if each in NAMES}

    assert found == ALLOWED


def test_views_of_the_admin_that_save_are_tried_again() -> None:
    """Django's own open a transaction of their own, inside which nothing is."""
    ours = [
        each
        for model, each in admin.site._registry.items()
        if model._meta.app_label == "scim_provider"
    ]

    assert len(ours) >= 6
    assert [each for each in ours if not isinstance(each, OwnedAdmin)] == []


class Deadlock:
    """Lets one statement of a transaction, or its COMMIT, fail as databases do: all is undone."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.seen = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        aside = "last_used_at" in sql or "drift_checked_at" in sql
        if not aside and (connection.in_atomic_block or sql.startswith(WRITES)):
            self.meet()
        return execute(sql, params, many, context)

    def meet(self) -> None:
        self.seen += 1
        if self.seen - 1 == self.at:
            connection.connection.rollback()
            raise self.error()

    def error(self) -> DatabaseError:
        return of_mysql(1213) if connection.vendor == "mysql" else of_postgresql("40P01")


@contextmanager
def deadlocked(at: int | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deadlock]:
    database: Any = connection  # the stubs leave its own methods out
    deadlock, commit = Deadlock(at), database._commit

    def fail_to_commit() -> None:
        deadlock.meet()
        commit()

    with monkeypatch.context() as patched, connection.execute_wrapper(deadlock):
        patched.setattr(connection, "_commit", fail_to_commit)
        yield deadlock


def state(provider_id: str) -> list[tuple[Any, ...]]:
    """Return what a connection has, without what differs between two that have the same."""
    own = {"provider": provider_id}
    rows: list[tuple[Any, ...]] = []
    for connected in ProviderConnection.objects.filter(provider_id=provider_id):
        rows.append(("connection", connected.enabled, connected.decommissioned_at is None))
    for token in SCIMToken.objects.filter(**own).order_by("pk"):
        rows.append(("token", token.label, token.revoked_at is None))
    for account in LinkedAccount.objects.filter(**own).order_by("user_name"):
        user = account.user
        rows.append((account.user_name, account.active, account.version, account.released_at))
        rows[-1] = (*rows[-1][:3], account.released_at is None)
        rows.append(("user", user.get_username(), user.is_active))
        rows.append(("groups", *sorted(user.groups.values_list("name", flat=True))))
    for group in ProvisionedGroup.objects.filter(**own).order_by("display_name"):
        members = GroupMember.objects.filter(group=group).count()
        rows.append(("group", group.display_name, group.version, members))
    rows.append(("mappings", RoleMapping.objects.filter(**own).count()))
    rows.append(("tombstones", Tombstone.objects.filter(**own).count()))
    events = ProvisioningEvent.objects.filter(**own).order_by("pk")
    rows += events.values_list("action", "resource_type", "outcome", "status", "changed")
    return rows


@pytest.fixture
def sent() -> Iterator[Counter[str]]:
    """Yield how often each signal was sent that follows a commit."""
    found: Counter[str] = Counter()
    receivers = []
    for name in dir(signals):
        signal = getattr(signals, name)
        if isinstance(signal, Signal) and not name.startswith("before"):

            def note(name: str = name, **_: Any) -> None:
                found[name] += 1

            signal.connect(note)
            receivers.append((signal, note))
    yield found
    for signal, note in receivers:
        signal.disconnect(note)


@database
@pytest.mark.parametrize("prepare", CASES.values(), ids=CASES.keys())
def test_deadlock_at_any_statement_leaves_what_would_be_without(
    prepare: Prepared,
    sent: Counter[str],
    monkeypatch: pytest.MonkeyPatch,
    scim_settings: Callable[..., None],
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    def run(at: int | None) -> tuple[int, list[Any]]:
        case = Case()
        case.settings = scim_settings  # type: ignore[attr-defined]  # for those that need it
        act = prepare(case)
        case.client.get("/Users")  # the use of the token is noted
        sent.clear()
        with deadlocked(at, monkeypatch) as deadlock:
            act()
        beside = [state(f"{case.name}-{kind}") for kind in ("new", "set")]
        made = [state(case.name), *beside, sorted(sent.items())]
        return deadlock.seen, [case.anonymous(rows) for rows in made]

    run(None)  # what Django remembers, such as content types, it asks for once
    statements, expected = run(None)

    assert statements > 0
    for at in range(statements):
        seen, found = run(at)
        assert seen > at, f"statement {at} was not reached"
        assert found == expected, f"a deadlock at statement {at}"
