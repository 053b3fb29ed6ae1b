"""Work of previews and comparisons for a connection of which the statistics do not know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection

from django_scim_provider.core.schemas import USER
from django_scim_provider.insight.drift.grants import Grants
from django_scim_provider.models import RoleGrant, RoleMapping
from django_scim_provider.storage.roles.effects import RoleEffects
from django_scim_provider.storage.roles.role_changes import Narrowing
from django_scim_provider.storage.roles.targets import RoleTarget
from django_scim_provider.storage.store_context import StoreContext
from tests.factories import make_account, make_connection
from tests.indexes.plans import watched
from tests.planning import gather_statistics, plan_of
from tests.scim_client import CORE

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="others plan without statistics"),
]

PEOPLE = 100
LINEAR = 30 * PEOPLE
CONTEXT = StoreContext(provider_id="new")


@pytest.fixture
def role() -> RoleTarget:
    """Return a role that all have, in a connection that was made after the statistics."""
    group = Group.objects.create(name="role")
    _fill("old", 2 * PEOPLE, group)
    gather_statistics()
    _fill("new", PEOPLE, group)
    return RoleTarget(django_group_id=group.pk)


def _fill(provider_id: str, people: int, group: Group) -> None:
    make_connection(provider_id=provider_id)
    for number in range(people):
        name = f"{provider_id}{number}"
        content = {"schemas": [CORE], "userName": name, "title": "Engineer"}
        make_account(provider_id, content, name)
    users = get_user_model()._default_manager.filter(username__startswith=f"user{provider_id}")
    own: dict[str, Any] = {"provider_id": provider_id, "django_group_id": group.pk}
    for user in users:
        RoleGrant.objects.create(user=user, **own)


def effects_of(kind: str, value: str, attribute: str) -> Callable[[RoleTarget], Any]:
    def told(role: RoleTarget) -> Any:
        own: dict[str, Any] = {"provider_id": "new", **role._asdict()}
        mapping = RoleMapping(match_by=kind, value=value, attribute=attribute, **own)
        effect = RoleEffects(CONTEXT, Narrowing([role], [mapping])).summary()
        return effect.gains.count, effect.loses.count

    return told


@pytest.mark.parametrize(
    "asked",
    [
        effects_of(RoleMapping.MatchBy.EVERYONE, "", ""),
        effects_of(RoleMapping.MatchBy.ATTRIBUTE, "Engineer", "title"),
        effects_of(RoleMapping.MatchBy.ATTRIBUTE, "boss", "title"),
        lambda role: Grants(CONTEXT, USER).total(),
    ],
    ids=["everyone", "whom-all-have", "what-nobody-has", "drift"],
)
def test_work_grows_with_the_connection(
    role: RoleTarget, asked: Callable[[RoleTarget], Any]
) -> None:
    with watched() as seen:
        asked(role)

    with connection.cursor() as cursor:
        # Tables as small as these are read whole for each row, which others are not.
        cursor.execute("SET LOCAL enable_seqscan = off")
    plans = {sql: plan_of(sql, values) for sql, values in seen.all if "SELECT" in sql}
    assert plans
    beyond = ["\n".join([sql, *nodes]) for sql, (rows, nodes) in plans.items() if rows > LINEAR]
    assert not beyond, "\n\n".join(beyond)
