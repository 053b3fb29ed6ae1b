"""No event holds a value of anybody: every value that was sent is looked for in every column."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import Attribute
from django_scim_provider.core.schemas.enterprise import ENTERPRISE_USER_SCHEMA
from django_scim_provider.models import ProvisioningEvent
from django_scim_provider.tokens.wire import decode
from tests.factories import make_token
from tests.people import post
from tests.scim_client import CORE, ENTERPRISE, GROUP, PATCH, SCIMTestClient
from tests.test_bulk import BULK

pytestmark = pytest.mark.django_db

MARK = "zq7"
UNKNOWN = "wv3"
"""In the names of attributes that no schema defines; an event may tell these, and no value."""
"""Is part of every value that is sent, and of nothing else."""
FORMS = {
    "emails": "{}@{}.example",
    "photos": "https://{}.example/{}",
    "profileUrl": "https://{}/{}",
}


def value_of(attribute: Attribute, person: str) -> Any:
    """Return an unmistakable value for an attribute, with all its sub-attributes."""
    if attribute.type == "boolean":
        return True
    if attribute.type == "complex":
        found: Any = {
            sub.name: value_of(sub, person)
            for sub in attribute.sub_attributes
            if sub.mutability != "readOnly"
        }
        if attribute.name in FORMS:
            found["value"] = FORMS[attribute.name].format(f"{MARK}{person}", attribute.name)
        if attribute.name == "x509Certificates":
            found.pop("value", None)
            found["display"] = f"{MARK}{person}certificate"
    elif attribute.type in ("reference", "binary", "dateTime"):
        found = f"https://{MARK}{person}.example/{attribute.name}"
    else:
        found = f"{MARK}{person}{attribute.name}"
    return [found] if attribute.multi_valued else found


def everything(person: str) -> dict[str, Any]:
    """Return a user with a value for each attribute that a client may write."""

    def filled(attributes: Any) -> dict[str, Any]:
        return {a.name: value_of(a, person) for a in attributes if a.mutability != "readOnly"}

    return {
        "schemas": [CORE, ENTERPRISE],
        **filled(USER.schema.attributes),
        "userName": f"{MARK}{person}@{MARK}.example",
        "externalId": f"{MARK}{person}external",
        "active": True,
        ENTERPRISE: filled(ENTERPRISE_USER_SCHEMA.attributes),
    }


def texts(value: Any) -> Iterator[str]:
    """Yield the texts in a body."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for held in value.values():
            yield from texts(held)
    elif isinstance(value, list):
        for held in value:
            yield from texts(held)


def traffic(client: SCIMTestClient) -> list[Any]:
    """Play every kind of request, well and badly; return the bodies that were sent."""
    ann, bob = everything("ann"), everything("bob")
    names = {"displayName": f"{MARK}team", "externalId": f"{MARK}team-external"}
    group = {"schemas": [GROUP], **names}
    first = client.request("POST", "/Users", ann)
    assert first.status == 201, first.text
    user = f"/Users/{first.json['id']}"
    team = client.request("POST", "/Groups", group).json
    extension = f"{ENTERPRISE}:department"
    operations: list[dict[str, Any]] = [
        {"op": "replace", "path": "title", "value": f"{MARK}title"},
        {"op": "replace", "path": 'emails[type eq "zq7type"].value', "value": "zq7@x.example"},
        {"op": "add", "path": extension, "value": f"{MARK}department"},
        {"op": "add", "value": {f"{UNKNOWN}": f"{MARK}x", "nickName": f"{MARK}nick"}},
        {"op": "remove", "path": f'phoneNumbers[value eq "{MARK}phone"]'},
        {"op": "add", "path": f"{MARK}path", "value": f"{MARK}value"},
        {"op": "add", "path": f"{ENTERPRISE}:{MARK}", "value": f"{MARK}value"},
        {"op": "add", "value": {f"urn:{UNKNOWN}:2.0:User": {"x": f"{MARK}value"}}},
        {"op": "replace", "path": "active", "value": f"{MARK}no-boolean"},
        {"op": "replace", "path": "userName", "value": None},
    ]
    for operation in operations:
        client.patch(user, operation)
    client.request("PUT", user, {**ann, UNKNOWN: f"{MARK}value", f"urn:{UNKNOWN}": {"a": MARK}})
    client.request("PUT", user, {**bob, "emails": [{"value": f"{MARK} no address"}]})
    client.request("POST", "/Users", ann)
    client.request("POST", "/Users", {"schemas": [f"urn:{MARK}"], "userName": f"{MARK}x"})
    client.request("POST", f"/{MARK}-no-endpoint", {"a": f"{MARK}value"})
    client.request("DELETE", f"/Users/{MARK}@{MARK}.example")
    client.request("POST", "/Users", ann, HTTP_X_REQUEST_ID=f"{MARK}@{MARK}.example")
    client.patch(
        f"/Groups/{team['id']}", {"op": "add", "path": "members", "value": [{"value": MARK}]}
    )
    client.get(f'/Users?filter=userName eq "{MARK}ann"')
    client.request("POST", "/.search", {"schemas": [], "filter": f'title eq "{MARK}"'})
    bulk = [
        {"method": "POST", "path": "/Users", "bulkId": f"{MARK}bulk-id", "data": bob},
        {"method": "POST", "path": "/Users", "bulkId": "again", "data": bob},
        {"method": "PUT", "path": f"/Users/bulkId:{MARK}nobody", "data": ann},
        {"method": f"{MARK}METHOD", "path": f"/{MARK}path", "data": {}},
        {"method": "DELETE", "path": f"/{MARK}endpoint/{MARK}"},
        {
            "method": "PATCH",
            "path": f"/Users/bulkId:{MARK}bulk-id",
            "data": {"schemas": [PATCH], "Operations": operations[:5]},
        },
    ]
    answer = client.request("POST", "/Bulk", {"schemas": [BULK], "Operations": bulk})
    assert answer.status == 200, answer.text
    client.request("POST", "/Bulk", f'{{"{MARK}": "{MARK}"'.encode())
    client.request("DELETE", user)
    return [ann, bob, group, operations, bulk]


def all_that_is_told(root: Client) -> str:
    """Return every column of every event, as the database, a dump and the export have it."""
    dump = StringIO()
    call_command("dumpdata", "scim_provider.provisioningevent", stdout=dump)
    export: Any = root.get("/admin/scim_provider/provisioningevent/export/")
    exported = b"".join(export.streaming_content).decode()
    rows = str(list(ProvisioningEvent.objects.values()))
    names = " ".join(str(event) for event in ProvisioningEvent.objects.all())
    return "\n".join((dump.getvalue(), exported, rows, names))


def test_no_value_is_in_any_event(root: Client, scim_settings: Any) -> None:
    scim_settings(ALLOW_PASSWORD=True)
    token = make_token()

    sent = traffic(SCIMTestClient(token))
    told = all_that_is_told(root)

    marked = {text for text in texts(sent) if MARK in text.casefold()}
    assert len(marked) > 60
    assert {text for text in marked if text in told} == set()
    assert MARK not in told.casefold()
    assert ".example" not in told
    left_out = set(
        ",".join(ProvisioningEvent.objects.values_list("left_out", flat=True)).split(",")
    )
    assert left_out == {"", UNKNOWN, f"urn:{UNKNOWN}", f"urn:{UNKNOWN}:2.0:User"}
    parts = decode(token)
    assert parts is not None
    assert not any(secret in told for secret in (token, parts.secret, parts.lookup))
    assert ProvisioningEvent.objects.count() > 25
    assert set(ProvisioningEvent.objects.values_list("outcome", flat=True)) == {"done", "refused"}


def test_changed_are_names_of_schemas_only(scim_client: SCIMTestClient) -> None:
    traffic(scim_client)

    told = set(",".join(ProvisioningEvent.objects.values_list("changed", flat=True)).split(","))

    core = {a.name for a in USER.schema.attributes} | {"externalId", "members", "displayName"}
    known = core | {f"{ENTERPRISE}:{a.name}" for a in ENTERPRISE_USER_SCHEMA.attributes} | {""}
    assert told <= known
    assert {"emails", "phoneNumbers", "addresses", f"{ENTERPRISE}:employeeNumber"} <= told


def test_token_that_failed_is_in_no_event(root: Client) -> None:
    token = make_token()
    forged = token[:-8] + "zzzzzzzz"

    post(SCIMTestClient(forged), "ann")
    SCIMTestClient(token).request("DELETE", f"/Users/{token}")
    SCIMTestClient(token).request("DELETE", "/Users/1", HTTP_X_REQUEST_ID=token)

    told = all_that_is_told(root)
    assert ProvisioningEvent.objects.filter(action="delete").count() == 2
    assert token not in told
    assert forged not in told
