"""Repairs where no part of a transaction can be undone: their work is in line with their number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.adapter import DefaultAdapter
from tests.drift.comparing import compare, write
from tests.people import connect
from tests.portable.watching.watch import Watch

pytestmark = pytest.mark.django_db


class FailingForHalf(DefaultAdapter):
    """Has a bug for every other person."""

    calls: ClassVar[list[str]] = []

    def update_user(self, user: AbstractBaseUser, *arguments: Any, **more: Any) -> None:
        self.calls.append(user.get_username())
        if user.get_username().startswith("failing"):
            raise LookupError("a bug of the project")
        super().update_user(user, *arguments, **more)


def test_who_fails_has_nobody_else_repaired_again(
    portable: Watch, scim_settings: Callable[..., None]
) -> None:
    client, number = connect(), 12
    names = [f"{('failing', 'fine')[each % 2]}{each}" for each in range(number)]
    users = [client.create_user(name, name={"givenName": "Given"}) for name in names]
    closed = client.create_user("closed")
    for user in users:
        write(user, first_name="Changed")
    write(closed, is_active=False)
    scim_settings(ADAPTER=f"{__name__}.FailingForHalf")
    FailingForHalf.calls.clear()

    drift, found = compare(repair=True)

    assert FailingForHalf.calls == names
    assert (drift.repaired, drift.refused) == (number // 2, number // 2)
    assert [finding.resource_id for finding in found] == [each["id"] for each in (*users, closed)]
    changed = get_user_model()._default_manager.filter(first_name="Changed")
    assert changed.count() == number // 2
