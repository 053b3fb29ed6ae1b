"""What the management API does for those who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from django_scim_provider.models import ProviderConnection, ProvisioningEvent, SCIMToken
from django_scim_provider.tokens.wire import decode
from tests.management.conftest import Person
from tests.people import post
from tests.scim_client import SCIMTestClient


def works(token: str) -> bool:
    return SCIMTestClient(token).get("/Users").status == 200


def test_generated_token_opens_the_connection(ann: Person) -> None:
    reply = ann.generate()

    assert reply.status == 201
    assert reply.json.keys() == {"scimToken", "tokenId"}
    assert reply.headers["Cache-Control"] == "no-store, private"
    assert works(reply.json["scimToken"])
    assert ProviderConnection.objects.get().owner == ann.user


@pytest.mark.parametrize(
    "keys", [("providerId", "organizationId"), ("provider_id", "organization_id")]
)
def test_keys_are_taken_in_both_spellings(person: Callable[..., Person], keys: Any) -> None:
    admin = person(corp="admin")

    reply = admin.post("generate-token", **dict(zip(keys, ("acme", "corp"), strict=True)))

    parts = decode(reply.json["scimToken"])
    assert reply.status == 201
    assert parts is not None
    assert (parts.provider_id, parts.organization_id) == ("acme", "corp")


def test_new_token_ends_the_earlier_one_at_once(ann: Person) -> None:
    first, second = (ann.generate().json["scimToken"] for _ in range(2))

    assert (works(first), works(second)) == (False, True)


def test_rotation_with_overlap_lets_the_earlier_one_live_on(ann: Person) -> None:
    first = ann.generate().json["scimToken"]

    reply = ann.post("rotate-token", providerId="acme", overlap=3600)

    second = reply.json["scimToken"]
    assert reply.status == 201
    assert (works(first), works(second)) == (True, True)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert (works(first), works(second)) == (False, True)


def test_token_has_the_scopes_and_the_life_that_were_asked_for(ann: Person) -> None:
    reply = ann.generate(scopes=["scim.users.read"], expiresIn=60, label="first")

    client = SCIMTestClient(reply.json["scimToken"])
    assert (client.get("/Users").status, post(client, "bob").status) == (200, 403)
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert client.get("/Users").status == 401


def test_revoked_token_opens_nothing(ann: Person) -> None:
    generated = ann.generate().json

    reply = ann.post("revoke-token", tokenId=generated["tokenId"])

    assert (reply.status, reply.json) == (200, {"success": True})
    assert not works(generated["scimToken"])


def test_connection_is_shown_and_listed_without_secrets(ann: Person) -> None:
    token = ann.generate().json["scimToken"]

    shown = ann.get("get-provider-connection", providerId="acme")
    listed = ann.get("list-provider-connections")

    assert shown.status == listed.status == 200
    assert shown.json.keys() == {
        "id",
        "providerId",
        "organizationId",
        "name",
        "profile",
        "profileSwitches",
        "enabled",
        "createdAt",
    }
    assert listed.json == {"providers": [shown.json], "count": 1, "next": None, "previous": None}
    assert token not in str(shown.json)
    assert ann.get("get-provider-connection", provider_id="acme").json == shown.json


def test_deleted_connection_is_gone_and_keeps_its_accounts(ann: Person) -> None:
    token = ann.generate().json["scimToken"]
    post(SCIMTestClient(token), "bob@x.example")

    reply = ann.post("delete-provider-connection", providerId="acme")

    assert (reply.status, reply.json) == (200, {"success": True})
    assert not works(token)
    assert ann.get("get-provider-connection", providerId="acme").status == 404
    assert ann.get("list-provider-connections").json["providers"] == []
    assert ann.post("delete-provider-connection", providerId="acme").status == 404
    again = SCIMTestClient(ann.generate().json["scimToken"])
    assert again.get("/Users").json["totalResults"] == 1


def test_lists_are_filtered_and_paged(person: Callable[..., Person]) -> None:
    admin = person(corp="owner")
    admin.generate("okta", "corp")
    for number in range(3):
        admin.generate(f"p{number}")

    def names(**query: Any) -> list[str]:
        listed = admin.get("list-provider-connections", **query)
        return [found["providerId"] for found in listed.json["providers"]]

    first = admin.get("list-provider-connections", pageSize=3).json
    assert names() == ["okta", "p0", "p1", "p2"]
    assert names(organizationId="corp") == names(organization_id="corp") == ["okta"]
    assert names(enabled="false") == []
    assert (len(first["providers"]), first["count"]) == (3, 4)
    assert "page=2" in first["next"]
    assert names(pageSize=3, page=2) == ["p2"]


def test_tokens_are_listed_by_their_life(ann: Person) -> None:
    old, new = ann.generate(label="old").json, ann.generate(label="new").json

    def ids(**query: Any) -> list[str]:
        return [found["tokenId"] for found in ann.get("list-tokens", **query).json["tokens"]]

    assert ids() == [new["tokenId"], old["tokenId"]]
    assert ids(live="true") == [new["tokenId"]]
    assert ids(live="false") == ids(label="old") == [old["tokenId"]]
    listed = str(ann.get("list-tokens").json)
    for secret in (SCIMToken.objects.get(pk=new["tokenId"]).secret, new["scimToken"]):
        assert secret not in listed


def test_events_are_listed_by_what_happened(ann: Person) -> None:
    generated = ann.generate().json
    client = SCIMTestClient(generated["scimToken"])
    user = client.request(
        "POST",
        "/Users",
        {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bob@x.example"},
        HTTP_X_REQUEST_ID="request-1",
    ).json
    client.patch(f"/Users/{user['id']}", {"op": "replace", "path": "title", "value": "T"})
    client.patch(f"/Users/{user['id']}", {"op": "replace", "path": "active", "value": False})
    client.patch(f"/Users/{user['id']}", {"op": "replace", "path": "active", "value": True})
    post(client, "bob@x.example")
    client.request("DELETE", f"/Users/{user['id']}")

    events = ann.get("list-events", resourceType="User").json["events"]
    told = [(e["action"], e["outcome"], e["status"], e["scimType"]) for e in reversed(events)]

    assert told == [
        ("create", "done", 201, ""),
        ("update", "done", 200, ""),
        ("deactivate", "done", 200, ""),
        ("activate", "done", 200, ""),
        ("create", "refused", 409, "uniqueness"),
        ("delete", "done", 204, ""),
    ]
    assert events[-1]["requestId"] == "request-1"
    assert events[-2]["changed"] == ["title"]
    assert {event["tokenId"] for event in events} == {generated["tokenId"]}
    assert {event["resourceId"] for event in events} == {user["id"], ""}
    assert "bob" not in str(ProvisioningEvent.objects.values())
    refused = ann.get("list-events", outcome="refused").json["events"]
    assert [event["status"] for event in refused] == [409]
    assert ann.get("list-events", action="generate_token").json["count"] == 1
    assert ann.get("list-events", after="2100-01-01T00:00:00Z").json["count"] == 0


def test_change_that_changes_nothing_and_reads_leave_no_event(ann: Person) -> None:
    client = SCIMTestClient(ann.generate().json["scimToken"])
    user = post(client, "bob@x.example").json
    before = ProvisioningEvent.objects.count()

    client.patch(f"/Users/{user['id']}", {"op": "replace", "path": "active", "value": True})
    client.get(f"/Users/{user['id']}")
    client.get("/Users/unknown")

    assert ProvisioningEvent.objects.count() == before


def test_list_takes_the_same_queries_for_any_number_of_rows(
    ann: Person, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        ann.generate(f"p{number}")

    for path in ("list-provider-connections", "list-tokens", "list-events"):
        with django_assert_max_num_queries(6):
            assert ann.get(path).json["count"] >= 12


def test_command_and_api_work_on_the_same_connection(ann: Person, capsys: Any) -> None:
    ann.generate()

    call_command("scim_rotate_token", "acme")

    assert works(capsys.readouterr().out.strip())
    assert ProviderConnection.objects.get().owner == ann.user
