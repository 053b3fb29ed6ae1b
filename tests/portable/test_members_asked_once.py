"""Imports and commands ask who is a member before they look at rows, not in each of these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

from django_scim_provider.importing import (
    ImportedGroup,
    ImportedPerson,
    import_groups,
    import_people,
)
from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.storage.sql.statements import by_orm as statements
from tests.people import connect, make_organization, make_user
from tests.portable.watching.watch import Watch
from tests.scim_client import GROUP, SCIMTestClient
from tests.tenancy.backends import Listed
from tests.tenancy.models import Membership
from tests.test_query_budgets import statements as sent_statements

pytestmark = pytest.mark.django_db
NAMES = ("ann", "bob", "eve")


@pytest.fixture
def users() -> list[Any]:
    """Return members of an organization."""
    organization = make_organization("o1")
    made = [make_user(name) for name in NAMES]
    for user in made:
        Membership.objects.create(organization=organization, user=user, role="member")
    return made


@pytest.fixture
def client(portable: Watch, users: list[Any]) -> SCIMTestClient:
    """Return the client of the organization's connection, on the portable way."""
    return connect(organization_id="o1")


def test_import_of_groups(client: SCIMTestClient, users: list[Any]) -> None:
    acme = ProviderConnection.objects.get(provider_id="acme")
    import_people(acme, [ImportedPerson(user=user, id=user.username) for user in users])
    Membership.objects.filter(user=users[2]).delete()
    resource = {"displayName": "Team"}
    keys = [user.pk for user in users]
    groups = [
        ImportedGroup(id="1", resource=resource, name="", users=keys),
        ImportedGroup(id="2", resource=resource, name="", members=[*NAMES, "1", "nobody"]),
    ]

    import_groups(acme, groups)

    found = [client.get(f"/Groups/{id}").json["members"] for id in "12"]
    assert [sorted(member["value"] for member in members) for members in found] == [
        ["ann", "bob"],
        ["1", "ann", "bob"],
    ]


@pytest.mark.parametrize("size", [2, 500])
def test_link_to_members(
    client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch, capsys: Any, size: int
) -> None:
    monkeypatch.setattr(statements, "BATCH", size)
    make_user("nobody")

    with sent_statements() as sent:
        call_command("scim_link_users", "acme", "--members", "--commit")

    assert capsys.readouterr().out.splitlines()[0] == "Linked 3 users; 0 are linked already."
    assert sorted(LinkedAccount.objects.values_list("user_name", flat=True)) == [*NAMES]
    assert not [sql for sql in sent if "IN (SELECT" in sql]


def test_link_to_nobody(client: SCIMTestClient, capsys: Any) -> None:
    Membership.objects.all().delete()

    call_command("scim_link_users", "acme", "--members", "--commit")

    assert capsys.readouterr().out.splitlines()[0] == "Linked 0 users; 0 are linked already."


def test_filter_on_members_in_a_patch(
    client: SCIMTestClient,
    users: list[Any],
    scim_settings: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scim_settings(ORGANIZATION_BACKEND="tests.tenancy.backends.Listed")
    acme = ProviderConnection.objects.get(provider_id="acme")
    import_people(acme, [ImportedPerson(user=user, id=user.username) for user in users])
    members = [{"value": name} for name in NAMES]
    group = {"schemas": [GROUP], "displayName": "g", "members": members}
    id = client.request("POST", "/Groups", group).json["id"]
    asked: list[str] = []
    ask = Listed.members

    def count(self: Listed, organization_id: str) -> Any:
        asked.append(organization_id)
        return ask(self, organization_id)

    monkeypatch.setattr(Listed, "members", count)
    numbers = []
    for size in (500, 1):
        monkeypatch.setattr(statements, "BATCH", size)
        asked.clear()
        remove = {"op": "remove", "path": 'members[display co "nobody"]'}
        assert client.patch(f"/Groups/{id}", remove).status == 204
        numbers.append(len(asked))

    assert numbers[0] == numbers[1] > 0
