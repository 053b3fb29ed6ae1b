"""Who gives ids from another implementation, which there can be, and who sees them."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.exceptions import ValidationError
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider.core.errors import InvalidValue, Uniqueness
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
)
from django_scim_provider.observability.logs import REQUESTS
from django_scim_provider.storage.users.store import UserStore
from tests.factories import make_token
from tests.ids_from_elsewhere import BASE, SAFE, at, context, group, text, use_okta, user
from tests.scim_client import CORE, GROUP, PATCH, SCIMTestClient

pytestmark = pytest.mark.django_db


# Who gives ids


@pytest.mark.parametrize("create", [user, group])
def test_taken_id_is_refused(scim_client: SCIMTestClient, create: Any) -> None:
    create("1")

    with pytest.raises(Uniqueness, match="'1' is already in use"):
        create("1", name="other")

    assert LinkedAccount.objects.count() + ProvisionedGroup.objects.count() == 1


UNFIT = [
    "",
    "x" * 256,
    "a/b",
    "bulkId:1",
    "a\nb",
    "a\x00",
    "\ud800",
    " a",
    "a ",
    ".",
    "..",
    ".search",
    ".Search",
]


@pytest.mark.parametrize("id", UNFIT)
@pytest.mark.parametrize("create", [user, group])
def test_unfit_id_is_refused(scim_client: SCIMTestClient, create: Any, id: str) -> None:
    with pytest.raises(InvalidValue, match="cannot be the id of a resource: "):
        create(id)

    assert LinkedAccount.objects.count() + ProvisionedGroup.objects.count() == 0
    assert UserStore(context()).get(id) is None


def test_field_of_the_model_refuses_an_unfit_id(scim_client: SCIMTestClient) -> None:
    group(None)
    row = ProvisionedGroup.objects.get()
    row.scim_id = "a/b"

    with pytest.raises(ValidationError, match="slash"):
        row.clean_fields()


def test_client_never_chooses_an_id(scim_client: SCIMTestClient) -> None:
    user("1")
    body = {"schemas": [CORE], "id": "2", "userName": "bob"}

    made = scim_client.request("POST", "/Users", body).json["id"]
    put = scim_client.request("PUT", "/Users/1", {**body, "userName": "ann"})
    patched = scim_client.patch("/Users/1", {"op": "replace", "path": "id", "value": "2"})

    assert (made != "2", put.json["id"], patched.status) == (True, "1", 400)
    keys = {str(key) for key in LinkedAccount.objects.values_list("pk", flat=True)}
    assert made in keys


def test_who_comes_back_keeps_the_id(scim_client: SCIMTestClient) -> None:
    use_okta()
    user("1")
    scim_client.patch("/Users/1", {"op": "replace", "path": "active", "value": False})
    body = {"schemas": [CORE], "userName": "ann"}

    by_client = scim_client.request("POST", "/Users", body)
    scim_client.patch("/Users/1", {"op": "replace", "path": "active", "value": False})
    stored, made = UserStore(context()).create(body, scim_id="2")

    assert (by_client.status, by_client.json["id"]) == (200, "1")
    assert (stored.id, made) == ("1", False)


def test_conflict_tells_where_the_holder_is(scim_client: SCIMTestClient) -> None:
    user("a b")

    answer = scim_client.request("POST", "/Users", {"schemas": [CORE], "userName": "Ann"})

    assert answer.status == 409
    assert answer.headers["Location"] == f"{BASE}/Users/a%20b"


def test_conflict_about_the_name_of_a_group_tells_where_the_holder_is(
    scim_client: SCIMTestClient,
) -> None:
    ProviderConnection.objects.update(profile="authentik")
    group("a b")

    answer = scim_client.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "TEAM"})

    assert answer.status == 409
    assert answer.headers["Location"] == f"{BASE}/Groups/a%20b"


# Requests of many


@pytest.mark.parametrize("id", ['quo"te \\', "50%", "a?b#c"])
def test_bulk_request_goes_by_ids(scim_client: SCIMTestClient, id: str) -> None:
    use_okta()
    user(id)
    team = group(f"g {id}", id, user(None, "bob"))
    scim_client.patch(at(id), {"op": "replace", "path": "active", "value": False})
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "ann"}},
        {
            "method": "PATCH",
            "path": at(team, "Groups"),
            "data": {"Operations": [{"op": "remove", "path": 'members[value eq "bulkId:a"]'}]},
        },
        {
            "method": "PATCH",
            "path": "/Users/bulkId:a",
            "data": {"Operations": [{"op": "add", "path": "title", "value": "T"}]},
        },
    ]
    schemas = {"POST": [CORE], "PATCH": [PATCH]}
    for each in operations:
        each["data"]["schemas"] = schemas[str(each["method"])]  # type: ignore[index]

    answer = scim_client.request("POST", "/Bulk", bulk(*operations))

    assert [each["status"] for each in answer.json["Operations"]] == ["200", "204", "200"]
    assert {each["location"] for each in answer.json["Operations"][::2]} == {BASE + at_safe(id)}
    assert scim_client.get(at(id)).json["title"] == "T"
    assert len(scim_client.get(at(team, "Groups")).json["members"]) == 1
    gone = scim_client.request("POST", "/Bulk", bulk({"method": "DELETE", "path": at(id)}))
    assert gone.json["Operations"][0]["status"] == "204"
    assert scim_client.get(at(id)).status == 404


def bulk(*operations: dict[str, Any]) -> dict[str, Any]:
    urn = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
    return {"schemas": [urn], "Operations": list(operations)}


def at_safe(id: str) -> str:
    return f"/Users/{quote(id, safe=SAFE)}"


# What others see


def test_failed_change_names_a_known_id_alone(scim_client: SCIMTestClient) -> None:
    user("a b")
    wrong = {"op": "replace", "path": "userName", "value": ""}

    scim_client.patch("/Users/a%20b", wrong)
    scim_client.patch("/Users/ann@corp.example", wrong)
    scim_client.request("POST", "/Bulk", bulk({"method": "PUT", "path": "/Users/a%20b"}))

    events = ProvisioningEvent.objects.filter(outcome="refused").order_by("pk")
    assert list(events.values_list("resource_id", flat=True)) == ["a b", "", "a b"]


def test_log_names_the_id(scim_client: SCIMTestClient, caplog: pytest.LogCaptureFixture) -> None:
    user("a b")
    caplog.set_level(logging.INFO, REQUESTS)

    scim_client.get("/Users/a%20b")
    scim_client.get("/Users/ann@corp.example")

    told = [(each.resource_id, each.path) for each in caplog.records if each.name == REQUESTS]  # type: ignore[attr-defined]
    assert told == [("a b", "/Users/a%20b"), (None, "/Users/*")]


def test_admin_finds_and_shows_the_id(scim_client: SCIMTestClient, root: Client) -> None:
    SCIMTestClient(make_token(provider_id="other"))
    user("1", "ann")
    user("1", "bob", provider_id="other")
    ann, bob = LinkedAccount.objects.order_by("pk")
    admin = "/admin/scim_provider"

    listed = root.get(f"{admin}/linkedaccount/?q=1").content.decode()
    page = root.get(f"{admin}/linkedaccount/{ann.pk}/change/").content.decode()
    events = root.get(f"{admin}/provisioningevent/?q=1").content.decode()

    assert f"{ann.pk}/change" in listed
    assert f"{bob.pk}/change" in listed
    assert "SCIM id" in page
    for account in (ann, bob):
        assert f"{admin}/linkedaccount/{account.pk}/change/" in events


def test_imported_ids_take_the_statements_of_others(scim_client: SCIMTestClient) -> None:
    own = [user(None, "ann"), user(None, "bob")]
    imported = [user("1", "cid"), user("a b", "dan")]
    scim_client.get("/Users")  # the token's first use is noted
    counts = []
    for first, second in (own, imported):
        team = at(group(None, first, name=first), "Groups")
        add = {"op": "add", "path": "members", "value": [{"value": second}]}
        remove = {"op": "remove", "path": f"members[value eq {text(second)}]"}
        requests = (
            ("GET", at(first), None),
            ("PATCH", at(first), [{"op": "add", "path": "title", "value": "T"}]),
            ("GET", team, None),
            ("PATCH", team, [add]),
            ("PATCH", team, [remove]),
            ("GET", f"/Groups?{urlencode({'filter': f'members.value eq {text(first)}'})}", None),
            ("DELETE", at(first), None),
        )
        numbers = []
        for method, path, operations in requests:
            body = operations and {"schemas": [PATCH], "Operations": operations}
            with CaptureQueriesContext(database) as noted:
                answer = scim_client.request(method, path, body)
            assert answer.status in (200, 204)
            numbers.append(len(noted))
        counts.append(numbers)

    assert counts[0] == counts[1]
