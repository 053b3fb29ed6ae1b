"""Recording on databases that no SQL of the app is written for."""

from __future__ import annotations

import pytest

from django_scim_provider.connections.recordings.recording_switch import (
    start_recording,
    stop_recording,
)
from django_scim_provider.models import ProviderConnection
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import utc_now
from django_scim_provider.models.upkeep.recorded_exchanges import MOST_EXCHANGES
from django_scim_provider.storage.recorder import keeping
from django_scim_provider.storage.recorder.keeping import kept_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("orm_alone")]


def keep() -> int:
    now = utc_now()
    row = {
        **{"id": uuid7(), "provider": "acme", "at": now, "expires_at": now.replace(year=9999)},
        **{"operation": "users.list", "status": 200, "request_id": "", "duration": 1},
        "sealed": "",
    }
    return keeping._insert.run_numbered("default", row, most=MOST_EXCHANGES)


def test_no_more_than_asked_for_are_numbered(acme: ProviderConnection) -> None:
    start_recording(acme, hours=1, most=2)
    assert [keep() for _ in range(3)] == [1, 1, 0]
    assert list(kept_of("acme").values_list("number", flat=True)) == [1, 2]


def test_nothing_is_kept_once_it_is_off(acme: ProviderConnection) -> None:
    start_recording(acme, hours=1, most=2)
    stop_recording(acme)
    assert keep() == 0
    assert not kept_of("acme").exists()
