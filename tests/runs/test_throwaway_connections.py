"""What the doctor asks over the network, and the connection that it opens for that."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.admin.run_pages import throwaway
from django_scim_provider.admin.run_pages.run_rows import row_of
from django_scim_provider.models import (
    CheckRun,
    ProviderConnection,
    SCIMToken,
)
from django_scim_provider.models.keys import least_key_of, uuid7
from django_scim_provider.models.moments import utc_now
from tests.factories import make_token
from tests.runs.conftest import Begin
from tests.runs.performed import made
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)
States = CheckRun.State


def test_doctor_without_an_address_goes_over_no_network(ann: Any, begin: Begin) -> None:
    users = get_user_model()._default_manager.count()
    connections = ProviderConnection.objects.count()

    run = made(begin("doctor"))

    assert run.state == States.DONE
    assert run.found["network"] is False
    assert run.found["findings"] == []
    assert run.found["checks"]["connection"] == "skipped"
    assert run.found["checks"]["discovery"] == "passed"
    assert run.found["checks"]["authorization"] == "passed"
    assert run.found["checks"]["probe-user"] == "skipped"
    assert get_user_model()._default_manager.count() == users
    assert ProviderConnection.objects.count() == connections


def test_doctor_asks_the_address_of_the_settings(
    live_server: Any, ann: Any, begin: Begin, scim_settings: Any
) -> None:
    scim_settings(BASE_URL=f"{live_server.url}/scim/v2")

    run = begin("doctor", origin="http://evil.example")
    left = throwaway.open_for_reading(begin_of_before(run))[0]
    made(run)

    assert run.state == States.DONE
    assert run.found["network"] is True
    assert run.found["checks"]["authorization"] == "passed"
    assert [each["kind"] for each in run.found["findings"]] == ["plain-http-loopback"]
    row = row_of(run)
    assert row.is_good
    assert row.remarks[0].seen
    assert "evil" not in str(run.found)
    # Its connection is gone, and so is the one of a run whose process was killed.
    assert list(ProviderConnection.objects.values_list("provider_id", flat=True)) == ["acme"]
    assert left.provider_id not in str(list(SCIMToken.objects.values()))


def begin_of_before(run: CheckRun) -> CheckRun:
    """Return a run of the same kind whose process was killed."""
    return CheckRun.objects.create(
        claim=run.provider.pk,  # not its own any more
        provider=run.provider,
        kind=run.kind,
        state=States.LOST,
        started_at=run.started_at,
        heard_at=run.heard_at,
    )


def test_token_for_the_network_only_reads(
    begin: Begin, live_server: Any, scim_settings: Any
) -> None:
    connection, token = throwaway.open_for_reading(begin("doctor"))
    client = SCIMTestClient(token)

    assert client.get("/Users").status == 200
    assert client.request("POST", "/Users", {"userName": "x"}).status == 403
    throwaway.remove(connection)
    assert client.get("/Users").status == 401


def test_what_a_killed_run_of_another_connection_left_is_removed_once_it_opens_nothing(
    begin: Begin,
) -> None:
    kept = ["acme", "check-mine", "check-" + "0" * 32]
    for id in kept[1:]:
        ProviderConnection.objects.create(provider_id=id, name=throwaway.NAME)
    old = least_key_of(utc_now() - 3 * throwaway.LIVES)
    throwaway.open_for_reading(CheckRun(pk=old, provider=begin("doctor").provider))
    fresh, _ = throwaway.open_for_reading(CheckRun(pk=uuid7(), provider=begin("drift").provider))

    throwaway.remove_left_over(begin("simulator"))

    left = ProviderConnection.objects.values_list("provider_id", flat=True)
    assert set(left) == {*kept, fresh.provider_id}


def test_connection_with_people_is_not_removed(begin: Begin) -> None:
    connection, _ = throwaway.open_for_reading(begin("doctor"))
    SCIMTestClient(make_token(provider_id=connection.provider_id)).create_user("ann")

    throwaway.remove(connection)

    assert ProviderConnection.objects.filter(pk=connection.pk).exists()
