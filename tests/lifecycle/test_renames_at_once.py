"""A rename asks who is in the way while it writes; what is refused leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db.models.signals import post_save

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import (
    AccountDocument,
    AccountEmail,
    LinkedAccount,
    ProvisioningEvent,
)
from django_scim_provider.storage.sql.vendors import vendor_of
from tests.lifecycle.test_returning import link_again
from tests.people import connect, host_user, make_user, post
from tests.scim_client import CORE, Answer, SCIMTestClient

pytestmark = pytest.mark.django_db

EVE = [{"value": "eve@x.example", "type": "work", "primary": True}]


class KeepsAddresses(DefaultAdapter):
    """Does not let anybody have another address."""

    def update_user(self, user: Any, resource: Any, fields: Any, **more: Any) -> None:
        """Leave the address out."""
        fields = {name: value for name, value in fields.items() if name != "email"}
        super().update_user(user, resource, fields, **more)


@pytest.fixture
def saves() -> Iterator[list[str]]:
    """Collect the name of each user that is saved."""
    names: list[str] = []

    def note(instance: Any, **_: Any) -> None:
        names.append(instance.get_username())

    post_save.connect(note, sender=get_user_model())
    yield names
    post_save.disconnect(note, sender=get_user_model())


@pytest.fixture(params=[False, True], ids=["plain", "organizations"])
def client(request: pytest.FixtureRequest, scim_settings: Any) -> SCIMTestClient:
    if not request.param:
        scim_settings(ORGANIZATION_BACKEND=None)
    return connect()


def rename(client: SCIMTestClient, ann: dict[str, Any], **more: Any) -> Answer:
    body = {"schemas": [CORE], "userName": "eve@x.example", "emails": EVE, **more}
    return client.request("PUT", f"/Users/{ann['id']}", body)


def rows() -> list[Any]:
    done = ProvisioningEvent.objects.filter(outcome="done")
    written = [*(each.objects for each in (LinkedAccount, AccountDocument, AccountEmail)), done]
    return [list(each.order_by("pk").values()) for each in written]


def new_addresses() -> int:
    return ProvisioningEvent.objects.filter(action="change_email").count()


def test_free_name_is_given(client: SCIMTestClient, saves: list[str]) -> None:
    ann = post(client, "ann@x.example").json
    saves.clear()

    answer = rename(client, ann)

    assert answer.status == 200
    assert saves == ["eve@x.example"]
    assert host_user(ann).email == "eve@x.example"
    assert new_addresses() == 1


@pytest.mark.parametrize("holder", ["nobody's", "staff", "a connection's", "an account"])
def test_refusal_changes_nothing(client: SCIMTestClient, saves: list[str], holder: str) -> None:
    ann = post(client, "ann@x.example").json
    if holder == "a connection's":
        post(connect("other"), "eve@x.example")
    elif holder == "an account":
        eve = post(client, "eve@x.example").json
        get_user_model()._default_manager.filter(pk=host_user(eve).pk).update(
            username="else", email="else@x.example"
        )
    else:
        make_user("eve@x.example", is_staff=holder == "staff")
    before = rows()
    saves.clear()

    answer = rename(client, ann)

    assert (answer.status, answer.json["scimType"]) == (409, "uniqueness")
    assert answer.json["detail"] == "userName is already in use."
    # Elsewhere the constraint of the accounts is met after the user was saved.
    assert saves == [] or (holder == "an account" and not vendor_of("default").writes_in_with)
    assert rows() == before


def test_user_whom_others_hold_keeps_name_and_address(
    client: SCIMTestClient, saves: list[str]
) -> None:
    ann = post(client, "ann@x.example", emails=[{"value": "ann@x.example"}]).json
    connect("other")
    link_again(ann, "other")

    answer = rename(client, ann, name={"givenName": "Eve"})

    user = host_user(ann)
    assert answer.status == 200
    assert answer.json["userName"] == "eve@x.example"
    assert (user.get_username(), user.email, user.first_name) == (
        "ann@x.example",
        "ann@x.example",
        "Eve",
    )
    assert new_addresses() == 0


def test_name_of_staff_is_refused_for_a_user_whom_others_hold(client: SCIMTestClient) -> None:
    ann = post(client, "ann@x.example").json
    connect("other")
    link_again(ann, "other")
    make_user("eve@x.example", is_staff=True)

    assert rename(client, ann).status == 409


def test_address_that_an_adapter_keeps_is_no_event(
    client: SCIMTestClient, scim_settings: Any
) -> None:
    ann = post(client, "ann@x.example", emails=[{"value": "ann@x.example"}]).json
    scim_settings(ADAPTER="tests.lifecycle.test_renames_at_once.KeepsAddresses")

    assert rename(client, ann).status == 200

    assert host_user(ann).email == "ann@x.example"
    assert new_addresses() == 0


def test_renames_of_a_bulk_tell_of_new_addresses_once(client: SCIMTestClient) -> None:
    ann, bob = (post(client, f"{name}@x.example").json for name in ("ann", "bob"))
    operations = [
        {
            "method": "PUT",
            "path": f"/Users/{each['id']}",
            "data": {"schemas": [CORE], "userName": "eve@x.example", "emails": EVE},
        }
        for each in (ann, bob)
    ]
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": operations,
    }

    answer = client.request("POST", "/Bulk", body)

    assert [each["status"] for each in answer.json["Operations"]] == ["200", "409"]
    assert new_addresses() == 1
