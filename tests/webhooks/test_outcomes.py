"""What becomes of a message and of its queue by what the receiver answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from django_scim_provider.models import OutboxMessage, ProviderConnection, WebhookEndpoint
from django_scim_provider.models.moments import utc_now
from django_scim_provider.webhooks.endpoint_service import add_endpoint
from django_scim_provider.webhooks.pinned_https import Receipt
from django_scim_provider.webhooks.queues import (
    MAX_ATTEMPTS,
    PAUSE_AFTER,
    Delivery,
    chains_of,
    delay_after,
    note_attempts,
)
from tests.scim_client import SCIMTestClient
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def message(scim_client: SCIMTestClient, receiver: Receiver) -> OutboxMessage:
    """Return what waits to be sent."""
    add_endpoint(ProviderConnection.objects.get(), receiver.address)
    scim_client.create_user("ann@x.example")
    return OutboxMessage.objects.get()


def noted(message: OutboxMessage, *receipts: Receipt) -> WebhookEndpoint:
    endpoint = WebhookEndpoint.objects.get()
    note_attempts("default", endpoint, [Delivery(message, each) for each in receipts])
    message.refresh_from_db()
    return WebhookEndpoint.objects.get()


def test_a_refused_message_waits_and_is_tried_again(message: OutboxMessage) -> None:
    endpoint = noted(message, Receipt(500))

    assert (message.state, message.attempts, message.last_status) == ("waiting", 1, 500)
    assert (endpoint.failures, endpoint.paused_until) == (1, None)
    assert chains_of("default", endpoint.pk) == []  # it is not due yet


def test_what_was_taken_is_done(message: OutboxMessage) -> None:
    noted(message, Receipt(None, "timeout"))
    endpoint = noted(message, Receipt(204))

    assert (message.state, message.attempts, message.last_status) == ("done", 2, 204)
    assert endpoint.failures == 0


def test_a_receiver_that_says_it_is_gone_is_told_no_more(message: OutboxMessage) -> None:
    endpoint = noted(message, Receipt(410))

    assert not endpoint.enabled
    assert endpoint.gone_at is not None


def test_a_queue_whose_receiver_fails_again_and_again_pauses(message: OutboxMessage) -> None:
    endpoint = noted(message, *[Receipt(503)] * PAUSE_AFTER)

    assert endpoint.paused_until is not None


def test_a_message_is_given_up_in_the_end(message: OutboxMessage) -> None:
    OutboxMessage.objects.update(attempts=MAX_ATTEMPTS - 1)
    message.refresh_from_db()

    noted(message, Receipt(500))

    assert message.state == "dead"


def test_nothing_is_noted_where_nothing_was_sent(message: OutboxMessage) -> None:
    assert noted(message).failures == 0
    assert message.attempts == 0


def test_what_follows_in_a_chain_waits_for_its_own_time(
    message: OutboxMessage, scim_client: SCIMTestClient
) -> None:
    change = {"op": "replace", "path": "title", "value": "T"}
    scim_client.patch(f"/Users/{message.subject}", change)
    later = OutboxMessage.objects.exclude(pk=message.pk)
    later.update(next_attempt_at=utc_now() + timedelta(hours=1))

    (chain,) = chains_of("default", WebhookEndpoint.objects.get().pk)

    assert [each.pk for each in chain] == [message.pk]
    assert later.count() == 1


def test_delays_grow_up_to_the_longest() -> None:
    longest = timedelta(minutes=1)

    assert delay_after(1) < delay_after(5) < delay_after(9)
    assert delay_after(9, longest) <= longest
