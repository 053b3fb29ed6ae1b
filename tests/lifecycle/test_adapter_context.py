"""What the adapter knows of the connection and the resource that it is asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.adapter.provisioning_context import ProvisioningContext
from django_scim_provider.models import LinkedAccount, ProviderConnection, SCIMToken
from tests.people import connect, post
from tests.scim_client import CORE

pytestmark = pytest.mark.django_db

MADE: list[Knowing] = []


class Knowing(DefaultAdapter):
    """Keeps the names of each customer apart, and is remembered."""

    def __init__(self, context: ProvisioningContext) -> None:
        super().__init__(context)
        MADE.append(self)

    def user_fields(self, resource: Any) -> dict[str, Any]:
        fields = super().user_fields(resource)
        name = f"{self.context.provider_id}/{fields['username']}"
        return {**fields, "username": name, "last_name": self.context.connection.name}


@pytest.fixture(autouse=True)
def knowing(scim_settings: Callable[..., None]) -> None:
    scim_settings(ADAPTER=f"{__name__}.Knowing", REVOKERS=[])
    MADE.clear()


def test_adapter_scopes_names_by_connection() -> None:
    acme, other = connect(), connect("other")
    ProviderConnection.objects.filter(provider_id="acme").update(name="Acme Inc.")

    statuses = [post(acme, "ann").status, post(other, "ann").status]

    assert statuses == [201, 201]
    names = LinkedAccount.objects.order_by("user__username").values_list(
        "user__username", "user__last_name"
    )
    assert list(names) == [("acme/ann", "Acme Inc."), ("other/ann", "")]


def test_context_tells_the_request_and_what_is_written() -> None:
    client = connect(profile="okta")

    answer = post(client, "ann", title="Chief")

    context = MADE[-1].context
    assert (context.provider_id, context.organization_id) == ("acme", None)
    assert (context.profile, context.using) == ("okta", "default")
    assert context.token_id == SCIMToken.objects.get().pk
    assert context.request_id == answer.headers["X-Request-ID"]
    assert context.resource is not None
    assert context.resource["title"] == "Chief"


def test_context_of_a_change_has_what_the_user_becomes() -> None:
    client = connect()
    id = client.create_user("ann")["id"]
    MADE.clear()

    client.patch(f"/Users/{id}", {"op": "add", "path": "title", "value": "Chief"})

    assert [each.context.resource["title"] for each in MADE if each.context.resource] == ["Chief"]


def test_context_does_not_change() -> None:
    context = ProvisioningContext(provider_id="acme")

    with pytest.raises(FrozenInstanceError):
        context.provider_id = "other"  # type: ignore[misc]  # on purpose


@pytest.mark.parametrize("operation", ["create", "taken", "replace", "deactivate", "delete"])
def test_one_adapter_is_made_for_each_operation(operation: str) -> None:
    client = connect()
    id = client.create_user("ann", externalId="e1")["id"]
    MADE.clear()

    if operation == "create":
        status = post(client, "bob").status
    elif operation == "taken":
        status = post(client, "ann").status
    elif operation == "replace":
        body = {"schemas": [CORE], "userName": "anna"}
        status = client.request("PUT", f"/Users/{id}", body).status
    elif operation == "deactivate":
        change = {"op": "replace", "path": "active", "value": False}
        status = client.patch(f"/Users/{id}", change).status
    else:
        status = client.request("DELETE", f"/Users/{id}").status

    assert status == {"create": 201, "taken": 409, "delete": 204}.get(operation, 200)
    assert len(MADE) == 1


def test_row_of_the_connection_is_read_once_for_many_resources() -> None:
    connect()
    context = ProvisioningContext(provider_id="acme")

    with CaptureQueriesContext(connection) as queries:
        contexts = [context]
        for number in range(3):
            contexts.append(contexts[-1].about({"userName": str(number)}))
            assert contexts[-1].connection.provider_id == "acme"

    assert len(queries) == 1
    assert [each.resource and each.resource["userName"] for each in contexts] == [
        None,
        "0",
        "1",
        "2",
    ]
