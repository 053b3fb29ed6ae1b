"""Who gains and who loses a role is the same by the ORM alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from django_scim_provider.models import LinkedAccount, RoleGrant, RoleMapping
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.roles import candidates
from django_scim_provider.storage.roles.effects import RoleEffects
from django_scim_provider.storage.roles.reconcile import Roles
from django_scim_provider.storage.roles.role_changes import Narrowing
from django_scim_provider.storage.roles.targets import RoleTarget
from django_scim_provider.storage.sql.statements import by_orm as statements
from django_scim_provider.storage.store_context import StoreContext
from tests.factories import make_account, make_connection
from tests.portable.both_ways import by_orm
from tests.scim_client import CORE, GROUP
from tests.test_query_budgets import statements as sent_statements

pytestmark = pytest.mark.django_db
CONTEXT = StoreContext(provider_id="acme")
OWN: dict[str, Any] = {"provider_id": "acme"}
WAYS = ("group", "attribute", "everyone", "both")


@pytest.fixture
def groups() -> list[str]:
    """Return the ids of a group and of one that it holds; one of seven people is inactive."""
    make_connection(provider_id="acme")
    people = [
        make_account(
            "acme",
            {"schemas": [CORE], "userName": f"u{n}", "title": "AB"[n % 2], "active": n != 3},
            n,
        )
        for n in range(7)
    ]
    store, ids = GroupStore(CONTEXT), [""]
    for members in (people[:2], people[1:5]):
        held = [{"value": id} for id in (*members, ids[-1]) if id]
        body = {"schemas": [GROUP], "displayName": f"g{len(ids)}", "members": held}
        ids.append(store.create(body)[0].id)
    return ids[1:]


@pytest.fixture
def target(groups: list[str]) -> RoleTarget:
    """Return a role that every third person has by a grant."""
    role = RoleTarget(django_group_id=Group.objects.create(name="role").pk)
    for user in get_user_model()._default_manager.order_by("pk")[::3]:
        RoleGrant.objects.create(user=user, **OWN, **role._asdict())
        user.groups.add(role.django_group_id)
    return role


def effects(target: RoleTarget, groups: list[str], way: str) -> RoleEffects:
    kinds = RoleMapping.MatchBy
    made = {
        "group": [(kinds.ID, groups[1], "")],
        "attribute": [(kinds.ATTRIBUTE, "a", "title")],
        "everyone": [(kinds.EVERYONE, "", "")],
    }
    rows = made.get(way) or [*made["group"], *made["attribute"]]
    mappings = [
        RoleMapping(match_by=kind, value=value, attribute=name, **OWN, **target._asdict())
        for kind, value, name in rows
    ]
    return RoleEffects(CONTEXT, Narrowing([target], mappings))


def told(effect: RoleEffects) -> Iterator[Any]:
    summary = effect.summary()
    yield summary.gains.count, summary.loses.count, summary.fingerprint
    yield [(each.name, each.gains) for each in effect.each()]
    for position, step, keys in effect.candidates():
        yield step, keys, [found[2] for found in effect.candidates(position)]


@pytest.mark.parametrize("size", [1, 500])
@pytest.mark.parametrize("way", WAYS)
def test_effects_are_the_same(
    groups: list[str], target: RoleTarget, way: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_scim_provider.storage.roles.effects.CHUNK", 2)
    for module in (statements, candidates):
        monkeypatch.setattr(module, "BATCH", size)
    expected = list(told(effects(target, groups, way)))

    with by_orm():
        assert list(told(effects(target, groups, way))) == expected

    assert expected[0][0] > 0


def test_members_are_read_once(
    groups: list[str], target: RoleTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_scim_provider.storage.roles.effects.CHUNK", 1)
    for module in (statements, candidates):
        monkeypatch.setattr(module, "BATCH", 1)

    with by_orm(), sent_statements() as sent:
        found = list(effects(target, groups, "group").candidates())

    of_members = [sql for sql in sent if re.search("account_id.? IS NOT NULL", sql)]
    gaining = [keys for _, (_, gains), keys in found if gains]
    assert len(gaining) > 1
    assert all("LIMIT 1" in sql for sql in of_members)
    # Of two groups the next one each, for who is due and who has it already, and once for the end.
    assert len(of_members) <= 2 * (5 + len(gaining) + 1)


@pytest.mark.parametrize("way", WAYS)
def test_place_that_there_is_not_is_refused(
    groups: list[str], target: RoleTarget, way: str
) -> None:
    with by_orm(), pytest.raises(ValueError, match="UUID"):
        list(effects(target, groups, way).candidates("0:x"))


def test_users_of_groups_are_the_same(groups: list[str]) -> None:
    keys = list(GroupStore(CONTEXT).groups.values_list("pk", flat=True))
    expected = Roles(CONTEXT).users_below(keys)

    with by_orm():
        assert sorted(Roles(CONTEXT).users_below(keys)) == sorted(expected)

    held = LinkedAccount.objects.filter(user_name__in=[f"u{n}" for n in range(5)])
    assert sorted(expected) == sorted(held.values_list("user_id", flat=True))
