"""What is brought in past the protocol is held to ``uniqueness`` as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.connections.adoption import adopt_users
from django_scim_provider.connections.decommission import decommission
from django_scim_provider.core.errors import Uniqueness
from django_scim_provider.models import LinkedAccount, ProviderConnection, UniqueValue
from django_scim_provider.registry import get_registry
from django_scim_provider.storage.store_context import context_of
from tests.characteristics.places import PLACES, SETTINGS, Place, post
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db

USERS = PLACES["users"]


class Badged(DefaultAdapter):
    """Knows everybody's badge, which is the same for all whose name begins alike."""

    def describe(self, user: Any) -> dict[str, Any]:
        held = USERS.held({"code": "c", "badge": user.get_username()[0]})
        return {**super().describe(user), **held}


def store_of(place: Place) -> Any:
    registration = get_registry().by_endpoint(place.endpoint[1:])
    assert registration is not None
    connection = ProviderConnection.objects.get()
    return registration.store(context_of(connection), registration.resource_type)


def test_an_imported_resource_has_its_values(client: SCIMTestClient, place: Place) -> None:
    store = store_of(place)
    sent = {"code": "c", "badge": "B-1"}
    store.create(place.body("one", sent), scim_id="1")

    status, _ = post(client, place, "two", sent)

    assert status == 409
    with pytest.raises(Uniqueness, match="badge"):
        store.create(place.body("three", sent), scim_id="3")


def test_importing_into_a_connection_that_was_decommissioned(client: SCIMTestClient) -> None:
    USERS.made(client, "one", code="c", badge="B-1")
    decommission(ProviderConnection.objects.get())
    ProviderConnection.objects.update(decommissioned_at=None, enabled=True)
    sent = {"code": "c", "badge": "B-1"}

    with pytest.raises(Uniqueness, match="badge"):
        store_of(USERS).create(USERS.body("two", sent), scim_id="2")
    back, made = store_of(USERS).create(USERS.body("one", {"code": "c", "badge": "B-2"}))
    store_of(USERS).create(USERS.body("two", sent), scim_id="2")

    assert made is False
    assert {account.scim_id for account in LinkedAccount.objects.all()} == {back.id, "2"}
    assert UniqueValue.objects.count() == 2


def test_adopted_users_have_their_values(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(**SETTINGS, ADAPTER=f"{__name__}.Badged")
    users = get_user_model()._default_manager
    for name in ("ann", "anton", "bob"):
        users.create(username=name, email=f"{name}@x.example")
    kind = get_registry().by_name("User").resource_type

    done = adopt_users(
        ProviderConnection.objects.get(),
        users.order_by("pk"),
        kind,
        commit=True,
        trust_unverified=True,
    )

    assert done.linked == 2
    assert done.refused == {f"{USERS.path('badge')} is already in use.": 1}
    assert post(client, USERS, "carl", {"code": "c", "badge": "b"})[0] == 409
