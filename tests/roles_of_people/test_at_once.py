"""A mapping that is saved while a request writes somebody whom it is about."""

from __future__ import annotations

from threading import Event, current_thread
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from django_scim_provider.models import RoleMapping
from django_scim_provider.storage.unique_index import UniqueIndex
from tests.administration import after_a_look, url
from tests.parallel import in_parallel
from tests.people import connect, post
from tests.roles_of_people.test_attributes import put
from tests.test_roles import groups_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not connection.features.has_select_for_update, reason="SQLite has one writer at a time"
    ),
]
A_WHILE = 1.5


@pytest.mark.parametrize("before", [None, "x"])
def test_nobody_is_overlooked(
    root: Client, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    scim = connect()
    ann = post(scim, "ann", **({"userType": before} if before else {})).json
    crew = Group.objects.create(name="crew")
    value = {"person_attribute": "userType", "person_value": "x"}
    answers = {"provider": "acme", "source": "attribute", "django_group": crew.pk, **value}
    seen = after_a_look(root, url(RoleMapping, "add"), answers)
    asked, saved = Event(), Event()
    claim = UniqueIndex.claim

    def claiming(self: Any, *arguments: Any) -> None:
        claim(self, *arguments)
        if current_thread().name == "writer":  # which knows by now that there is no mapping
            asked.set()
            saved.wait(A_WHILE)

    monkeypatch.setattr(UniqueIndex, "claim", claiming)

    def work(number: int) -> None:
        if number == 0:
            current_thread().name = "writer"
            put(scim, ann, "userType", "y" if before else "x")
            return
        asked.wait()
        root.post(url(RoleMapping, "add"), seen)
        saved.set()

    in_parallel(2, work)

    if not RoleMapping.objects.exists():  # the effect that was shown is another by now
        root.post(url(RoleMapping, "add"), after_a_look(root, url(RoleMapping, "add"), answers))
    assert groups_of(ann) == ([] if before else ["crew"])
