"""What a project's models need and nobody gives is said in the answer, and nothing is changed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.core.errors import NotPrepared
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisioningEvent,
    RoleMapping,
)
from django_scim_provider.storage.store_context import StoreContext
from tests.factories import make_connection
from tests.inventory.scim import PRINTERS, PrinterStore
from tests.people import connect, host_user, post
from tests.scim_client import CORE, GROUP, SCIMTestClient
from tests.tenancy.models import Membership

HERE = "tests.required_fields.test_answers"


class Nameless(DefaultAdapter):
    """Writes a field what the resource may lack."""

    def user_fields(self, resource: Any) -> dict[str, Any]:
        title = resource.get("title")
        return {**super().user_fields(resource), "first_name": title}

    def attribute_of(self, field: str, resource: Any) -> str:
        return "title" if field == "first_name" else super().attribute_of(field, resource)


@pytest.mark.django_db
def test_value_that_the_resource_lacks_is_required(scim_settings: Callable[..., None]) -> None:
    scim_settings(ADAPTER=f"{HERE}.Nameless")
    client = connect()
    refused = post(client, "ann@x.example")
    user = post(client, "ann@x.example", title="Dr.").json
    removed = client.patch(f"/Users/{user['id']}", {"op": "remove", "path": "title"})
    replaced = client.request(
        "PUT", f"/Users/{user['id']}", {"schemas": [CORE], "userName": "ann@x.example"}
    )

    for answer in (refused, removed, replaced):
        assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
        assert answer.json["detail"] == "title is required."
    assert host_user(user).first_name == "Dr."


class Forgetful(DefaultAdapter):
    """Makes users with something beside them that it gives no value."""

    def create_user(self, resource: Any, fields: dict[str, Any]) -> AbstractBaseUser:
        user = super().create_user(resource, fields)
        if "forget" in resource["userName"]:
            Membership.objects.create(user_id=user.pk)
        return user


@pytest.fixture
def forgetful(db: None, scim_settings: Callable[..., None]) -> SCIMTestClient:
    """Return a client of a project that lacks a value for some users."""
    scim_settings(ADAPTER=f"{HERE}.Forgetful")
    return connect()


def test_project_that_lacks_a_value_says_so(
    forgetful: SCIMTestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="django_scim_provider"):
        answer = post(forgetful, "forget@x.example")

    assert answer.status == 503
    assert answer.json["detail"] == (
        "This service needs a value for 'organization_id', which provisioning does not give it. "
        "Its operator has to say what it is; then the same request will do."
    )
    assert "Retry-After" not in answer.headers
    assert len([record for record in caplog.records if record.exc_info]) == 1
    assert not get_user_model()._default_manager.exists()
    assert not LinkedAccount.objects.exists()
    assert ProvisioningEvent.objects.get(action="create").status == 503


def test_the_rest_of_a_bulk_request_is_done(forgetful: SCIMTestClient) -> None:
    names = ["ann@x.example", "forget@x.example", "bob@x.example"]
    operations = [
        {
            "method": "POST",
            "path": "/Users",
            "bulkId": name,
            "data": {"schemas": [CORE], "userName": name},
        }
        for name in names
    ]
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": operations,
    }
    answer = forgetful.request("POST", "/Bulk", body)

    assert answer.status == 200, answer.text
    assert [done["status"] for done in answer.json["Operations"]] == ["201", "503", "201"]
    assert "organization_id" in answer.json["Operations"][1]["response"]["detail"]


@pytest.mark.django_db
def test_own_resource_type_that_lacks_a_value_says_so(
    monkeypatch: pytest.MonkeyPatch, scim_settings: Callable[..., None]
) -> None:
    fields = {key: name for key, name in PrinterStore.fields.items() if key != "shelf"}
    monkeypatch.setattr(PrinterStore, "fields", fields)
    scim_settings(RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"])
    make_connection()
    store = PrinterStore(StoreContext(provider_id="acme"), PRINTERS.resource_type)
    with pytest.raises(NotPrepared, match="'shelf'"):
        store.create({"schemas": [], "serialNumber": "1", "displayName": "x"})


class Granting(DefaultAdapter):
    """Gives a role by a row that lacks a value."""

    def roles(self) -> list[str]:
        return ["boss"]

    def grant_role(self, user: AbstractBaseUser, role: str) -> bool:
        Membership.objects.create(user_id=user.pk)
        return True


@pytest.mark.django_db
def test_group_whose_role_lacks_a_value_says_so(scim_settings: Callable[..., None]) -> None:
    scim_settings(ADAPTER=f"{HERE}.Granting")
    client = connect()
    RoleMapping.objects.create(
        provider=ProviderConnection.objects.get(),
        match_by="displayName",
        value="bosses",
        project_role="boss",
    )
    user = post(client, "ann@x.example").json
    members = [{"value": user["id"]}]
    answer = client.request(
        "POST", "/Groups", {"schemas": [GROUP], "displayName": "bosses", "members": members}
    )

    assert answer.status == 503
    assert "'organization_id'" in answer.json["detail"]


# A value that only one user may have


def only_once(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let a field of the user model be unique, as far as the app sees."""
    monkeypatch.setattr(get_user_model()._meta.get_field(name), "unique", True)


class Numbering(DefaultAdapter):
    """Writes a number that is unique; the database would say so."""

    def user_fields(self, resource: Any) -> dict[str, Any]:
        given = {"last_name": resource["title"]} if "title" in resource else {}
        fields = {**super().user_fields(resource), **given}
        return fields if given else {n: v for n, v in fields.items() if n != "last_name"}

    def attribute_of(self, field: str, resource: Any) -> str:
        return "title" if field == "last_name" else super().attribute_of(field, resource)

    def create_user(self, resource: Any, fields: dict[str, Any]) -> AbstractBaseUser:
        self._refuse(fields.get("last_name", ""))
        return super().create_user(resource, fields)

    def update_user(self, user: Any, resource: Any, fields: Any, **more: Any) -> None:
        if fields.get("last_name", user.last_name) != user.last_name:
            self._refuse(fields["last_name"])
        super().update_user(user, resource, fields, **more)

    def _refuse(self, number: str) -> None:
        if get_user_model()._default_manager.filter(**{"last_name": number}).exists():
            raise IntegrityError


@pytest.fixture
def numbered(
    db: None, monkeypatch: pytest.MonkeyPatch, scim_settings: Callable[..., None]
) -> SCIMTestClient:
    """Return a client of a project whose users have unique numbers."""
    only_once(monkeypatch, "last_name")
    scim_settings(ADAPTER=f"{HERE}.Numbering")
    return connect()


def test_value_that_another_user_has_is_a_conflict(numbered: SCIMTestClient) -> None:
    post(numbered, "ann@x.example", title="1")
    bob = post(numbered, "bob@x.example", title="2").json
    created = post(numbered, "cid@x.example", title="1")
    changed = numbered.patch(
        f"/Users/{bob['id']}", {"op": "replace", "path": "title", "value": "1"}
    )

    for answer in (created, changed):
        assert (answer.status, answer.json["scimType"]) == (409, "uniqueness")
        assert answer.json["detail"] == "title is already in use."
    assert host_user(bob).last_name == "2"


def test_second_user_without_the_value_tells_the_operator(numbered: SCIMTestClient) -> None:
    first, second = (post(numbered, name) for name in ("ann@x.example", "bob@x.example"))

    assert first.status == 201
    assert second.status == 503
    assert "'last_name'" in second.json["detail"]
