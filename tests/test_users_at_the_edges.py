"""Users at the edges: faults of the project, rare filters, deep pages."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from django.db import IntegrityError
from django.db.models import ProtectedError

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.adapter.provisioning_context import ProvisioningContext
from django_scim_provider.models import LinkedAccount
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db


def test_profile_of_another_source_is_left_alone(scim_client: SCIMTestClient) -> None:
    user = scim_client.create_user("ann@x.example", name={"givenName": "Ann"})
    LinkedAccount.objects.update(manages_profile=False)

    operation = {"op": "replace", "path": "userName", "value": "new@x.example"}
    scim_client.patch(f"/Users/{user['id']}", operation)

    assert LinkedAccount.objects.get().user.get_username() == "ann@x.example"


def test_protected_user_is_deactivated_instead_of_deleted(
    scim_client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = scim_client.create_user("ann@x.example")
    host_user = LinkedAccount.objects.get().user

    def refuse(self: DefaultAdapter, user: Any) -> None:
        raise ProtectedError("referred to", set())

    monkeypatch.setattr(DefaultAdapter, "delete_user", refuse)
    answer = scim_client.request("DELETE", f"/Users/{user['id']}")

    host_user.refresh_from_db()
    assert answer.status == 204
    assert not host_user.is_active
    assert not LinkedAccount.objects.exists()


def test_broken_constraint_of_the_host_is_a_fault_and_no_conflict(
    scim_client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: DefaultAdapter, *args: Any) -> None:
        raise IntegrityError("NOT NULL constraint failed: host_user.country")

    monkeypatch.setattr(DefaultAdapter, "create_user", fail)
    answer = scim_client.request("POST", "/Users", {"schemas": [CORE], "userName": "ann"})

    assert answer.status == 500
    assert "country" not in answer.text


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('userName sw "\U0010ffff"', "\U0010ffffx"),
        ('userName co ""', "a\U0010ffffx"),
        ('name[givenName eq "Ann" and not (familyName pr)]', "a"),
        ('id sw "0"', "a\U0010ffffx"),
        ('id ne "x" and meta.created co "Z"', "a\U0010ffffx"),
        ('meta.created ne "2000-01-01T00:00:00Z"', "a\U0010ffffx"),
        ("title ne null or name pr", "a"),
    ],
)
def test_rare_filters(scim_client: SCIMTestClient, expression: str, expected: str) -> None:
    scim_client.create_user("a", name={"givenName": "Ann"})
    scim_client.create_user("\U0010ffffx")

    found = scim_client.find(expression).json["Resources"]

    assert "".join(user["userName"] for user in found) == expected


def test_deep_pages_are_the_same(
    scim_client: SCIMTestClient, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/Users?startIndex=2&count=2"
    shallow = [scim_client.get(f"{path}{sort}").json for sort in ("", "&sortBy=title")]

    monkeypatch.setattr("django_scim_provider.storage.sql.compiled_pages.DEEP_OFFSET", 0)

    assert [scim_client.get(f"{path}{sort}").json for sort in ("", "&sortBy=title")] == shallow


@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize("by", ["meta.created", "meta.lastModified", "id", "active", "externalId"])
def test_cursor_follows_any_order(
    scim_client: SCIMTestClient, people: list[str], by: str, order: str
) -> None:
    query = f"/Users?sortBy={by}&sortOrder={order}"
    whole = [user["id"] for user in scim_client.get(query).json["Resources"]]
    found, cursor = [], ""
    while True:
        page = scim_client.get(f"{query}&count=1&cursor={cursor}").json
        found += [user["id"] for user in page["Resources"]]
        if "nextCursor" not in page:
            break
        cursor = page["nextCursor"]

    assert found == whole


class CountedAdapter(DefaultAdapter):
    """Counts how often it is made."""

    made: ClassVar[int] = 0

    def __init__(self, context: ProvisioningContext) -> None:
        super().__init__(context)
        CountedAdapter.made += 1


@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_adapter_is_made_once_for_a_write(
    scim_client: SCIMTestClient, scim_settings: Any, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    body = {"schemas": [CORE], "userName": "ann@x.example"}
    path = "/Users"
    if verb == "PUT":
        path = f"/Users/{scim_client.create_user('eve@x.example')['id']}"
    scim_settings(ADAPTER=f"{__name__}.CountedAdapter")
    monkeypatch.setattr(CountedAdapter, "made", 0)

    answer = scim_client.request(verb, path, body)

    assert answer.status in (200, 201)
    assert CountedAdapter.made == 1
