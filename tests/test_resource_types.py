"""A resource type of the project's own does all that users and groups do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.validators import MinLengthValidator

from django_scim_provider.connections.lifecycle import close_connection
from django_scim_provider.models import ProviderConnection, ProvisioningEvent
from tests.factories import make_token
from tests.inventory.models import Cartridge, Printer
from tests.inventory.scim import PRINTER_URN
from tests.scim_client import Answer, SCIMTestClient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def routes(scim_settings: Callable[..., None], settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.inventory.urls"
    scim_settings(RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"])


@pytest.fixture
def client(db: None) -> SCIMTestClient:
    return SCIMTestClient(make_token())


def post(client: SCIMTestClient, serial: str, **more: Any) -> Answer:
    body = {"schemas": [PRINTER_URN], "serialNumber": serial, "shelf": 1, **more}
    return client.request("POST", "/Printers", body)


def made(client: SCIMTestClient, serial: str, **more: Any) -> str:
    answer = post(client, serial, **more)
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def test_it_is_in_discovery(client: SCIMTestClient) -> None:
    shown = client.get("/ResourceTypes/Printer").json
    schema = client.get(f"/Schemas/{PRINTER_URN}").json

    assert (shown["endpoint"], shown["schema"]) == ("/Printers", PRINTER_URN)
    assert [a["name"] for a in schema["attributes"]][:2] == ["serialNumber", "displayName"]


def test_it_is_a_row_of_the_model(client: SCIMTestClient) -> None:
    id = made(client, "S-1", displayName="North", floor=3, trays=["A4"], externalId="p1")

    row = Printer.objects.get(scim_id=id)
    shown = client.get(f"/Printers/{id}")

    assert (row.serial_number, row.name, row.floor, row.external_id) == ("S-1", "North", 3, "p1")
    assert shown.json["trays"] == ["A4"]
    assert shown.json["meta"]["location"].endswith(f"/scim/v2/Printers/{id}")
    assert shown.headers["ETag"] == shown.json["meta"]["version"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('serialNumber eq "S-2"', ["S-2"]),
        ("floor gt 1", ["S-2", "S-3"]),
        ('displayName sw "pri"', ["S-1", "S-3"]),
        ('trays eq "a3"', ["S-3"]),
        ('externalId eq "e2"', ["S-2"]),
        ("not (floor pr)", []),
        ('meta.created gt "2020-01-01T00:00:00Z"', ["S-1", "S-2", "S-3"]),
    ],
)
def test_it_is_filtered(client: SCIMTestClient, expression: str, expected: list[str]) -> None:
    made(client, "S-1", displayName="Printer one", floor=1)
    made(client, "S-2", displayName="Two", floor=2, externalId="e2")
    made(client, "S-3", displayName="printer three", floor=3, trays=["A3"])

    found = client.find(expression, "Printers", sortBy="serialNumber").json

    assert [printer["serialNumber"] for printer in found.get("Resources", [])] == expected


def test_it_is_paged_by_index_and_by_cursor(client: SCIMTestClient) -> None:
    for number in range(5):
        made(client, f"S-{number}")

    first = client.get("/Printers?count=2&sortBy=serialNumber&sortOrder=descending").json
    cursor = client.get("/Printers?cursor&count=3").json
    rest = client.get(f"/Printers?cursor={cursor['nextCursor']}&count=3").json

    assert [p["serialNumber"] for p in first["Resources"]] == ["S-4", "S-3"]
    assert first["totalResults"] == 5
    assert [p["serialNumber"] for p in rest["Resources"]] == ["S-3", "S-4"]


def test_it_is_patched_and_put(client: SCIMTestClient) -> None:
    id = made(client, "S-1", displayName="North", floor=3)
    operations = (
        {"op": "replace", "path": "floor", "value": 4},
        {"op": "remove", "path": "displayName"},
    )

    patched = client.patch(f"/Printers/{id}", *operations)
    row = Printer.objects.get(scim_id=id)
    again = client.patch(f"/Printers/{id}", *operations)
    put = client.request(
        "PUT", f"/Printers/{id}", {"schemas": [PRINTER_URN], "serialNumber": "S-9", "shelf": 1}
    )

    assert (patched.status, patched.json["floor"]) == (200, 4)
    assert (row.floor, row.name, row.version) == (4, "unnamed", 2)
    assert again.json["meta"]["version"] == patched.json["meta"]["version"]
    assert "floor" not in put.json
    assert Printer.objects.get(scim_id=id).serial_number == "S-9"


def test_unknown_ids_are_not_found(client: SCIMTestClient) -> None:
    for id in ("x", "0192f0a0-0000-7000-8000-000000000001"):
        path = f"/Printers/{id}"
        operation = {"op": "replace", "path": "floor", "value": 4}
        answers = [
            client.get(path),
            client.patch(path, operation),
            client.request("DELETE", path),
        ]
        assert [answer.status for answer in answers] == [404, 404, 404]


def test_stale_version_is_refused(client: SCIMTestClient) -> None:
    path = f"/Printers/{made(client, 'S-1')}"

    answer = client.request("DELETE", path, HTTP_IF_MATCH='W/"9"')

    assert answer.status == 412
    assert client.get(path).status == 200


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"serialNumber": "x" * 21}, "serialNumber"),
        ({"floor": "top"}, "floor"),
        ({"shelf": None}, "shelf is required"),
    ],
)
def test_value_that_does_not_fit_changes_nothing(
    client: SCIMTestClient, more: dict[str, Any], named: str
) -> None:
    body = {"serialNumber": "S-1"} | more

    answer = post(client, body.pop("serialNumber"), **body)

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
    assert named in answer.json["detail"]
    assert not Printer.objects.exists()


def test_what_the_project_hides_has_its_values_still(client: SCIMTestClient) -> None:
    made(client, "S-1", shelf=0)  # scrapped, so that the manager of the model does not show it

    answer = post(client, "S-1")

    assert (answer.status, answer.json["detail"]) == (409, "serialNumber is already in use.")
    assert "Location" not in answer.headers


def test_taken_values_are_409(client: SCIMTestClient) -> None:
    made(client, "S-1")
    second = made(client, "S-2")

    answers = [
        post(client, "S-1"),
        client.patch(f"/Printers/{second}", {"op": "add", "path": "serialNumber", "value": "S-1"}),
    ]

    assert [answer.status for answer in answers] == [409] * 2
    assert ["serialNumber" in answer.json["detail"] for answer in answers] == [True] * 2
    assert Printer.objects.get(scim_id=second).serial_number == "S-2"


def test_value_that_does_not_fit_is_told_in_english(
    client: SCIMTestClient, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LANGUAGE_CODE = "de"
    monkeypatch.setattr(Printer._meta.get_field("name"), "validators", [MinLengthValidator(5)])

    long = post(client, "S-" + "1" * 19)
    short = post(client, "S-1", displayName="East")

    assert long.json["detail"] == "serialNumber is longer than 20 characters: it has 21."
    assert short.json["detail"].startswith("displayName: Ensure this value has at least 5 char")


def test_external_id_may_be_that_of_another_row(client: SCIMTestClient) -> None:
    first, second = made(client, "S-1", externalId="e1"), made(client, "S-2")

    third = post(client, "S-3", externalId="e1")
    changed = client.patch(
        f"/Printers/{second}", {"op": "add", "path": "externalId", "value": "e1"}
    )

    assert (third.status, changed.status) == (201, 200)
    found = client.get('/Printers?filter=externalId eq "e1"').json["Resources"]
    assert [printer["id"] for printer in found] == [first, second, third.json["id"]]


def test_deletion(client: SCIMTestClient) -> None:
    free, used = made(client, "S-1"), made(client, "S-2")
    Cartridge.objects.create(printer=Printer.objects.get(scim_id=used))

    gone = client.request("DELETE", f"/Printers/{free}")
    kept = client.request("DELETE", f"/Printers/{used}")

    assert (gone.status, kept.status) == (204, 403)
    assert list(Printer.objects.values_list("scim_id", flat=True)) == [used]


def test_another_connection_sees_and_changes_nothing(client: SCIMTestClient) -> None:
    path = f"/Printers/{made(client, 'S-1', externalId='e1')}"
    other = SCIMTestClient(make_token(provider_id="other"))

    statuses = [
        other.get(path).status,
        other.patch(path, {"op": "replace", "path": "floor", "value": 1}).status,
        other.request("DELETE", path).status,
    ]

    assert statuses == [404, 404, 404]
    assert other.get("/Printers").json["totalResults"] == 0
    assert post(other, "S-2", externalId="e1").status == 201


def test_scopes_of_its_own(client: SCIMTestClient) -> None:
    made(client, "S-1")
    reader = SCIMTestClient(make_token(scopes=["scim.printers.read"]))

    assert reader.get("/Printers").json["totalResults"] == 1
    assert post(reader, "S-2").status == 403
    assert reader.get("/Users").status == 403

    people = SCIMTestClient(make_token(scopes=["scim.users.write"]))

    assert people.get("/Printers").status == 403


def test_bulk_and_root_search(client: SCIMTestClient) -> None:
    operation = {
        "method": "POST",
        "path": "/Printers",
        "bulkId": "p",
        "data": {"schemas": [PRINTER_URN], "serialNumber": "S-1", "shelf": 1},
    }
    urn = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"

    answer = client.request("POST", "/Bulk", {"schemas": [urn], "Operations": [operation]})
    found = client.get('/?filter=serialNumber eq "S-1"').json

    assert answer.json["Operations"][0]["status"] == "201"
    assert found["totalResults"] == 1


def test_events_tell_of_it(client: SCIMTestClient) -> None:
    id = made(client, "S-1")
    client.patch(f"/Printers/{id}", {"op": "replace", "path": "floor", "value": 4})
    client.request("DELETE", f"/Printers/{id}")

    events = ProvisioningEvent.objects.filter(resource_type="Printer").order_by("pk")

    assert [event.action for event in events] == ["create", "update", "delete"]
    assert events[1].changed == "floor"


def test_closed_connection_takes_nothing(client: SCIMTestClient) -> None:
    id = made(client, "S-1")
    close_connection(ProviderConnection.objects.get())

    assert post(client, "S-2").status == 401
    assert Printer.objects.get().scim_id == id
