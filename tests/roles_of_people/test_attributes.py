"""Roles from attributes of people: who gets them, and when they are taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group

from django_scim_provider.models import RoleGrant
from tests.people import connect, host_user, post, set_active
from tests.roles_of_people.mapping import map_everyone, map_value
from tests.scim_client import SCIMTestClient
from tests.test_groups import make_group
from tests.test_roles import change, groups_of, map_to

pytestmark = pytest.mark.django_db
DEPARTMENT = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"


@pytest.fixture
def client() -> SCIMTestClient:
    return connect()


def put(client: SCIMTestClient, user: dict[str, Any], path: str, value: Any) -> None:
    operation = {"op": "replace", "path": path, "value": value}
    assert client.patch(f"/Users/{user['id']}", operation).status == 200


def test_value_gives_the_role_and_takes_it_with_itself(client: SCIMTestClient) -> None:
    map_value("userType", "Contractor", to="contractors")
    ann = post(client, "ann").json

    seen = [groups_of(ann)]
    for value in ("Contractor", "Employee", "CONTRACTOR", None):
        put(client, ann, "userType", value)
        seen.append(groups_of(ann))

    assert seen == [[], ["contractors"], [], ["contractors"], []]
    assert not RoleGrant.objects.exists()


@pytest.mark.parametrize(
    ("attribute", "value", "held"),
    [
        pytest.param("roles", "Admin", [{"value": "admin", "primary": False}], id="roles"),
        pytest.param("roles.value", "a", [{"value": "b"}, {"value": "a"}], id="second-of-two"),
        pytest.param("roles.display", "A", [{"value": "b", "display": "a"}], id="display"),
        pytest.param("entitlements", "pro", [{"value": "Pro"}], id="entitlements"),
        pytest.param("userType", "x", "x", id="user-type"),
        pytest.param("locale", "de-AT", "de-AT", id="any-text"),
        pytest.param("name.familyName", "Doe", "doe", id="part"),
        pytest.param(DEPARTMENT, "Sales", "sales", id="extension"),
    ],
)
def test_each_kind_of_attribute_gives_roles(
    client: SCIMTestClient, attribute: str, value: str, held: Any
) -> None:
    map_value(attribute, value)
    ann, bob = (post(client, name).json for name in ("ann", "bob"))

    path = attribute.removesuffix(".value").removesuffix(".display")
    put(client, ann, path, held)
    given = groups_of(ann), groups_of(bob)
    client.patch(f"/Users/{ann['id']}", {"op": "remove", "path": path})

    assert given == (["staff"], [])
    assert groups_of(ann) == []


def test_new_people_have_the_role_from_the_first(client: SCIMTestClient) -> None:
    map_value("userType", "Contractor")
    map_everyone(to="people")

    ann = post(client, "ann", userType="contractor").json
    bob = post(client, "bob").json
    eve = post(client, "eve", active=False).json

    assert [groups_of(each) for each in (ann, bob, eve)] == [["people", "staff"], ["people"], []]


def test_default_role_follows_the_account(client: SCIMTestClient) -> None:
    map_everyone(to="people")
    ann = post(client, "ann").json

    seen = [groups_of(ann)]
    for active in (False, True):
        set_active(client, ann, active)
        seen.append(groups_of(ann))

    assert seen == [["people"], [], ["people"]]


def test_role_of_a_group_and_a_value_stays_until_both_are_gone(client: SCIMTestClient) -> None:
    ann = post(client, "ann", userType="x").json
    group = make_group(client, "Team")
    map_to(group["id"])
    map_value("userType", "x")
    change(client, group, "add", ann)

    seen = [groups_of(ann)]
    change(client, group, "remove", ann)
    seen.append(groups_of(ann))
    change(client, group, "add", ann)
    put(client, ann, "userType", "y")
    seen.append(groups_of(ann))
    change(client, group, "remove", ann)
    seen.append(groups_of(ann))

    assert seen == [["staff"], ["staff"], ["staff"], []]


def test_role_given_by_hand_stays(client: SCIMTestClient) -> None:
    mapping = map_value("userType", "x")
    ann = post(client, "ann").json
    host_user(ann).groups.add(mapping.django_group)

    put(client, ann, "userType", "x")
    put(client, ann, "userType", "y")

    assert groups_of(ann) == ["staff"]


def test_attributes_alone_give_nothing(client: SCIMTestClient) -> None:
    Group.objects.create(name="admin")

    ann = post(client, "ann", userType="admin", roles=[{"value": "admin"}]).json

    assert groups_of(ann) == []
