"""Moments of users and tokens come as numbers where that is quicker, and are what they were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from django_scim_provider.models import SCIMToken
from django_scim_provider.models.moments import utc
from django_scim_provider.storage.sql.instances import instances_of
from django_scim_provider.storage.sql.running import fetch_one
from django_scim_provider.tokens.rows import read_token_row
from django_scim_provider.tokens.wire import decode
from tests.factories import make_token

pytestmark = pytest.mark.django_db

MOMENTS = [
    datetime(2026, 10, 25, 1, 30, 0, 1, UTC),  # an hour that comes twice in Berlin
    datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC),
    datetime(2038, 1, 19, 3, 14, 8, 120_000, UTC),
]


@pytest.mark.parametrize("use_tz", [True, False])
@pytest.mark.parametrize("moment", MOMENTS)
def test_instance_has_what_the_orm_reads(settings: Any, moment: datetime, use_tz: bool) -> None:
    user = User.objects.create_user("ann")
    User.objects.filter(pk=user.pk).update(date_joined=moment, last_login=None)
    settings.TIME_ZONE, settings.USE_TZ = "Europe/Berlin", use_tz
    instances = instances_of(User, "default", "u")
    assert instances is not None

    row = fetch_one("default", f"SELECT {', '.join(instances.columns)} FROM auth_user u")
    assert row is not None
    read, usual = instances.made(row), User.objects.get()

    for name in ("date_joined", "last_login"):
        assert getattr(read, name) == getattr(usual, name)
    assert read.date_joined.tzinfo == usual.date_joined.tzinfo


def test_last_use_of_a_token_is_read_as_it_was_written() -> None:
    token = decode(make_token(provider_id="acme"))
    assert token is not None
    for moment in MOMENTS:
        SCIMToken.objects.update(last_used_at=moment)
        row = read_token_row(token.lookup, using="default")
        assert row is not None
        assert row.last_used_at is not None
        assert utc(row.last_used_at) - moment == timedelta(0)
