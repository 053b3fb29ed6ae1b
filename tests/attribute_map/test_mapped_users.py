"""What a map writes into users, and what it shows of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.attribute_map import Mapped
from tests.people import host_user, post
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db
Map = Callable[..., None]


@pytest.fixture
def mapped(scim_settings: Callable[..., None]) -> Map:
    def change(**entries: Any) -> None:
        scim_settings(ATTRIBUTE_MAP=entries)

    return change


def patch(client: SCIMTestClient, person: dict[str, Any], *operations: Any) -> Any:
    return client.patch(f"/Users/{person['id']}", *operations)


def test_attribute_is_written_over_what_the_app_writes(
    scim_client: SCIMTestClient, mapped: Map
) -> None:
    mapped(title="last_name")
    ann = post(scim_client, "ann", title="Dr.", name={"familyName": "Lee"}).json
    bob = post(scim_client, "bob", name={"familyName": "Lee"}).json

    assert (host_user(ann).last_name, host_user(bob).last_name) == ("Dr.", "Lee")
    patch(scim_client, ann, {"op": "replace", "path": "title", "value": "Prof."})
    assert host_user(ann).last_name == "Prof."
    patch(scim_client, ann, {"op": "remove", "path": "title"})
    assert host_user(ann).last_name == ""


def test_value_that_does_not_fit_is_refused_by_its_name(
    scim_client: SCIMTestClient, mapped: Map
) -> None:
    mapped(title="last_name")
    ann = post(scim_client, "ann", title="Dr.").json

    new = post(scim_client, "bob", title="x" * 151)
    changed = patch(scim_client, ann, {"op": "replace", "path": "title", "value": "x" * 151})

    for refused in (new, changed):
        assert (refused.status, refused.json["scimType"]) == (400, "invalidValue")
        assert "title" in refused.json["detail"]
    assert host_user(ann).last_name == "Dr."


def test_value_from_before_the_map_hinders_no_other_change(
    scim_client: SCIMTestClient, mapped: Map
) -> None:
    ann = post(scim_client, "ann", title="x" * 151).json
    mapped(title="last_name")

    answer = patch(scim_client, ann, {"op": "replace", "path": "nickName", "value": "Ann"})

    assert answer.status == 200
    assert len(scim_client.get(f"/Users/{ann['id']}").json["title"]) == 151


def test_what_the_project_owns_is_shown_and_not_written(
    scim_client: SCIMTestClient, mapped: Map
) -> None:
    mapped(userType=Mapped("last_name", write=False, read=True))
    ann = post(scim_client, "ann", userType="Boss", name={"familyName": "Lee"}).json

    users = get_user_model()._default_manager
    assert (ann["userType"], host_user(ann).last_name) == ("Lee", "Lee")
    users.filter(pk=host_user(ann).pk).update(last_name="Staff")
    assert scim_client.get(f"/Users/{ann['id']}").json["userType"] == "Staff"
    (listed,) = scim_client.get("/Users").json["Resources"]
    assert listed["userType"] == "Staff"
    users.filter(pk=host_user(ann).pk).update(last_name="")
    assert "userType" not in scim_client.get(f"/Users/{ann['id']}").json


def test_choices_are_translated_both_ways(scim_client: SCIMTestClient, mapped: Map) -> None:
    mapped(title=Mapped("last_name", read=True, choices={"Doctor": "dr", "Professor": "prof"}))
    ann = post(scim_client, "ann", title="Doctor").json

    assert host_user(ann).last_name == "dr"
    get_user_model()._default_manager.filter(pk=host_user(ann).pk).update(last_name="prof")
    assert scim_client.get(f"/Users/{ann['id']}").json["title"] == "Professor"
    assert post(scim_client, "bob", title="Knight").status == 400
