"""People, groups and tokens of a connection."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.insight.health import health_of, summaries
from django_scim_provider.models import (
    GroupMember,
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    RoleMapping,
    SCIMToken,
    Tombstone,
)
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import as_held
from tests.factories import make_account, make_connection
from tests.health.conftest import Note
from tests.health.moments import NOON
from tests.people import connect, make_user, post
from tests.scim_client import CORE

pytestmark = pytest.mark.django_db


class Cautious(DefaultAdapter):
    """Protects whom it likes."""

    def is_protected(self, user: Any) -> bool:
        return bool(user.username.startswith("vip"))


def account(provider_id: str, number: int, **fields: Any) -> LinkedAccount:
    key = make_account(provider_id, {"schemas": [CORE], "userName": f"u{number}"}, number)
    LinkedAccount.objects.filter(pk=key).update(**fields)
    return LinkedAccount.objects.get(pk=key)


def group(connection: ProviderConnection, name: str) -> ProvisionedGroup:
    return ProvisionedGroup.objects.create(
        provider=connection,
        display_name=name,
        display_name_key=name,
        resource="{}",
        created_at=NOON,
        last_modified=NOON,
    )


def token(connection: ProviderConnection, **fields: Any) -> SCIMToken:
    lookup = uuid7().hex[-8:]
    return SCIMToken.objects.create(provider=connection, lookup=lookup, secret="s", **fields)


def test_accounts_are_counted_by_state(connection: ProviderConnection) -> None:
    account("acme", 1)
    account("acme", 2, active=False)
    account("acme", 3, released_at=NOON)
    account("acme", 4, active=False, released_at=NOON)
    make_connection(provider_id="other")
    account("other", 5)

    (found,) = summaries([connection], NOON)

    assert (found.users, found.active_users) == (4, 1)
    assert (found.inactive_users, found.released_users) == (1, 2)


def test_groups_are_counted_with_those_without_members(connection: ProviderConnection) -> None:
    parent, child, _empty = (group(connection, name) for name in ("a", "b", "c"))
    GroupMember.objects.create(group=parent, child=child)
    for number in (1, 2):
        GroupMember.objects.create(group=child, account=account("acme", number))

    (found,) = summaries([connection], NOON)

    assert (found.groups, found.empty_groups) == (3, 1)


def test_tokens_are_live_or_not(connection: ProviderConnection) -> None:
    day = timedelta(days=1)
    late = token(connection, expires_at=NOON + 9 * day)
    forever = token(connection)
    soon = token(connection, expires_at=NOON + day)
    token(connection, expires_at=NOON - day, last_used_at=NOON - 2 * day)
    token(connection, revoked_at=NOON)

    health = health_of(connection, NOON)

    assert health.tokens == (soon, late, forever)
    assert health.summary.live_tokens == 3
    assert health.summary.next_expiry == as_held(NOON + day)
    assert health.last_contact == as_held(NOON) - 2 * day
    assert all("secret" in each.get_deferred_fields() for each in health.tokens)


def test_last_contact_is_the_use_of_a_token_or_a_later_change(
    connection: ProviderConnection, note: Note
) -> None:
    before = health_of(connection, NOON).last_contact
    token(connection, last_used_at=NOON - timedelta(hours=2))
    used = health_of(connection, NOON).last_contact
    note(connection, ago=timedelta(hours=1))
    note(connection, request_id="", action="generate_token", status=None)

    assert before is None
    assert used == as_held(NOON) - timedelta(hours=2)
    assert health_of(connection, NOON).last_contact == as_held(NOON) - timedelta(hours=1)


def test_protected_users_are_staff_superusers_and_the_owner(
    connection: ProviderConnection, scim_settings: Any
) -> None:
    people = [account("acme", number).user for number in range(4)]
    type(people[0])._default_manager.filter(pk=people[0].pk).update(is_staff=True)
    type(people[0])._default_manager.filter(pk=people[1].pk).update(is_superuser=True)
    connection.owner = people[2]

    with_rule = health_of(connection, NOON).protected_users
    scim_settings(ALLOW_PRIVILEGED_USERS=True)

    assert (with_rule, health_of(connection, NOON).protected_users) == (3, 1)


def test_protected_users_are_not_counted_by_a_rule_of_the_project(
    connection: ProviderConnection, scim_settings: Any
) -> None:
    scim_settings(ADAPTER=f"{__name__}.Cautious")

    assert health_of(connection, NOON).protected_users is None


def test_tombstones_and_mappings_are_counted(connection: ProviderConnection) -> None:
    Tombstone.objects.create(
        provider=connection,
        account_id="gone",
        user=make_user("gone"),
        created_user=True,
        manages_profile=True,
        deactivated_user=True,
    )
    RoleMapping.objects.create(provider=connection, value="x", project_role="editor")

    health = health_of(connection, NOON)

    assert (health.tombstones, health.mappings) == (1, 1)


def test_failures_know_their_account_or_group_while_it_is_there(
    connection: ProviderConnection, note: Note
) -> None:
    person, team = account("acme", 1), group(connection, "team")
    make_connection(provider_id="other")
    foreign = account("other", 2)
    for minutes, id in enumerate((person.pk, team.pk, foreign.pk, uuid7(), "", "no id")):
        note(
            connection,
            ago=timedelta(minutes=minutes),
            outcome="refused",
            status=400,
            resource_type="Group" if id == team.pk else "User",
            resource_id=str(id),
        )

    found = [failure.resource for failure in health_of(connection, NOON).failures]

    assert found == [person, team, None, None, None, None]


def test_owner_who_is_inactive_is_noticed_for_personal_connections() -> None:
    owner = make_user("boss", is_active=False)
    personal = make_connection(provider_id="mine", owner=owner)
    shared = make_connection(provider_id="ours", organization_id="org", owner=owner)

    found = [health_of(each, NOON).owner_is_active for each in (personal, shared)]

    assert found == [False, True]


def test_what_really_happens_is_seen() -> None:
    client = connect()
    post(client, "ann@x.example")
    post(client, "ann@x.example")

    health = health_of(ProviderConnection.objects.get())

    assert (health.summary.users, health.activity.total.refused) == (1, 1)
    assert health.failures[0].event.scim_type == "uniqueness"
    assert health.last_contact is not None
    assert timezone.now() - health.last_contact < timedelta(minutes=1)


def fill(connection: ProviderConnection, note: Note, number: int, start: int) -> None:
    """Add as many accounts, groups, tokens, and failed requests."""
    for each in range(start, start + number):
        person, team = account(connection.provider_id, each), group(connection, f"g{each}")
        GroupMember.objects.create(group=team, account=person)
        token(connection)
        for kind, row in (("User", person), ("Group", team)):
            id = str(row.pk)
            note(connection, outcome="refused", status=409, resource_type=kind, resource_id=id)


def test_queries_are_the_same_for_any_number_of_rows(
    connection: ProviderConnection, note: Note
) -> None:
    health_of(connection, NOON)  # keeps the days that are over
    taken = []
    for number, start in ((1, 0), (199, 1)):
        fill(connection, note, number, start)
        with CaptureQueriesContext(database) as queries:
            health_of(ProviderConnection.objects.get(), NOON)
        taken.append(len(queries))

    assert taken == [14, 14]


def test_summaries_take_the_same_queries_for_any_number_of_connections(
    connection: ProviderConnection, django_assert_num_queries: Any
) -> None:
    many = [connection, *(make_connection(provider_id=f"c{number}") for number in range(5))]

    with django_assert_num_queries(3):
        found = summaries(many, NOON)

    assert [each.connection for each in found] == many
