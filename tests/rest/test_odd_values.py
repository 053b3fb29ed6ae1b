"""Values of every kind in every attribute: stored or refused, never a server error."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import Attribute
from django_scim_provider.core.schemas.enterprise import ENTERPRISE_USER_SCHEMA
from tests.scim_client import CORE, ENTERPRISE, SCIMTestClient

pytestmark = pytest.mark.django_db

ODD_VALUES: list[Any] = [
    None, "", " ", "x", "true", "False", "null", "\u202e", 0, 1, -1, 1.5, 2**53, 2**63, True, False,
    [], [None], [[]], [[[]]], {}, {"value": None}, {"value": {}}, {"value": []}, {"a": {"b": {}}},
    [{}], [{"value": 5}], [{"value": "x"}], ["x"], [5], [{"value": "x", "primary": "maybe"}],
    [{"type": 5}], {"value": "x", "VALUE": "y"},
]  # fmt: skip


def odd_bodies(attribute: Attribute, extension: bool) -> list[dict[str, Any]]:
    bodies = []
    for value in ODD_VALUES:
        held: dict[str, Any] = {attribute.name: value}
        bodies.append({ENTERPRISE: held} if extension else held)
        for sub in attribute.sub_attributes:
            inner: Any = {sub.name: value}
            held = {attribute.name: [inner] if attribute.multi_valued else inner}
            bodies.append({ENTERPRISE: held} if extension else held)
    return bodies


@pytest.mark.parametrize(
    ("attribute", "extension"),
    [pytest.param(a, False, id=a.name) for a in USER.schema.attributes]
    + [pytest.param(a, True, id=a.name) for a in ENTERPRISE_USER_SCHEMA.attributes],
)
def test_odd_value_in_any_attribute_is_stored_or_refused(
    scim_client: SCIMTestClient, attribute: Attribute, extension: bool
) -> None:
    user = scim_client.create_user("ann@x.example")
    path = f"/Users/{user['id']}"

    for odd in odd_bodies(attribute, extension):
        put = scim_client.request(
            "PUT", path, {"schemas": [CORE], "userName": "ann@x.example", **odd}
        )
        patch = scim_client.patch(path, {"op": "replace", "value": odd})
        assert put.status in (200, 400, 409), (odd, put.text)
        assert patch.status in (200, 400, 409), (odd, patch.text)
        assert scim_client.get(path).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    "odd",
    [{"active": ""}, {"active": []}, {"active": [True]}, {"displayName": ["x"]}],
    ids=["text", "empty-list", "list", "list-for-a-text"],
)
def test_what_is_of_another_type_is_refused_in_a_resource(
    scim_client: SCIMTestClient, method: str, odd: dict[str, Any]
) -> None:
    user = scim_client.create_user("ann@x.example")
    path = "/Users" if method == "POST" else f"/Users/{user['id']}"
    name = "bob@x.example" if method == "POST" else "ann@x.example"

    answer = scim_client.request(method, path, {"schemas": [CORE], "userName": name, **odd})

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
    assert next(iter(odd)) in answer.json["detail"]
    assert scim_client.get(f"/Users/{user['id']}").json == user
