"""``returned`` holds in every answer, for attributes and sub-attributes."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.models import LinkedAccount, ProvisionedGroup
from tests.characteristics.places import Place, write
from tests.inventory.models import Scanner
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db

CODE = "never-shown"
SENT = {
    "code": "c",
    "hint": "blue",
    "pin": CODE,
    "secret": CODE,
    "door": {"name": "d", "code": CODE, "phrase": CODE, "advice": "knock", "side": "left"},
    "safes": [{"name": "s", "code": CODE, "advice": "turn"}, {"code": CODE}],
}
ALL = {
    "code": "c",
    "hint": "blue",
    "door": {"name": "d", "advice": "knock", "side": "left"},
    "safes": [{"name": "s", "advice": "turn"}],
}
DEFAULT = {"code": "c", "door": {"name": "d", "side": "left"}, "safes": [{"name": "s"}]}


def test_what_is_never_returned_is_neither_shown_nor_stored(
    client: SCIMTestClient, place: Place, way: str
) -> None:
    _, body = write(way, client, place, "one", {"code": "c"}, SENT)
    found = client.find(f'{place.name} eq "one"', place.endpoint[1:]).text
    stored = [
        text
        for rows, names in (
            (LinkedAccount.objects, ("resource", "document__folded")),
            (ProvisionedGroup.objects, ("resource", "document__folded")),
            (Scanner._default_manager, ("resource", "folded")),
        )
        for row in rows.values_list(*names)
        for text in row
    ]

    assert stored
    assert CODE not in f"{body}{found}{stored}"


def test_what_is_never_returned_cannot_be_asked_for(client: SCIMTestClient, place: Place) -> None:
    id = place.made(client, "one", **SENT)
    names = ",".join(map(place.path, ("pin", "secret", "door", "door.code", "safes.code")))

    asked = client.get(f"{place.endpoint}/{id}?attributes={names}")
    filtered = client.find(f'{place.path("door.code")} sw "n"', place.endpoint[1:])
    within = client.find(f'{place.path("safes")}[code sw "n"]', place.endpoint[1:])

    assert CODE not in asked.text
    assert [a.json["scimType"] for a in (filtered, within)] == ["invalidFilter"] * 2


@pytest.mark.parametrize("sent", [SENT, {"code": "c", "hint": "blue"}])
def test_what_is_returned_on_request_is_shown_to_whom_has_written_it(
    client: SCIMTestClient, place: Place, way: str, sent: dict[str, Any]
) -> None:
    status, body = write(way, client, place, "one", {"code": "c"}, sent)

    # Groups answer a PATCH with 204, and bulk requests show no resources.
    if status != 204 and "bulk" not in way:
        assert place.shown(body) == {name: ALL[name] for name in sent if name in ALL}


def test_what_is_returned_on_request_is_not_shown_otherwise(
    client: SCIMTestClient, place: Place
) -> None:
    id = place.made(client, "one", **SENT)
    path = f"{place.endpoint}/{id}"

    (found,) = client.find(f'{place.name} eq "one"', place.endpoint[1:]).json["Resources"]
    note = {"op": "add", "path": place.path("note"), "value": "n"}
    written = client.patch(path, note).json

    assert place.stored(client, id).items() >= DEFAULT.items()
    assert place.shown(found) == DEFAULT
    assert written is None or place.shown(written) == {**DEFAULT, "note": "n"}


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("attributes={hint}", {"hint": "blue"}),
        ("attributes={door}", {"door": {"name": "d", "side": "left"}}),
        ("attributes={door.advice}", {"door": {"advice": "knock", "side": "left"}}),
        ("attributes={safes.advice}", {"safes": [{"advice": "turn"}]}),
        (
            "excludedAttributes={code},{safes.name}",
            {"door": {"name": "d", "side": "left"}},
        ),
        ("excludedAttributes={door.side},{safes}", {"code": "c", "door": DEFAULT["door"]}),
    ],
)
def test_projections_go_by_it(
    client: SCIMTestClient, place: Place, query: str, shown: dict[str, Any]
) -> None:
    id = place.made(client, "one", **SENT)
    for name in ("hint", "door.advice", "door.side", "door", "code", "safes.advice", "safes.name"):
        query = query.replace(f"{{{name}}}", place.path(name))
    query = query.replace("{safes}", place.path("safes"))

    answer = client.get(f"{place.endpoint}/{id}?{query}")

    assert place.shown(answer.json) == shown


def test_what_is_excluded_is_not_shown_although_it_was_written(
    client: SCIMTestClient, place: Place
) -> None:
    body = place.body("one", SENT)
    names = ",".join(map(place.path, ("hint", "door")))

    answer = client.request("POST", f"{place.endpoint}?excludedAttributes={names}", body)

    assert place.shown(answer.json) == {"code": "c", "safes": ALL["safes"]}


def test_discovery_says_so(client: SCIMTestClient, place: Place) -> None:
    schema = client.get(f"/Schemas/{place.urn or place.schema}").json
    shown = {a["name"]: a for a in schema["attributes"]}
    parts = {a["name"]: a["returned"] for a in shown["door"]["subAttributes"]}

    assert [shown[name]["returned"] for name in ("pin", "hint")] == ["never", "request"]
    assert parts == {
        "name": "default",
        "code": "never",
        "phrase": "never",
        "advice": "request",
        "side": "always",
    }
