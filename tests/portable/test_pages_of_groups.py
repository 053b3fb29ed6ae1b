"""Lists of groups, and of users by their groups, by the ORM alone are those that SQL finds."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.core.stores import ResourceStore
from django_scim_provider.models import GroupMember
from django_scim_provider.storage.groups import rendering
from django_scim_provider.storage.groups.rendering import MembersOfGroups
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.portable.memberships import named_members
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.store import UserStore
from tests.factories import make_account, make_connection
from tests.portable.both_ways import by_orm, same_pages, small_batches
from tests.scim_client import CORE, GROUP

pytestmark = pytest.mark.django_db
ROOT = "https://a.example/scim/v2"
CONTEXT = StoreContext(provider_id="acme", base_url=ROOT)
TERMS = [
    *("{0} pr", "not ({0} pr)", "{0}.value pr", "{0}.display pr", "{0}.type pr", "{0}.$ref pr"),
    *('{0}.value eq "{1}"', '{0} eq "{1}"', '{0}.value ne "{1}"', '{0}.value eq "nobody"'),
    *('not ({0}.value eq "{1}")', '{0}.value sw "{1}"', '{0}.value co "-"', '{0}.value gt "{1}"'),
    *('{0}[value eq "{1}" or value eq "{2}"]', '{0}[value eq "{1}" and value eq "{2}"]'),
    *('{0}.value eq "{1}" and {0}.value eq "{2}"', '{0}[value eq "{1}" or display sw "o"]'),
    *('{0}.display eq "OTHER"', '{0}.display ne "other"', '{0}.display co "e"'),
    *('{0}[display eq "inner" or display eq "x"]', 'not ({0}.display co "e")'),
    *('{0}.type eq "direct"', '{0}.type eq "Indirect"', '{0}.type eq "User"', '{0}.type ne "user"'),
    *('{0}[type eq "indirect" and display eq "outer"]', '{0}[not (type eq "direct")]'),
    *('{0}[type eq "direct" and value eq "{1}"]', '{0}[type eq "user" and display pr]'),
    *('{0}.$ref ew "{1}"', '{0}.$ref co "/Groups/"', '{0}.$ref eq "' + ROOT + '/Users/{2}"'),
    *('{0}.$ref co "%2"', '{0}.$ref co "a%20b"', '{0}.value eq "a b"', '{0}.$ref lt "i"'),
    *('{0}.value eq "{1}" and meta.created pr', '{0}.value eq "{1}" or externalId eq "e"'),
]


@pytest.fixture
def people() -> list[str]:
    make_connection(provider_id="acme")
    named = [{"displayName": "Other"}, {"displayName": "é"}, {}, {}]
    return [
        make_account("acme", {"schemas": [CORE], "userName": f"user{number}", **more}, number)
        for number, more in enumerate(named)
    ]


@pytest.fixture
def groups(people: list[str]) -> list[str]:
    """Return the ids of groups within groups; in one somebody is in both ways."""
    store = GroupStore(CONTEXT)
    made: list[str] = []

    def make(name: str, *members: str, scim_id: str | None = None) -> None:
        body = {"schemas": [GROUP], "displayName": name, "externalId": "e" * (not made)}
        held = [{"value": member} for member in members]
        stored, _ = store.create({**body, "members": held}, scim_id=scim_id)
        made.append(stored.id)

    make("inner", people[0], people[1])
    make("outer", made[0], people[1])
    make("Other", people[2], made[1], scim_id="a b")
    make("empty")
    make("beside", made[1], made[3])
    make("last", "a b")
    return made


@pytest.mark.parametrize("size", [2, 500])
@pytest.mark.parametrize("kind", ["users", "groups"])
def test_filters_on_memberships_find_the_same(
    people: list[str], groups: list[str], kind: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_batches(monkeypatch, size)
    store: ResourceStore = UserStore(CONTEXT) if kind == "users" else GroupStore(CONTEXT)
    name = "groups" if kind == "users" else "members"
    ids = groups if kind == "users" else people
    found = [same_pages(store, term.format(name, *ids)) for term in TERMS]
    assert set(found) >= {0, 1, 2, 3}


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort_by", ["displayName", "externalId", "id", "meta.lastModified"])
def test_orders_of_groups_are_the_same(groups: list[str], sort_by: str, descending: bool) -> None:
    for text in (None, 'displayName sw "o"', 'members.type eq "group"'):
        found = same_pages(GroupStore(CONTEXT), text, sort_by=sort_by, descending=descending)
        assert found > 1


def test_cycle_ends(groups: list[str]) -> None:
    store = GroupStore(CONTEXT)
    first, outer = (store.groups.get(scim_id=id) for id in (groups[0], groups[1]))
    GroupMember.objects.create(group=first, child=outer)

    for term in TERMS:
        same_pages(UserStore(CONTEXT), term.format("groups", *groups))


def test_members_come_in_the_order_of_their_keys(
    groups: list[str], people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def backwards(*args: Any) -> Any:
        return tuple(dict(reversed([*named.items()])) for named in named_members(*args))

    monkeypatch.setattr(rendering, "named_members", backwards)
    with by_orm():
        text = f'{{"id":"{groups[0]}"}}'
        shown = [each for batch in MembersOfGroups(CONTEXT).values(text) for each in batch]

    assert [each["value"] for each in shown] == people[:2]
