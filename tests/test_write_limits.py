"""The caps on what is stored hold on every way to write, and are told in the error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scim_provider.models import AccountDocument
from tests.factories import make_token
from tests.inventory.scim import PRINTER_URN
from tests.scim_client import CORE, ENTERPRISE, GROUP, Answer, SCIMTestClient

pytestmark = pytest.mark.django_db

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
MIB = 1024 * 1024


def values(number: int, size: int = 0, start: int = 0) -> list[dict[str, Any]]:
    return [
        {"value": f"{n}@x.example", "display": "x" * size} for n in range(start, start + number)
    ]


def bulk(client: SCIMTestClient, method: str, path: str, data: Any) -> Answer:
    operation = {"method": method, "path": path, "data": data, "bulkId": "b"}
    return client.request("POST", "/Bulk", {"schemas": [BULK], "Operations": [operation]})


def write(client: SCIMTestClient, way: str, id: str, attributes: dict[str, Any]) -> tuple[int, str]:
    """Write attributes in one way; return the status and the detail of the error."""
    method, _, by_bulk = way.partition(" ")
    name = "keep@x.example" if method != "POST" else "new@x.example"
    body: dict[str, Any] = {"schemas": [CORE], "userName": name, **attributes}
    if method == "PATCH":
        body = {"Operations": [{"op": "add", "value": attributes}]}
    path = "/Users" if method == "POST" else f"/Users/{id}"
    if by_bulk:
        result = bulk(client, method, path, body).json["Operations"][0]
        return int(result["status"]), str(result.get("response", {}).get("detail"))
    answer = client.request(method, path, body)
    return answer.status, str(answer.json.get("detail"))


WAYS = ["POST", "PUT", "PATCH", "POST by bulk", "PUT by bulk", "PATCH by bulk"]


@pytest.mark.parametrize("way", WAYS)
def test_values_of_an_attribute_are_capped(scim_client: SCIMTestClient, way: str) -> None:
    user = scim_client.create_user("keep@x.example")

    status, detail = write(scim_client, way, user["id"], {"phoneNumbers": values(1001)})

    assert status == 400
    assert detail == "phoneNumbers may have at most 1000 values (MAX_ATTRIBUTE_VALUES), not 1001."
    assert scim_client.get(f"/Users/{user['id']}").json == user
    assert write(scim_client, way, user["id"], {"phoneNumbers": values(1000)})[0] in (200, 201, 204)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "attributes",
    [
        {"displayName": "x" * MIB},
        {"name": {"formatted": "x" * MIB}},
        {"photos": values(100, MIB // 100)},
        {ENTERPRISE: {"department": "x" * MIB}},
    ],
    ids=["text", "complex", "values", "extension"],
)
def test_size_of_a_resource_is_capped(
    scim_client: SCIMTestClient, way: str, attributes: dict[str, Any]
) -> None:
    user = scim_client.create_user("keep@x.example")

    status, detail = write(scim_client, way, user["id"], attributes)

    assert status == 413
    assert "MAX_RESOURCE_SIZE" in detail
    assert str(MIB) in detail
    assert scim_client.get(f"/Users/{user['id']}").json == user


@pytest.mark.parametrize("sign", ["\ufdfa", "\ufdfb", "\u3316", "\u3356"])
@pytest.mark.parametrize("way", WAYS)
def test_signs_that_stand_for_sentences_count_as_those(
    scim_client: SCIMTestClient, scim_settings: Callable[..., None], way: str, sign: str
) -> None:
    scim_settings(MAX_RESOURCE_SIZE=4096)
    user = scim_client.create_user("keep@x.example", displayName=sign)

    many = write(scim_client, way, user["id"], {"displayName": sign * 1000})
    few = write(scim_client, way, user["id"], {"displayName": sign * 100})

    assert (many[0], few[0] < 300) == (413, True)
    assert "MAX_RESOURCE_SIZE" in many[1]
    folded = AccountDocument.objects.latest("last_modified").folded
    assert len(folded.encode()) < 1.25 * 4096 + 500


def test_a_user_does_not_grow_by_one_patch_after_the_other(scim_client: SCIMTestClient) -> None:
    user = scim_client.create_user("keep@x.example")
    path = f"/Users/{user['id']}"

    answers = [
        scim_client.patch(path, {"op": "add", "path": "photos", "value": values(50, 8000, n * 50)})
        for n in range(4)
    ]

    assert [answer.status for answer in answers] == [200, 200, 413, 413]
    assert len(scim_client.get(path).text) < MIB


def test_a_resource_of_a_higher_cap_can_be_deactivated_and_shrinks(
    scim_client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    photos = values(20, 1000)
    user = scim_client.create_user("keep@x.example", photos=photos, phoneNumbers=values(20))
    path = f"/Users/{user['id']}"
    scim_settings(MAX_RESOURCE_SIZE=4096, MAX_ATTRIBUTE_VALUES=10)

    deactivated = scim_client.patch(path, {"op": "replace", "path": "active", "value": False})
    shrunk = scim_client.patch(path, {"op": "replace", "path": "photos", "value": photos[:15]})
    grown = scim_client.patch(path, {"op": "replace", "path": "title", "value": "x" * 2000})
    more = scim_client.patch(path, {"op": "add", "path": "phoneNumbers", "value": values(1, 1, 99)})

    assert (deactivated.status, shrunk.status, grown.status, more.status) == (200, 200, 413, 400)


def test_members_are_not_capped(
    scim_client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(MAX_RESOURCE_SIZE=4096, MAX_ATTRIBUTE_VALUES=10)
    members = [{"value": scim_client.create_user(f"u{n}")["id"]} for n in range(60)]
    body = {"schemas": [GROUP], "displayName": "g", "members": members}

    made = scim_client.request("POST", "/Groups", body)
    replaced = scim_client.request("PUT", f"/Groups/{made.json['id']}", body)

    assert (made.status, replaced.status) == (201, 200)
    assert len(replaced.json["members"]) == 60


def test_operations_of_a_patch_are_capped_by_the_setting(
    scim_client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    user = scim_client.create_user("keep@x.example", emails=values(20))
    path = f"/Users/{user['id']}"
    scim_settings(MAX_PATCH_OPERATIONS=2, MAX_PATCH_STEPS=1)
    title = {"op": "add", "path": "title", "value": "x"}
    select = {"op": "remove", "path": " or ".join(['emails[value co "#"'] + ['value co "#"'] * 40)}

    many = scim_client.patch(path, title, title, title)
    steps = scim_client.patch(path, {**select, "path": select["path"] + "]"})

    assert (many.status, many.json["scimType"]) == (400, "tooMany")
    assert "at most 2 operations" in many.json["detail"]
    assert (steps.status, steps.json["scimType"]) == (400, "tooMany")
    assert "more than 1 (MAX_PATCH_STEPS)" in steps.json["detail"]


def test_resources_of_the_projects_own_are_capped(
    scim_settings: Callable[..., None], settings: Any
) -> None:
    settings.ROOT_URLCONF = "tests.inventory.urls"
    scim_settings(RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"], MAX_ATTRIBUTE_VALUES=3)
    client = SCIMTestClient(make_token())
    body: dict[str, Any] = {"schemas": [PRINTER_URN], "serialNumber": "S", "shelf": 1}
    path = f"/Printers/{client.request('POST', '/Printers', body).json['id']}"
    trays = ["A3", "A4", "A5", "A6"]

    answers = [
        client.request("POST", "/Printers", {**body, "serialNumber": "T", "trays": trays}),
        client.request("PUT", path, {**body, "trays": trays}),
        client.patch(path, {"op": "add", "path": "trays", "value": trays}),
    ]

    assert [answer.status for answer in answers] == [400, 400, 400]
    assert all("trays may have at most 3 values" in answer.json["detail"] for answer in answers)
