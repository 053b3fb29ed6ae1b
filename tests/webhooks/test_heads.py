"""Which messages may go out next, asked in one query and read where the ORM has to do."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from django_scim_provider.models import OutboxMessage, ProviderConnection, WebhookEndpoint
from django_scim_provider.models.moments import utc_now
from django_scim_provider.webhooks import heads
from django_scim_provider.webhooks.heads import heads_of, read_heads, with_due_messages

pytestmark = pytest.mark.django_db
CHANCE = random.Random(7)


@pytest.fixture
def endpoint() -> WebhookEndpoint:
    connection = ProviderConnection.objects.create(provider_id="acme")
    return WebhookEndpoint.objects.create(provider=connection, address="https://a.example/")


def message(
    endpoint: WebhookEndpoint, subject: str, version: int, due: bool = True
) -> OutboxMessage:
    now = utc_now()
    return OutboxMessage.objects.create(
        endpoint=endpoint,
        provider_id="acme",
        subject=subject,
        version=version,
        at=now,
        next_attempt_at=now + timedelta(minutes=-1 if due else 5),
    )


@pytest.mark.parametrize("batch", [1, 3, 200])
def test_both_ways_find_the_same(
    endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(heads, "BATCH", batch)
    for _ in range(60):
        message(endpoint, CHANCE.choice("abcdefgh"), CHANCE.randint(1, 4), CHANCE.random() < 0.7)
    asked = heads_of("default", endpoint.pk, 200)

    assert {each.pk for each in read_heads("default", endpoint.pk, 200)} == {
        each.pk for each in asked
    }
    assert len(asked) > 1


def test_later_message_waits_for_an_earlier_one(endpoint: WebhookEndpoint) -> None:
    message(endpoint, "ann", 2)
    message(endpoint, "ann", 1, due=False)  # its version counts, not when it was written

    assert read_heads("default", endpoint.pk, 5) == []
    assert with_due_messages("default") == [endpoint.pk]


def test_no_more_are_read_than_wanted(endpoint: WebhookEndpoint) -> None:
    first, _ = message(endpoint, "ann", 1), message(endpoint, "bea", 1)

    assert read_heads("default", endpoint.pk, 1) == [first]


def test_messages_of_others_do_not_count(endpoint: WebhookEndpoint) -> None:
    other = WebhookEndpoint.objects.create(provider_id="acme", address="https://b.example/")
    message(other, "ann", 1)

    assert read_heads("default", endpoint.pk, 5) == []
    assert with_due_messages("default") == [other.pk]
