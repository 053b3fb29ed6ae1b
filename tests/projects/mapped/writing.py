"""What attributes become in the project's fields; run by ``tests.projects``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext

from django_scim_provider.attribute_map import Mapped
from tests.people import connect, host_user, post
from tests.projects.mapped.models import Person, Profile
from tests.projects.mapped.settings import ENTERPRISE, KINDS
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)
WORK = {"type": "work", "value": "+49 30"}
ANN = {
    "title": "Chief",
    "userType": "contractor",
    "phoneNumbers": [{"type": "home", "value": "7"}, WORK],
    "ims": [{"value": "ann", "type": "xmpp"}],
    ENTERPRISE: {"employeeNumber": "7", "department": "IT", "costCenter": "a1"},
}


@pytest.fixture
def client() -> SCIMTestClient:
    return connect()


def replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def count(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as context:
        assert work().status in (200, 201)
    return len(context)


def test_settings_have_no_faults() -> None:
    call_command("check", fail_level="WARNING")


def test_new_person_has_all_of_it(client: SCIMTestClient) -> None:
    user = host_user(client.create_user("ann", **ANN))

    assert (user.job_title, user.kind, user.phone, user.badge) == ("Chief", "C", "+49 30", "7")
    assert user.numbers == ANN["ims"]
    assert (user.profile.department, user.profile.desk) == ("IT", "A1")


def test_changes_follow_and_what_is_taken_away_goes(client: SCIMTestClient) -> None:
    ann = client.create_user("ann", **ANN)
    path = f"/Users/{ann['id']}"

    moved = client.patch(path, replace("title", "CEO"), replace(f"{ENTERPRISE}:department", "HR"))
    changed = host_user(ann)
    department = changed.profile.department
    gone = client.request(
        "PUT", path, {"schemas": [CORE], "userName": "ann", "userType": "Employee"}
    )
    user = host_user(ann)

    assert (moved.status, changed.job_title, department) == (200, "CEO", "HR")
    assert gone.status == 200
    assert (user.job_title, user.kind, user.numbers, user.badge) == ("", "E", [], None)
    assert (user.profile.department, user.profile.desk) == ("", None)


def test_what_no_directory_ever_said_stays_the_project_s(client: SCIMTestClient) -> None:
    ann = client.create_user("ann")
    Person.objects.update(job_title="own")

    client.patch(f"/Users/{ann['id']}", replace("displayName", "Ann"))

    assert host_user(ann).job_title == "own"
    assert not Profile._default_manager.exists()


@pytest.mark.parametrize(
    ("attributes", "detail"),
    [
        ({"title": "x" * 11}, "title is longer than 10 characters: it has 11."),
        ({"userType": "Guest"}, "userType: 'Guest' is none of Employee, Contractor."),
        (
            {"phoneNumbers": [{"type": "Work", "value": "no"}]},
            'phoneNumbers[type eq "work"].value: Enter a valid value.',
        ),
        (
            {ENTERPRISE: {"department": "x" * 21}},
            f"{ENTERPRISE}:department is longer than 20 characters: it has 21.",
        ),
    ],
)
def test_value_that_does_not_fit_names_its_attribute(
    client: SCIMTestClient, attributes: Any, detail: str
) -> None:
    answer = post(client, "ann", **attributes)

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
    assert answer.json["detail"] == detail
    assert not Person.objects.exists()


def test_log_in_closes_though_a_value_fits_no_more(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    ann = client.create_user("ann", displayName="much longer than ten")
    scim_settings(ATTRIBUTE_MAP={"displayName": "job_title"})

    answer = client.patch(f"/Users/{ann['id']}", replace("active", False))

    assert (answer.status, host_user(ann).is_active) == (200, False)


@pytest.mark.parametrize(
    ("name", "value"), [("employeeNumber", "7"), ("costCenter", "a1")], ids=["user", "beside"]
)
def test_value_that_is_taken_is_409(client: SCIMTestClient, name: str, value: str) -> None:
    client.create_user("ann", **ANN)

    new = post(client, "bob", **{ENTERPRISE: {name: value}})
    bob = client.create_user("bob")
    moved = client.patch(f"/Users/{bob['id']}", replace(f"{ENTERPRISE}:{name}", value))

    for answer in (new, moved):
        assert (answer.status, answer.json["scimType"]) == (409, "uniqueness")
        assert answer.json["detail"] == f"{ENTERPRISE}:{name} is already in use."


def test_fields_of_users_cost_no_statement_and_rows_beside_them_two(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    bare, mapped, whole = (
        _costs(client, scim_settings, entries, name)
        for name, entries in (
            ("bare", {}),
            ("mapped", {"title": "job_title", "userType": Mapped("kind", choices=KINDS)}),
            ("whole", {f"{ENTERPRISE}:department": "profile.department"}),
        )
    )

    assert mapped == bare
    assert [more - less for more, less in zip(whole, bare, strict=True)] == [1, 2]


def _costs(
    client: SCIMTestClient, scim_settings: Callable[..., None], entries: Any, name: str
) -> tuple[int, int]:
    scim_settings(ATTRIBUTE_MAP={})
    client.create_user(f"{name}-before")  # what is kept in the process is made
    scim_settings(ATTRIBUTE_MAP=entries)
    made: list[Any] = []

    def create() -> Any:
        made.append(post(client, name, **{**ANN, ENTERPRISE: {"department": "IT"}}))
        return made[0]

    created = count(create)
    # The name has the row of the user saved in any case.
    named = replace("name", {"givenName": "Ann"})
    operations = (named, replace("title", "T"), replace(f"{ENTERPRISE}:department", "HR"))
    path = f"/Users/{made[0].json['id']}"
    return created, count(lambda: client.patch(path, *operations))


def test_row_that_a_receiver_made_is_written(client: SCIMTestClient) -> None:
    def make(instance: Person, created: bool, **_: Any) -> None:
        if created:
            Profile._default_manager.create(person=instance, department="Lobby")

    post_save.connect(make, sender=Person)
    try:
        ann = client.create_user("ann", **ANN)
    finally:
        post_save.disconnect(make, sender=Person)

    assert host_user(ann).profile.department == "IT"


def test_people_of_a_bulk_request_get_their_rows_together(client: SCIMTestClient) -> None:
    def bulk(*names: str) -> int:
        operations = [
            {
                "method": "POST",
                "path": "/Users",
                "bulkId": name,
                "data": {
                    "schemas": [CORE],
                    "userName": name,
                    ENTERPRISE: {"department": name, "costCenter": name},
                },
            }
            for name in names
        ]
        urn = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
        body = {"schemas": [urn], "Operations": operations}
        with CaptureQueriesContext(connection) as context:
            answer = client.request("POST", "/Bulk", body)
        assert {each["status"] for each in answer.json["Operations"]} == {"201"}
        return sum(Profile._meta.db_table in query["sql"] for query in context)

    bulk("zoe")

    assert bulk("ann", "bob", "cid", "dan") == 1
    assert sorted(Profile._default_manager.values_list("department", "desk")) == [
        (name, name.upper()) for name in ("ann", "bob", "cid", "dan", "zoe")
    ]
