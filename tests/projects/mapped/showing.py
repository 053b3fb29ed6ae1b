"""What the project has, as attributes show it; run by ``tests.projects``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.attribute_map import Mapped
from django_scim_provider.connections.adoption import adopt_users
from django_scim_provider.core.schemas import USER
from django_scim_provider.models import LinkedAccount, ProviderConnection
from tests.drift.comparing import repair, told
from tests.people import connect, host_user, post
from tests.portable.both_ways import by_orm
from tests.projects.mapped.models import Person, Profile
from tests.projects.mapped.settings import ATTRIBUTE_MAP, ENTERPRISE, KINDS
from tests.projects.mapped.writing import ANN, WORK, replace
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client() -> SCIMTestClient:
    return connect()


def test_what_the_project_owns_is_shown_and_no_client_s(client: SCIMTestClient) -> None:
    made = client.create_user("ann", nickName="mine")
    Person.objects.update(building="West")
    path = f"/Users/{made['id']}"

    read = client.get(path).json
    refused = client.patch(path, replace("nickName", "mine"))
    put = client.request("PUT", path, {"schemas": [CORE], "userName": "ann", "nickName": "mine"})
    (listed,) = client.get("/Users").json["Resources"]

    assert "nickName" not in made
    assert [each["nickName"] for each in (read, put.json, listed)] == ["West"] * 3
    assert (refused.status, refused.json["scimType"]) == (400, "mutability")
    assert "West" not in LinkedAccount.objects.get().resource
    schema = client.get(f"/Schemas/{CORE}").json
    (nick,) = [each for each in schema["attributes"] if each["name"] == "nickName"]
    assert nick["mutability"] == "readOnly"


def test_what_stands_in_no_document_is_not_searched(client: SCIMTestClient) -> None:
    answers = [
        client.find('nickName eq "West"'),
        client.find('userName pr and not (nickName co "W")'),
        client.get("/Users?sortBy=nickName"),
    ]

    assert [(each.status, each.json["scimType"]) for each in answers] == [
        (400, "invalidFilter"),
        (400, "invalidFilter"),
        (400, "invalidPath"),
    ]
    assert "nickName is kept elsewhere" in answers[0].json["detail"]


def test_what_both_write_is_shown_as_the_project_has_it(client: SCIMTestClient) -> None:
    ann = client.create_user("ann", **ANN)
    Person.objects.update(phone="12", kind="E")
    path = f"/Users/{ann['id']}"

    read = client.get(path).json
    patched = client.patch(path, replace("title", "CEO")).json
    user = host_user(ann)

    assert (ann["userType"], read["userType"]) == ("Contractor", "Employee")
    assert {"type": "work", "value": "12"} in read["phoneNumbers"]
    assert (patched["userType"], user.kind, user.phone) == ("Employee", "E", "12")
    assert WORK not in patched["phoneNumbers"]
    assert client.find('userType eq "employee"').json["totalResults"] == 1


def test_change_of_nothing_keeps_the_version(client: SCIMTestClient) -> None:
    ann = client.create_user("ann", **ANN)
    Person.objects.update(kind="E", building="West")

    same = client.patch(f"/Users/{ann['id']}", replace("userType", "Employee")).json

    assert same["meta"]["version"] == ann["meta"]["version"]


def test_no_connection_is_shown_what_another_one_wrote(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    title, building = (Mapped(name, read=True, write=False) for name in ("job_title", "building"))
    kind = Mapped("kind", choices=KINDS, read=True)
    maps = {"other": {"displayName": title, "nickName": building, "userType": kind}}
    scim_settings(LINK_EXISTING_USERS=True, CONNECTION_ATTRIBUTE_MAPS=maps)
    client.create_user("ann", **ANN)
    Person.objects.update(building="West")

    linked = post(connect("other"), "ann", displayName="Ann", userType="Employee")

    assert (linked.status, Person.objects.count()) == (201, 1)
    assert "displayName" not in linked.json
    assert (linked.json["nickName"], linked.json["userType"]) == ("West", "Employee")


def test_pages_take_one_statement_more(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    for name in ("ann", "bob", "cid"):
        client.create_user(name)
    Person.objects.update(building="West")

    def page() -> tuple[int, list[Any]]:
        with CaptureQueriesContext(connection) as context:
            answer = client.get("/Users")
        return len(context), answer.json["Resources"]

    page()
    many, shown = page()
    scim_settings(ATTRIBUTE_MAP={})
    page()
    few, plain = page()

    assert many - few == 1
    assert [each["nickName"] for each in shown] == ["West"] * 3
    assert not any("nickName" in each for each in plain)


def test_the_orm_alone_shows_the_same(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    owned = Mapped("profile.department", read=True)
    maps = {
        **ATTRIBUTE_MAP,
        f"{ENTERPRISE}:department": owned,
        "title": Mapped("job_title", read=True),
    }
    scim_settings(LINK_EXISTING_USERS=True, CONNECTION_ATTRIBUTE_MAPS={"other": maps})
    client.create_user("ann", **ANN)
    other = connect("other")
    for name in ("ann", "bob"):
        assert post(other, name, title="Chief", **{ENTERPRISE: {"department": "IT"}}).status == 201
    assert post(other, "cid").status == 201
    Person.objects.update(building="West", kind="E", job_title="Boss")
    Profile._default_manager.update(department="Sales")
    expected = other.get("/Users").json

    with by_orm():
        assert other.get("/Users").json == expected

    departments = [each.get(ENTERPRISE, {}).get("department") for each in expected["Resources"]]
    assert "Sales" in departments


def test_resources_that_are_too_long_for_a_page_show_it_as_well(client: SCIMTestClient) -> None:
    client.create_user("ann", displayName="x" * 9000)
    client.create_user("bob")
    Person.objects.update(building="West")

    found = client.get("/Users").json["Resources"]

    assert [each["nickName"] for each in found] == ["West"] * 2


def test_drift_knows_what_is_mapped(client: SCIMTestClient) -> None:
    ann = client.create_user("ann", **ANN)
    assert told() == []
    Person.objects.update(job_title="own", phone="12", building="West")
    Profile._default_manager.update(department="HR")

    assert told() == ["user job_title", "user profile.department"]
    assert repair().repaired == 1
    user = host_user(ann)
    assert (user.job_title, user.profile.department, user.phone) == ("Chief", "IT", "12")
    Profile._default_manager.all().delete()
    assert told() == ["user profile.department", "user profile.desk"]
    repair()
    assert (told(), host_user(ann).profile.desk) == ([], "A1")


class OfTheConnection(DefaultAdapter):
    """Has another map for one connection, which it asks the database for."""

    def attribute_map(self) -> Any:
        if self.context.connection.name != "Other":
            return {}
        return {"title": "building", "locale": Mapped("job_title", write=False, read=True)}


class Privileged(DefaultAdapter):
    """Would let a directory make superusers."""

    def attribute_map(self) -> Any:
        return {"userType": "is_superuser"}


def test_user_who_is_linked_is_described_by_the_database_of_the_accounts(
    client: SCIMTestClient, settings: Any, scim_settings: Callable[..., None]
) -> None:
    department = f"{ENTERPRISE}:department"
    scim_settings(ATTRIBUTE_MAP={department: Mapped("profile.department", read=True)})
    Profile._default_manager.create(
        person=Person.objects.create(username="ann"), department="Sales"
    )
    Person.objects.create(username="bob")
    mine, people = ProviderConnection.objects.get(), Person.objects.using("default")
    settings.DATABASE_ROUTERS = ["tests.security.test_replicas.ReplicaRouter"]

    done = adopt_users(mine, people, USER, commit=True, trust_unverified=True)

    accounts = LinkedAccount.objects.using("default").order_by("user_name")
    texts = [account.resource for account in accounts]
    assert (done.linked, done.refused) == (2, {})
    assert ["Sales" in text for text in texts] == [True, False]


def test_maker_who_comes_back_is_not_shown_what_the_heir_wrote(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    ann, other = client.create_user("ann"), connect("other")
    heir = post(other, "ann").json
    client.request("DELETE", f"/Users/{ann['id']}")
    other.patch(f"/Users/{heir['id']}", replace("userType", "Contractor"))
    back = post(client, "ann").json

    assert Person.objects.get().kind == "C"
    assert "userType" not in back
    assert "userType" not in client.get(f"/Users/{back['id']}").json
    other.request("DELETE", f"/Users/{heir['id']}")
    assert "userType" not in client.get(f"/Users/{back['id']}").json


def test_adapter_has_a_map_for_each_connection(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(ATTRIBUTE_MAP={}, ADAPTER="tests.projects.mapped.showing.OfTheConnection")
    other = connect("other")
    ProviderConnection.objects.filter(provider_id="other").update(name="Other")

    ann, bob = client.create_user("ann", title="A"), other.create_user("bob", title="B", locale="x")
    Person.objects.filter(username="bob").update(job_title="own")

    assert [host_user(each).building for each in (ann, bob)] == ["", "B"]
    assert "locale" not in bob
    assert other.get(f"/Users/{bob['id']}").json["locale"] == "own"


def test_map_of_an_adapter_is_held_to_the_same_fields(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(ATTRIBUTE_MAP={}, ADAPTER="tests.projects.mapped.showing.Privileged")

    assert post(client, "ann", userType="true").status == 500
    assert not Person.objects.exists()
