"""Fills the project of django-scim2-server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import Group, User
from django_scim2_server.models import SCIMGroup, SCIMUser

from benchmarks.people import whole_person

BATCH = 2000


def fill(people: int, sizes: Sequence[int], *, indexes: bool) -> dict[str, Any]:
    """Return the ids of people and of groups by size."""
    keys: list[int] = []
    ids: list[str] = []
    for start in range(0, people, BATCH):
        found = [whole_person(number) for number in range(start, min(people, start + BATCH))]
        names = [resource["userName"] for resource in found]
        User.objects.bulk_create([_user(resource) for resource in found])
        by_name = User.objects.in_bulk(names, field_name="username")
        users = [by_name[name] for name in names]
        own = [_own(user, resource) for user, resource in zip(users, found, strict=True)]
        SCIMUser.objects.bulk_create(own)
        ids += [str(each.id) for each in own]
        keys += [user.pk for user in users]
    groups = {}
    for size in sizes:
        group = Group.objects.create(name=f"group-{size}")
        own_group = SCIMGroup.objects.create(
            group=group, display_name=group.name, external_id=f"gext-{size}"
        )
        through = User.groups.through
        members = [through(user_id=key, group_id=group.pk) for key in keys[:size]]
        through.objects.bulk_create(members, batch_size=BATCH)
        groups[size] = str(own_group.id)
    return {"people": ids, "groups": groups}


def _user(resource: dict[str, Any]) -> User:
    return User(
        username=resource["userName"],
        first_name=resource["name"]["givenName"],
        last_name=resource["name"]["familyName"],
        email=resource["emails"][0]["value"],
        is_active=resource["active"],
    )


def _own(user: User, resource: dict[str, Any]) -> Any:
    return SCIMUser(
        user=user,
        scim_username=user.username,
        external_id=resource["externalId"],
        active=user.is_active,
    )
