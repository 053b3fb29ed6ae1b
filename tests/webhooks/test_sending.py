"""What changes is told to webhooks: signed, in order, and nothing that was undone."""

from __future__ import annotations

import base64
import hmac
from typing import Any

import pytest
from django.db import transaction

from django_scim_provider.models import OutboxMessage, ProviderConnection, WebhookEndpoint
from django_scim_provider.webhooks.endpoint_service import add_endpoint, rotate_secret
from django_scim_provider.webhooks.sender import send_waiting
from tests.scim_client import SCIMTestClient
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acme(scim_client: SCIMTestClient) -> ProviderConnection:
    return ProviderConnection.objects.get()


def test_a_life_is_told(
    scim_client: SCIMTestClient, acme: ProviderConnection, receiver: Receiver
) -> None:
    _, secret = add_endpoint(acme, receiver.address)
    id = scim_client.create_user("ann@x.example")["id"]
    scim_client.patch(f"/Users/{id}", {"op": "replace", "path": "title", "value": "T"})
    scim_client.patch(f"/Users/{id}", {"op": "replace", "path": "active", "value": False})
    scim_client.request("DELETE", f"/Users/{id}")

    assert send_waiting("default") == 4

    told = [sent["message"] for sent in receiver.requests]
    assert [each["type"] for each in told] == [
        "user.provisioned",
        "user.updated",
        "user.deactivated",
        "user.deprovisioned",
    ]
    assert told[1]["data"] == {
        "connection": acme.provider_id,
        "resourceType": "User",
        "id": id,
        "version": 2,
        "action": "update",
        "changed": ["title"],
    }
    assert b"ann" not in b"".join(sent["body"] for sent in receiver.requests)
    sent = receiver.requests[0]
    assert sent["path"] == "/hook?tenant=1"
    assert sent["headers"]["host"] == f"localhost:{receiver.port}"
    assert sent["headers"]["content-type"] == "application/json"
    assert signatures(sent, secret) == sent["headers"]["webhook-signature"]
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"done"}


def signatures(sent: dict[str, Any], *secrets: str) -> str:
    """Sign as the specification has it."""
    headers = sent["headers"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + sent["body"]
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
    return " ".join(
        "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys
    )


def test_both_secrets_sign_after_a_rotation(
    scim_client: SCIMTestClient, acme: ProviderConnection, receiver: Receiver
) -> None:
    endpoint, old = add_endpoint(acme, receiver.address)
    new = rotate_secret(endpoint)
    scim_client.create_user("ann@x.example")

    send_waiting("default")

    sent = receiver.requests[0]
    assert sent["headers"]["webhook-signature"] == signatures(sent, new, old)


def test_what_is_undone_is_not_told(
    scim_client: SCIMTestClient, acme: ProviderConnection, receiver: Receiver
) -> None:
    add_endpoint(acme, receiver.address)
    with transaction.atomic():
        scim_client.create_user("ann@x.example")
        assert OutboxMessage.objects.count() == 1
        transaction.set_rollback(True)

    assert send_waiting("default") == 0
    assert receiver.requests == []


def test_secrets_are_stored_encrypted(acme: ProviderConnection, receiver: Receiver) -> None:
    endpoint, secret = add_endpoint(acme, receiver.address)

    stored = WebhookEndpoint.objects.get(pk=endpoint.pk).secret
    assert secret[6:] not in stored
    assert secret.startswith("whsec_")
