"""Log-ins that are long ago, where the project wants recent ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import time_machine
from django.utils import timezone

from django_scim_provider.connections.recent_login import SESSION_KEY
from tests.management.conftest import Person


def test_old_log_in_has_to_be_repeated_where_the_project_wants_it(
    ann: Person, scim_settings: Any
) -> None:
    scim_settings(RECENT_LOGIN=600)
    ann.user.refresh_from_db()

    fresh = ann.generate().status
    with time_machine.travel(timezone.now() + timedelta(seconds=601)):
        later = [ann.generate().status, ann.get("list-provider-connections").status]

    assert (fresh, later) == (201, [403, 200])


def test_log_in_elsewhere_makes_no_old_session_recent(ann: Person, scim_settings: Any) -> None:
    scim_settings(RECENT_LOGIN=600)

    with time_machine.travel(timezone.now() + timedelta(seconds=601)):
        elsewhere = Person(ann.user)
        ann.user.refresh_from_db()

        assert (elsewhere.generate().status, ann.generate().status) == (201, 403)


def test_session_that_does_not_know_its_log_in_goes_by_the_last_one(
    ann: Person, scim_settings: Any
) -> None:
    scim_settings(RECENT_LOGIN=600)
    session = ann.client.session
    del session[SESSION_KEY]
    session.save()

    fresh = ann.generate().status
    with time_machine.travel(timezone.now() + timedelta(seconds=601)):
        assert (fresh, ann.generate().status) == (201, 403)
