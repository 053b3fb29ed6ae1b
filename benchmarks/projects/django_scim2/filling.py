"""Fills the project of django-scim2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import F
from django.db.models.functions import Cast

from benchmarks.people import whole_person
from benchmarks.projects.django_scim2.models import Group, User

BATCH = 2000


def fill(people: int, sizes: Sequence[int], *, indexes: bool) -> dict[str, Any]:
    """Return the ids of people and of groups by size."""
    for start in range(0, people, BATCH):
        numbers = range(start, min(people, start + BATCH))
        User.objects.bulk_create([_user(whole_person(number)) for number in numbers])
    User.objects.update(scim_id=Cast(F("id"), models.CharField(max_length=254)))
    ids = list(User.objects.order_by("id").values_list("id", flat=True))
    groups = {}
    for size in sizes:
        name, through = f"group-{size}", User.groups.through
        group = Group(name=name, scim_display_name=name, scim_external_id=f"gext-{size}")
        group.save()
        members = [through(user_id=id, group_id=group.pk) for id in ids[:size]]
        through.objects.bulk_create(members, batch_size=BATCH)
        groups[size] = str(group.pk)
    return {"people": [str(id) for id in ids], "groups": groups}


def _user(resource: dict[str, Any]) -> User:
    return User(
        username=resource["userName"],
        scim_username=resource["userName"],
        scim_external_id=resource["externalId"],
        first_name=resource["name"]["givenName"],
        last_name=resource["name"]["familyName"],
        email=resource["emails"][0]["value"],
        is_active=resource["active"],
        password="!",  # noqa: S106 - none that anybody could have
    )
