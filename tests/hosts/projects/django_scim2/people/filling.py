"""Many people and teams at once, as the endpoints of django-scim2 store them one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import F

BATCH = 1000


def make_people(bodies: Sequence[dict[str, Any]]) -> list[str]:
    """Store what was sent of each, and return their ids."""
    model: Any = get_user_model()
    people = [
        model(
            username=body["userName"],
            scim_username=body["userName"],
            scim_external_id=body.get("externalId"),
            first_name=body["name"]["givenName"],
            last_name=body["name"]["familyName"],
            email=body["emails"][0]["value"],
        )
        for body in bodies
    ]
    return _stored(model, people)


def make_teams(bodies: Sequence[dict[str, Any]], members: Sequence[Sequence[str]]) -> list[str]:
    """Store teams with the people of those ids, and return their ids."""
    model: Any = apps.get_app_config("people").get_model("Team")
    teams = [
        model(name=body["displayName"], scim_external_id=body.get("externalId")) for body in bodies
    ]
    made = _stored(model, teams)
    links: Any = model.user_set.through
    for team, ids in zip(made, members, strict=True):
        rows = [links(team_id=int(team), person_id=int(id)) for id in ids]
        links.objects.bulk_create(rows, BATCH)
    return made


def _stored(model: Any, rows: Sequence[Any]) -> list[str]:
    model.objects.bulk_create(rows, BATCH)
    model.objects.filter(scim_id=None).update(scim_id=F("id"))
    return [str(row.pk) for row in rows]
