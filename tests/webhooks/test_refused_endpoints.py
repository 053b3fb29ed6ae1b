"""Endpoints that are not made, and calls that end before they begin."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from django_scim_provider.models import ProviderConnection, WebhookEndpoint
from django_scim_provider.webhooks import endpoint_service, pinned_https
from django_scim_provider.webhooks.allowed_addresses import target_of
from django_scim_provider.webhooks.endpoint_service import MAX_ENDPOINTS, add_endpoint
from django_scim_provider.webhooks.pinned_https import PinnedHTTPS
from tests.factories import make_connection
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acme() -> ProviderConnection:
    return make_connection()


def code_of(connection: ProviderConnection, receiver: Receiver, **how: object) -> str:
    with pytest.raises(ValidationError) as refused:
        add_endpoint(connection, receiver.address, **how)  # type: ignore[arg-type]  # wrong ones, too
    return str(refused.value.code)


def test_without_encryption_no_secret_could_be_kept(
    acme: ProviderConnection, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_service, "ENCRYPTION_AVAILABLE", False)

    assert code_of(acme, receiver) == "encryption"


@pytest.mark.parametrize("kinds", [[], ["no.kind"]])
def test_it_is_told_something_that_there_is(
    acme: ProviderConnection, receiver: Receiver, kinds: list[str]
) -> None:
    assert code_of(acme, receiver, kinds=kinds) == "kinds"


def test_there_is_a_limit_for_each_connection(acme: ProviderConnection, receiver: Receiver) -> None:
    for _ in range(MAX_ENDPOINTS):
        add_endpoint(acme, receiver.address)

    assert code_of(acme, receiver) == "limit"
    add_endpoint(make_connection(provider_id="other"), receiver.address)
    assert WebhookEndpoint.objects.count() == MAX_ENDPOINTS + 1


def test_time_that_is_over_is_no_answer(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinned_https, "TIME_LIMIT", 0)

    receipt = PinnedHTTPS(target_of(receiver.address)).post(b"{}", {})

    assert receipt.problem == "no answer in time"
    assert receiver.requests == []


def test_next_address_is_asked_where_one_does_not_answer(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinned_https, "resolved", lambda _: ["127.0.0.2", "127.0.0.1"])
    line = PinnedHTTPS(target_of(receiver.address))

    assert line.post(b"{}", {"webhook-id": "msg_1"}).is_accepted
    assert len(receiver.requests) == 1
    line.close()
