"""Many people and groups at once, as the endpoints of django-scim2-server store them one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import Group, User
from django_scim2_server.models import SCIMGroup, SCIMUser

BATCH = 1000


def make_people(bodies: Sequence[dict[str, Any]]) -> list[str]:
    """Store what was sent of each, and return their ids."""
    users = User.objects.bulk_create(
        [
            User(
                username=body["userName"],
                first_name=body["name"]["givenName"],
                last_name=body["name"]["familyName"],
                email=body["emails"][0]["value"],
            )
            for body in bodies
        ],
        BATCH,
    )
    people = [
        SCIMUser(
            user=user,
            scim_username=body["userName"],
            external_id=body.get("externalId", ""),
        )
        for user, body in zip(users, bodies, strict=True)
    ]
    return [str(person.pk) for person in SCIMUser.objects.bulk_create(people, BATCH)]


def make_teams(bodies: Sequence[dict[str, Any]], members: Sequence[Sequence[str]]) -> list[str]:
    """Store groups with the people of those ids, and return their ids."""
    groups = Group.objects.bulk_create([Group(name=body["displayName"]) for body in bodies], BATCH)
    teams = [
        SCIMGroup(
            group=group,
            display_name=body["displayName"],
            external_id=body.get("externalId", ""),
        )
        for group, body in zip(groups, bodies, strict=True)
    ]
    users = {str(id): user for id, user in SCIMUser.objects.values_list("pk", "user_id")}
    links = User.groups.through
    for group, ids in zip(groups, members, strict=True):
        rows = [links(group_id=group.pk, user_id=users[id]) for id in ids]
        links._default_manager.bulk_create(rows, BATCH)
    return [str(team.pk) for team in SCIMGroup.objects.bulk_create(teams, BATCH)]
