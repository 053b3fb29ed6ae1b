"""What the models of own types keep unique, and hide, beside what their schemas declare."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.characteristics.declarations import HIDDEN, LICENCES
from tests.characteristics.places import PLACES, Place, post
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


def test_a_constraint_on_a_folded_key_is_told_by_its_attribute(
    client: SCIMTestClient,
) -> None:
    kind = LICENCES.resource_type
    place = Place(endpoint=kind.endpoint, schema=kind.schema.id, name="serialNumber")
    id = place.made(client, "Editor")
    twin = place.made(client, "Viewer")

    created, body = post(client, place, "EDITOR", {})
    renamed = client.patch(
        f"{kind.endpoint}/{twin}", {"op": "replace", "path": "serialNumber", "value": "editor"}
    )

    assert (created, renamed.status) == (409, 409)
    assert body["detail"] == renamed.json["detail"] == "serialNumber is already in use."
    assert client.get(f"{kind.endpoint}/{id}").json["serialNumber"] == "Editor"


def test_what_the_project_hides_keeps_its_values(client: SCIMTestClient) -> None:
    place = replace(PLACES["own type"], endpoint="/Hiddens", schema=HIDDEN.resource_type.schema.id)
    place.made(client, "one", code="c", badge="B-1")
    body = place.body("two", {"code": "c", "badge": "B-1"})

    answer = client.request("POST", "/Hiddens", body)

    assert (answer.status, answer.json["scimType"]) == (409, "uniqueness")
    assert "Location" not in answer.headers
