"""People are told once of what is wrong, and again when it comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import (
    Notice,
    OutboxMessage,
    ProviderConnection,
    ProvisioningEvent,
    SCIMToken,
    Turn,
    WebhookEndpoint,
)
from django_scim_provider.models.moments import utc_now
from django_scim_provider.notices.findings_of_all import longest_silence, troubles
from django_scim_provider.notices.telling import tell_people
from django_scim_provider.signals import scim_notice
from tests.factories import key_of, make_connection

pytestmark = pytest.mark.django_db

NOW = utc_now()


def make_token_row(connection: ProviderConnection, **values: Any) -> SCIMToken:
    lookup = f"{SCIMToken.objects.count():08d}"
    return SCIMToken.objects.create(provider=connection, lookup=lookup, secret="plain$x", **values)


def make_events(connection: ProviderConnection, count: int, days: float = 0, **values: Any) -> None:
    moment = NOW - timedelta(days=days)
    given = {"outcome": "done", "action": "update", "request_id": "r", **values}
    ProvisioningEvent.objects.bulk_create(
        ProvisioningEvent(id=key_of(moment), at=moment, provider=connection, **given)
        for _ in range(count)
    )


def told() -> list[tuple[str, Any]]:
    return [(str(each.kind), each.facts.get("days")) for each in troubles(NOW)]


@pytest.fixture
def acme() -> ProviderConnection:
    return make_connection()


@pytest.fixture
def look(scim_settings: Any) -> Callable[[], int]:
    """Return what looks, however long ago the last look was."""
    scim_settings(NOTICE_EMAILS=["ops@example.com"])

    def run() -> int:
        Turn.objects.all().delete()
        return tell_people("default")

    return run


@pytest.mark.parametrize(
    ("left", "stage"),
    [(15, None), (13.9, 14), (3.1, 14), (2.9, 3), (0.5, 3), (-0.1, 0), (-3, None)],
)
def test_tokens_that_end(acme: ProviderConnection, left: float, stage: int | None) -> None:
    make_token_row(acme, expires_at=NOW + timedelta(days=left), last_used_at=NOW)

    assert told() == ([] if stage is None else [("token.expiring", stage)])


def test_the_token_in_use_counts(acme: ProviderConnection) -> None:
    make_token_row(acme, expires_at=NOW + timedelta(hours=5), last_used_at=NOW - timedelta(hours=9))
    newer = make_token_row(acme)
    assert told() == [("token.expiring", 3)]  # the new one is not entered there yet

    SCIMToken.objects.filter(pk=newer.pk).update(last_used_at=NOW)
    assert told() == []


def test_a_connection_that_fails(acme: ProviderConnection) -> None:
    make_events(acme, 9, outcome="refused", status=409)
    assert told() == []

    make_events(acme, 1, outcome="refused", status=409)
    assert told() == [("connection.failing", None)]


def test_few_refusals_among_many_requests_are_no_trouble(acme: ProviderConnection) -> None:
    make_events(acme, 10, outcome="refused", status=409)
    make_events(acme, 91)

    assert told() == []


def test_a_failure_of_the_project_counts(acme: ProviderConnection) -> None:
    make_events(acme, 1, outcome="failed", status=503)

    assert told() == [("connection.failing", None)]


def test_silence(acme: ProviderConnection) -> None:
    for days in range(4, 12):
        make_events(acme, 1, days)
    make_token_row(acme, last_used_at=NOW - timedelta(days=3))

    assert told() == [("connection.silent", 3)]


def test_reading_is_contact(acme: ProviderConnection) -> None:
    for days in range(4, 12):
        make_events(acme, 1, days)
    make_token_row(acme, last_used_at=NOW - timedelta(hours=3))

    assert told() == []


def test_who_was_never_heard_is_not_silent(acme: ProviderConnection) -> None:
    make_token_row(acme)

    assert told() == []


@pytest.mark.parametrize(
    ("days", "limit"),
    [
        ([], 7),
        ([1, 2, 3, 4], 7),
        ([1, 2, 3, 4, 5], 2),
        ([1, 4, 5, 6, 9], 6),
        ([0, 9, 18, 27, 29], 14),
    ],
)
def test_what_is_usual(days: list[int], limit: int) -> None:
    assert longest_silence(days) == timedelta(days=limit)


def test_closed_connections_are_left_alone(acme: ProviderConnection) -> None:
    make_token_row(acme, expires_at=NOW, last_used_at=NOW)
    ProviderConnection.objects.update(enabled=False, drift_count=3)

    assert told() == []


def test_each_is_told_once_and_again_when_it_comes_back(
    acme: ProviderConnection, look: Callable[[], int]
) -> None:
    owner = get_user_model()._default_manager.create_user("owner", "owner@example.com")
    ProviderConnection.objects.update(owner=owner, drift_count=2, name="Acme\nOkta")
    WebhookEndpoint.objects.create(provider=acme, address="https://x.example/", secret="-")
    WebhookEndpoint.objects.create(address="https://all.example/", secret="-")
    WebhookEndpoint.objects.create(
        address="https://no.example/", secret="-", kinds=",group.changed,"
    )
    heard: list[dict[str, Any]] = []
    scim_notice.connect(lambda **sent: heard.append(sent), weak=False, dispatch_uid="tests.notices")

    try:
        assert [look(), look()] == [1, 0]
    finally:
        scim_notice.disconnect(dispatch_uid="tests.notices")

    assert [(each["kind"], each["facts"]) for each in heard] == [
        ("connection.drift", {"differences": 2})
    ]
    assert sorted(to for sent in mail.outbox for to in sent.to) == [
        "ops@example.com",
        "owner@example.com",
    ]
    assert mail.outbox[0].subject == "Provisioning: 1 notice"
    assert mail.outbox[0].body.startswith("Acme Okta\n  2 accounts and groups differ")
    payloads = [json.loads(each.payload) for each in OutboxMessage.objects.all()]
    assert [(each["type"], each["data"]) for each in payloads] == [
        ("connection.drift", {"connection": "acme", "differences": 2})
    ] * 2
    assert Notice.objects.get().mailed_at is not None

    ProviderConnection.objects.update(drift_count=0)
    assert look() == 0
    assert not Notice.objects.exists()
    ProviderConnection.objects.update(drift_count=1)
    assert look() == 1


def test_a_mail_that_fails_is_tried_again(
    acme: ProviderConnection, look: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ProviderConnection.objects.update(drift_count=2)
    with monkeypatch.context() as away:
        away.setattr(EmailBackend, "send_messages", _refuse)
        assert look() == 1
    assert look() == 0

    assert len(mail.outbox) == 1


def test_what_nobody_reads_is_not_told_as_mailed(
    acme: ProviderConnection, look: Callable[[], int], scim_settings: Callable[..., None]
) -> None:
    scim_settings(NOTICE_EMAILS=[])
    ProviderConnection.objects.update(drift_count=2)

    assert look() == 1

    assert Notice.objects.get().mailed_at is None
    assert mail.outbox == []


def _refuse(*_: Any) -> int:
    raise ConnectionRefusedError


def test_only_one_looks_at_a_time(acme: ProviderConnection, look: Callable[[], int]) -> None:
    ProviderConnection.objects.update(drift_count=2)

    assert look() == 1
    assert tell_people("default") == 0


@pytest.fixture
def statements(look: Callable[[], int]) -> Callable[[], int]:
    def count() -> int:
        with CaptureQueriesContext(database) as context:
            look()
        return len(context)

    return count


def test_any_number_of_connections_takes_the_same_statements(
    statements: Callable[[], int],
) -> None:
    def connect(first: int, last: int) -> None:
        for number in range(first, last):
            each = make_connection(provider_id=f"c{number}", drift_count=number % 2)
            make_token_row(each, expires_at=NOW + timedelta(days=2), last_used_at=NOW)
            make_events(each, 1, outcome="failed", status=500)

    connect(0, 3)
    few = statements()
    Notice.objects.all().delete()
    connect(3, 30)

    assert statements() <= few


def test_the_command_looks_and_sends(
    acme: ProviderConnection, scim_settings: Any, capsys: Any
) -> None:
    scim_settings(NOTICE_EMAILS=["ops@example.com"])
    ProviderConnection.objects.update(drift_count=2)

    call_command("scim_send_notices")

    assert len(mail.outbox) == 1
    assert "0 messages were delivered." in capsys.readouterr().out
