"""Tokens and their connections on databases that no SQL of the app is written for."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models.signals import pre_save

from django_scim_provider.models import Failure, ProviderConnection
from django_scim_provider.tokens.rows import marked_connection
from django_scim_provider.tokens.service import generate_scim_token
from django_scim_provider.tokens.wire import WireToken
from tests.scim_client import CORE, SCIMTestClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("orm_alone")]


def test_id_that_is_another_ones_but_for_case_is_refused() -> None:
    generate_scim_token("acme")
    with pytest.raises(ValidationError, match="like this one is taken"):
        generate_scim_token("ACME")
    assert ProviderConnection.objects.count() == 1


def test_who_finds_the_connection_made_meanwhile_begins_again() -> None:
    """Two at once see none, and both insert; the database refuses the second one."""
    tries = []

    def be_faster(instance: ProviderConnection, **_: Any) -> None:
        tries.append(instance)
        if len(tries) == 1:  # in the same transaction, so undone with it
            ProviderConnection.objects.bulk_create([ProviderConnection(provider_id="acme")])

    pre_save.connect(be_faster, ProviderConnection)
    try:
        token, _ = generate_scim_token("acme")
    finally:
        pre_save.disconnect(be_faster, ProviderConnection)
    assert (len(tries), str(token.provider_id)) == (2, "acme")


def test_marks_of_a_connection_are_told(scim_client: SCIMTestClient) -> None:
    rows = ProviderConnection.objects.filter(provider_id="acme")
    assert not marked_connection(rows).has_open_failures
    scim_client.request("POST", "/Users", {"schemas": [CORE], "userName": "x" * 300})
    assert Failure.objects.get().state == "open"
    assert marked_connection(rows).has_open_failures
    assert not marked_connection(rows).has_webhooks


def test_connection_of_the_settings_is_made_once(scim_settings: Any) -> None:
    secret = "s" * 48
    scim_settings(DEFAULT_SCIM=[{"provider_id": "fixed", "scim_token": secret}])
    token = WireToken(secret, "fixed", None).encode()
    for _ in range(2):
        assert SCIMTestClient(token).get("/Users/1").status == 404
    assert ProviderConnection.objects.get().provider_id == "fixed"
