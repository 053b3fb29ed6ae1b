"""What MongoDB never keeps is refused with a sentence that says so, and nothing of it stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.models import LinkedAccount, RequestTally
from django_scim_provider.storage.sql.vendors.error_codes import refusal_of
from tests.factories import make_connection, make_token
from tests.people import post
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)

MEGABYTES = 1024 * 1024
LARGE = "x" * (16 * MEGABYTES)


@pytest.fixture
def client(scim_settings: Callable[..., None]) -> SCIMTestClient:
    """Return one whose server takes more than MongoDB does."""
    most = 64 * MEGABYTES
    scim_settings(MAX_RESOURCE_SIZE=most, MAX_BODY_BYTES=most, BULK_MAX_PAYLOAD_SIZE=most)
    return SCIMTestClient(make_token(provider_id="acme"))


@pytest.mark.parametrize("size", [16, 17], ids=["by-the-server", "by-the-driver"])
def test_resource_of_more_than_16_megabytes_is_refused(client: SCIMTestClient, size: int) -> None:
    answer = post(client, "ann@x.example", title="x" * (size * MEGABYTES))

    assert (answer.status, answer.json["status"]) == (413, "413")
    assert "16 MB" in answer.json["detail"]
    assert not LinkedAccount.objects.exists()
    assert not get_user_model()._default_manager.exists()


def test_resource_that_would_become_so_large_stays_as_it_is(client: SCIMTestClient) -> None:
    ann = post(client, "ann@x.example").json
    operation = {"op": "replace", "path": "title", "value": LARGE}

    answer = client.patch(f"/Users/{ann['id']}", operation)

    assert answer.status == 413
    assert client.get(f"/Users/{ann['id']}").json == ann


def test_other_operations_of_a_bulk_are_done(client: SCIMTestClient) -> None:
    users: list[dict[str, Any]] = [
        {"schemas": [CORE], "userName": "ann", "title": LARGE},
        {"schemas": [CORE], "userName": "bob"},
    ]
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": user["userName"], "data": user}
        for user in users
    ]
    schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]

    answer = client.request("POST", "/Bulk", {"schemas": schemas, "Operations": operations})

    assert [each["status"] for each in answer.json["Operations"]] == ["413", "201"]
    assert LinkedAccount.objects.get().user_name == "bob"


def test_integer_of_more_than_64_bits_is_refused() -> None:
    connection = make_connection()

    with pytest.raises(OverflowError) as caught:
        RequestTally.objects.create(provider=connection, until=date(2026, 1, 1), days=[2**64])

    refusal = refusal_of(caught.value)
    assert refusal is not None
    assert (refusal.status, refusal.scim_type) == (400, "invalidValue")
    assert "64 bits" in str(refusal.detail)
    assert refusal_of(OverflowError("of somebody else")) is None
