"""Every write goes through the seam: a deadlock at any of its statements changes nothing."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection
from django.dispatch import Signal
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import django_scim_provider
from django_scim_provider import signals
from django_scim_provider.models import (
    GroupMapping,
    GroupMember,
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    SCIMToken,
    Tombstone,
)
from django_scim_provider.registry import get_registry
from django_scim_provider.services.adoption import adopt_users
from django_scim_provider.services.connections import (
    close_connection,
    decommission,
    switch_connection,
)
from django_scim_provider.services.pruning import prune_events
from django_scim_provider.services.reconciliation import reconcile_roles
from django_scim_provider.services.tokens import (
    generate_scim_token,
    revoke_connection_tokens,
    revoke_scim_token,
    revoke_tokens_of_owner,
)
from django_scim_provider.services.verification import verify_token
from django_scim_provider.tokens import WireToken
from tests.administration import logged_in, staff, url
from tests.drift.comparing import repair
from tests.people import connect, make_user, post, set_active
from tests.scim_client import CORE, SCIMTestClient
from tests.storage.test_transactions import of_mysql, of_postgresql
from tests.test_bulk import bulk, create, patch
from tests.test_groups import make_group
from tests.test_roles import change, map_to

PACKAGE = Path(django_scim_provider.__file__).parent
SEAM = "storage/base.py"
CALLS = {"atomic", "on_commit", "iterator", "select_for_update"}
ALLOWED = {
    # Below the storage, and of the kind that projects write: it runs in a transaction of ours.
    ("organizations/membership_model.py", "atomic"),
    ("organizations/membership_model.py", "select_for_update"),
    ("revokers.py", "on_commit"),
}
WRITES = ("INSERT", "UPDATE", "DELETE")

database = pytest.mark.django_db(transaction=True)


def test_transactions_locks_and_cursors_are_the_seams() -> None:
    """What is opened elsewhere is not tried again; a cursor on the server breaks in a pooler."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        if name.startswith("migrations/") or name == SEAM:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in CALLS:
                found.add((name, called.attr))

    assert found == ALLOWED


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
    rows.append(("mappings", GroupMapping.objects.filter(**own).count()))
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


class Case:
    """A connection with a user, a group and a mapping, whose names no other case has."""

    number = 0

    def __init__(self) -> None:
        Case.number += 1
        self.name = f"c{Case.number:03}"
        self.client: SCIMTestClient = connect(self.name)
        self.ann = post(self.client, f"{self.name}-ann").json
        self.bob = post(self.client, f"{self.name}-bob").json
        self.group = make_group(self.client, "Team", self.ann["id"])
        map_to(self.group["id"], provider_id=self.name)

    @property
    def connection(self) -> ProviderConnection:
        return ProviderConnection.objects.get(provider_id=self.name)

    @property
    def token(self) -> SCIMToken:
        return SCIMToken.objects.filter(provider__provider_id=self.name).latest("pk")

    def anonymous(self, rows: list[tuple[Any, ...]]) -> list[Any]:
        return [
            tuple(str(value).replace(self.name, "*") if value else value for value in row)
            for row in rows
        ]


Prepared = Callable[[Case], Callable[[], Any]]
"""Prepares a case; returns what is done while the database deadlocks."""


def repairing(case: Case) -> Callable[[], Any]:
    get_user_model()._default_manager.filter(username=f"{case.name}-bob").update(is_active=False)
    LinkedAccount.objects.filter(user_name=f"{case.name}-ann").update(external_id="wrong")
    ProvisionedGroup.objects.filter(pk=case.group["id"]).update(display_name_key="wrong")
    return lambda: repair(case.name, reopen=True)


def adopting(case: Case) -> Callable[[], Any]:
    users = [make_user(f"{case.name}-{name}") for name in ("eve", "joe")]
    rows = get_user_model()._default_manager.filter(pk__in=[user.pk for user in users])
    user_type = get_registry().by_name("User").resource_type
    return lambda: adopt_users(case.connection, rows, user_type, commit=True, trust_unverified=True)


def reconciling(case: Case) -> Callable[[], Any]:
    map_to(case.group["id"], provider_id=case.name, to="more")
    return lambda: reconcile_roles(case.connection)


def owned(case: Case) -> Callable[[], Any]:
    user = make_user(f"{case.name}-owner")
    ProviderConnection.objects.filter(provider_id=case.name).update(owner=user)
    return partial(revoke_tokens_of_owner, user)


def in_the_admin(case: Case) -> Client:
    return logged_in(staff(f"{case.name}-root", is_superuser=True))


def saved(page: Any) -> None:
    """Make sure that a form was accepted, which is answered by a redirect."""
    assert page.status_code == 302


def unlinking(case: Case) -> Callable[[], Any]:
    browser, chosen = in_the_admin(case), [case.ann["id"], case.bob["id"]]
    form = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    address = reverse("admin:scim_provider_linkedaccount_changelist")
    return lambda: saved(browser.post(address, form))


def mapping_in_the_admin(case: Case) -> Callable[[], Any]:
    browser, group = (
        in_the_admin(case),
        GroupMapping.objects.get(provider__provider_id=case.name).django_group,
    )
    form = {"provider": case.name, "match_by": "displayName", "value": "Team"}
    form["django_group"] = str(group and group.pk)
    return lambda: saved(browser.post(url(GroupMapping, "add"), form))


def deleting_a_mapping(case: Case) -> Callable[[], Any]:
    browser, mapping = in_the_admin(case), GroupMapping.objects.get(provider__provider_id=case.name)
    return lambda: saved(browser.post(url(GroupMapping, "delete", mapping.pk), {"post": "yes"}))


def from_settings(case: Case) -> Callable[[], Any]:
    secret = "s" * 40
    case.settings(DEFAULT_SCIM=[{"provider_id": f"{case.name}-set", "scim_token": secret}])  # type: ignore[attr-defined]  # given by the test
    wire = WireToken(secret, f"{case.name}-set", None).encode()
    return lambda: verify_token(wire) is not None


def many(case: Case) -> Callable[[], Any]:
    rename = {"op": "replace", "path": "displayName", "value": "Renamed"}
    return lambda: bulk(
        case.client,
        create("a", f"{case.name}-new"),
        patch(f"/Groups/{case.group['id']}", rename),
        {"method": "DELETE", "path": f"/Users/{case.bob['id']}"},
    )


CASES: dict[str, Prepared] = {
    "close": lambda case: partial(close_connection, case.connection),
    "switch": lambda case: partial(switch_connection, case.connection, enabled=False),
    "decommission": lambda case: partial(decommission, case.connection, batch_size=1),
    "generate-for-a-new-one": lambda case: partial(generate_scim_token, f"{case.name}-new"),
    "rotate": lambda case: partial(generate_scim_token, case.name, label="new"),
    "overlap": lambda case: partial(generate_scim_token, case.name, overlap=timedelta(hours=1)),
    "revoke": lambda case: partial(revoke_scim_token, case.token),
    "revoke-all": lambda case: partial(revoke_connection_tokens, case.connection),
    "revoke-of-owner": owned,
    "token-from-settings": from_settings,
    "repair": repairing,
    "adopt": adopting,
    "reconcile": reconciling,
    "prune": lambda case: partial(prune_events, timezone.now(), connection=case.connection),
    "create": lambda case: partial(
        case.client.request,
        "POST",
        "/Users",
        {
            "schemas": [CORE],
            "userName": f"{case.name}-eve",
            "emails": [{"value": f"{case.name}@x.example"}],
        },
    ),
    "deactivate": lambda case: partial(set_active, case.client, case.ann, False),
    "delete": lambda case: partial(case.client.request, "DELETE", f"/Users/{case.ann['id']}"),
    "members": lambda case: partial(change, case.client, case.group, "add", case.bob),
    "delete-group": lambda case: partial(
        case.client.request, "DELETE", f"/Groups/{case.group['id']}"
    ),
    "bulk": many,
    "unlink-in-the-admin": unlinking,
    "map-in-the-admin": mapping_in_the_admin,
    "unmap-in-the-admin": deleting_a_mapping,
}


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
