"""Connections at a glance, and how far their set-up is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from django_scim_provider.insight.at_a_glance.first_steps import (
    FirstStep,
    FirstSteps,
    first_steps_of,
)
from django_scim_provider.insight.at_a_glance.glances import glances
from django_scim_provider.insight.conditions import Condition, condition_of
from django_scim_provider.insight.health import health_of
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.models.moments import utc_now
from django_scim_provider.tokens.wire import WireToken
from tests.factories import make_token
from tests.people import connect, make_user, post
from tests.scim_client import GROUP, SCIMTestClient

pytestmark = pytest.mark.django_db


def rows() -> list[ProviderConnection]:
    return list(ProviderConnection.objects.select_related("owner").order_by("provider_id"))


def test_glance_and_health_tell_the_same_condition() -> None:
    client = connect("healthy")
    client.get("/Users")
    failing = connect("failing")
    post(failing, "")
    make_token(provider_id="expiring", expires_in=timedelta(days=3))
    SCIMToken.objects.filter(provider__provider_id="expiring").update(last_used_at=utc_now())
    make_token(provider_id="quiet")
    make_token(provider_id="off")
    ProviderConnection.objects.filter(provider_id="off").update(enabled=False)
    ProviderConnection.objects.create(provider_id="tokenless")
    make_token(provider_id="personal", owner=make_user("gone@x.example", is_active=False))

    found = {each.connection.provider_id: condition_of(each) for each in glances(rows())}

    assert found == {
        "healthy": Condition.HEALTHY,
        "failing": Condition.FAILING,
        "expiring": Condition.EXPIRING,
        "quiet": Condition.QUIET,
        "off": Condition.DISABLED,
        "tokenless": Condition.NO_TOKEN,
        "personal": Condition.OWNER_INACTIVE,
    }
    assert found == {row.provider_id: condition_of(health_of(row)) for row in rows()}


def test_glances_take_the_same_statements_for_any_number() -> None:
    for name in ("a", "b", "c"):
        post(connect(name), f"{name}@x.example")

    counts = []
    for few in (rows()[:1], rows()):
        with CaptureQueriesContext(database) as context:
            glances(few)
        counts.append(len(context))

    assert counts == [7, 7]
    assert glances([]) == []


def test_connection_of_the_settings_was_heard_by_its_requests(scim_settings: Any) -> None:
    secret = "s" * 32
    scim_settings(DEFAULT_SCIM=[{"provider_id": "fixed", "scim_token": secret}])

    post(SCIMTestClient(WireToken(secret, "fixed", None).encode()), "a@x.example")

    (glance,) = glances(rows())

    assert glance.last_contact is not None
    assert condition_of(glance) is Condition.HEALTHY


def test_first_steps_are_ticked_as_they_come() -> None:
    client = connect("acme")
    (row,) = rows()
    seen = [first_steps_of(row)]

    client.get("/Users")
    seen.append(first_steps_of(row))
    post(client, "a@x.example")
    seen.append(first_steps_of(row))
    client.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "g"})
    seen.append(first_steps_of(row))

    ticked = [
        tuple(bool(getattr(found, name)) for name in ("token", "request", "user", "group"))
        for found in seen
    ]
    assert ticked == [tuple(place <= step for place in range(4)) for step in range(4)]
    assert not any(found.deactivation for found in seen)
    moments = [seen[-1].token.at, seen[-1].request.at, seen[-1].user.at, seen[-1].group.at]
    assert None not in moments
    assert [found.done for found in seen] == [False, False, True, True]


def test_steps_of_an_empty_connection_are_all_open() -> None:
    row = ProviderConnection.objects.create(provider_id="new")

    found = first_steps_of(row)

    no = FirstStep(seen=False)
    assert found == FirstSteps(token=no, request=no, user=no, group=no, deactivation=no)
