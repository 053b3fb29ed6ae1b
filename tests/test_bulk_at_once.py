"""Bulk requests and single ones that create the same people at once, at any isolation level."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import LinkedAccount, ProvisioningEvent
from tests.factories import make_token
from tests.parallel import in_parallel
from tests.people import post
from tests.scim_client import SCIMTestClient
from tests.test_bulk import bulk, statuses
from tests.test_bulk_together import person
from tests.test_nesting_at_once import isolate

pytestmark = pytest.mark.django_db(transaction=True)

LEVELS = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]
PEOPLE = 12


@pytest.mark.skipif(not connection.features.has_select_for_update, reason="one writer at a time")
@pytest.mark.parametrize("level", LEVELS[:2])
@pytest.mark.parametrize("taken", [[3], [0, 3, 4]])
def test_who_came_in_after_the_bulk_had_looked_is_refused(
    level: str, taken: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    token, create_user = make_token(provider_id="acme"), DefaultAdapter.create_user
    left = [f"user{number}@x.example" for number in taken]

    def overtaken(self: Any, resource: Any, fields: Any) -> Any:
        names = left.copy()
        left.clear()
        if names:
            in_parallel(len(names), lambda n: post(SCIMTestClient(token), names[n]))
        return create_user(self, resource, fields)

    monkeypatch.setattr(DefaultAdapter, "create_user", overtaken)

    def send(number: int) -> list[str]:
        isolate(level)
        return statuses(bulk(SCIMTestClient(token), *(person(n) for n in range(6))))

    assert in_parallel(1, send) == [["409" if n in taken else "201" for n in range(6)]]
    assert LinkedAccount.objects.count() == get_user_model().objects.count() == 6
    created = ProvisioningEvent.objects.filter(action="create", outcome="done")
    assert created.count() == 6


@pytest.mark.parametrize("level", LEVELS)
def test_each_of_equal_people_is_made_once(level: str) -> None:
    token = make_token(provider_id="acme")

    def send(number: int) -> list[str]:
        isolate(level)
        client, people = SCIMTestClient(token), [person(n) for n in range(PEOPLE)]
        if number % 2 == 0:
            return statuses(bulk(client, *people))
        people.reverse()  # they meet in the middle
        return [str(client.request("POST", "/Users", each["data"]).status) for each in people]

    found = Counter(status for each in in_parallel(4, send) for status in each)

    assert found == {"201": PEOPLE, "409": 3 * PEOPLE}
    assert LinkedAccount.objects.count() == get_user_model().objects.count() == PEOPLE
