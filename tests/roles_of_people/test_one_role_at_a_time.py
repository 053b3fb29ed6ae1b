"""Organizations whose members have one role at a time: default roles beside those of some."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from tests.drift.comparing import told
from tests.people import connect, host_user, make_organization, post
from tests.roles_of_people.mapping import map_everyone, map_value
from tests.roles_of_people.test_attributes import put
from tests.scim_client import SCIMTestClient
from tests.tenancy.models import Membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> SCIMTestClient:
    found = connect("acme", "acme")
    make_organization("acme")
    map_value("userType", "x", organization_role="admin")
    return found


def role_of(person: dict[str, Any]) -> str:
    return str(Membership.objects.get(user=host_user(person)).role)


def test_default_role_takes_no_other_ones_place(client: SCIMTestClient) -> None:
    map_everyone(organization_role="viewer")

    people = [post(client, name, userType=name).json for name in ("x", "y")]

    assert [role_of(each) for each in people] == ["admin", "viewer"]


def test_default_role_comes_back_when_the_other_goes(client: SCIMTestClient) -> None:
    map_everyone(organization_role="viewer")
    ann = post(client, "ann").json

    seen = []
    for value in ("x", "y", "x", "y"):
        put(client, ann, "userType", value)
        seen.append(role_of(ann))

    assert seen == ["admin", "viewer", "admin", "viewer"]
    assert told() == []


def test_new_default_role_leaves_those_their_role_who_have_another(client: SCIMTestClient) -> None:
    people = [post(client, name, userType=name).json for name in ("x", "y")]
    map_everyone(organization_role="viewer")

    call_command("scim_reconcile", verbosity=0)

    assert [role_of(each) for each in people] == ["admin", "viewer"]


def test_other_role_of_two_comes_back(client: SCIMTestClient) -> None:
    map_value("title", "z", organization_role="editor")
    ann = post(client, "ann", userType="x").json
    put(client, ann, "title", "z")
    before = role_of(ann)

    put(client, ann, "title", "none")

    assert (before, role_of(ann)) == ("editor", "admin")


def test_role_that_the_project_took_stays_taken(client: SCIMTestClient) -> None:
    map_everyone(organization_role="viewer")
    ann = post(client, "ann", userType="x").json
    Membership.objects.update(role="member")

    put(client, ann, "userType", "y")

    assert role_of(ann) == "member"
