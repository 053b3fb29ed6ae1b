"""The client: what it sends for one, and how its answers read."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import include, path

from django_scim_provider.testing.scim_client import SCIMTestClient as OfTheKit
from tests.extensions import BADGE_URN
from tests.factories import make_token
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


@pytest.mark.scim_connection(profile="strict")
def test_schemas_are_filled_in_where_they_are_left_out(
    scim_client: SCIMTestClient, scim_settings: Any
) -> None:
    scim_settings(EXTENSIONS={"User": ["tests.extensions.BADGE"]})

    made = scim_client.post("/Users", {"userName": "ann@x.example", BADGE_URN: {"level": 3}})
    as_it_is = scim_client.request("POST", "/Users", {"userName": "bob@x.example"})

    assert BADGE_URN in made["schemas"]
    assert (as_it_is.status, as_it_is.scim_type) == (400, "invalidSyntax")


def test_every_verb(scim_client: SCIMTestClient) -> None:
    ann = scim_client.create_user("ann@x.example")
    team = scim_client.create_group("Team", ann, externalId="t1")
    at = f"/Users/{ann['id']}"

    put = scim_client.put(at, {"userName": "ann@x.example", "title": "Nurse"})
    replaced = scim_client.replace(at, title="Doctor")
    stale = scim_client.put(at, {"userName": "ann@x.example"}, {"If-Match": put.headers["ETag"]})
    found = scim_client.find('title eq "doctor"')
    deleted = scim_client.delete(at)

    assert [put.status, replaced["title"], stale.status, deleted.status] == [
        *(200, "Doctor"),
        *(412, 204),
    ]
    assert ([one["id"] for one in found.resources], found.total) == ([ann["id"]], 1)
    assert [member["value"] for member in team["members"]] == [ann["id"]]


def test_bulk_returns_what_became_of_each(scim_client: SCIMTestClient) -> None:
    ann = scim_client.create_user("ann@x.example")

    done = scim_client.bulk(
        {"method": "DELETE", "path": f"/Users/{ann['id']}"},
        {"method": "DELETE", "path": f"/Users/{ann['id']}"},
    )

    assert [one["status"] for one in done] == ["204", "404"]
    with pytest.raises(AssertionError, match="refused: <400 invalidValue"):
        scim_client.bulk({"method": "DELETE", "path": "/Users/1"}, fail_on_errors=-1)


def test_answers_read_well(scim_client: SCIMTestClient) -> None:
    scim_client.create_user("ann@x.example")

    taken = scim_client.post("/Users", {"userName": "ann@x.example"})

    assert repr(taken) == f"<409 uniqueness: {taken.detail}>"
    with pytest.raises(KeyError, match="'id' is not in <409 uniqueness: "):
        _ = taken.id
    with pytest.raises(AssertionError, match="not answered by 201: <409 uniqueness"):
        scim_client.create_user("ann@x.example")
    assert (scim_client.get("/Users").scim_type, taken.resources) == ("", [])


def test_root_is_where_the_project_has_it(settings: Any) -> None:
    client = OfTheKit(make_token())

    settings.ROOT_URLCONF = (path("people/", include("django_scim_provider.urls")),)
    elsewhere = client.get("/Users"), SCIMTestClient(client.token).get("/Users")
    settings.ROOT_URLCONF = "tests.overview.urls_without_scim"
    with pytest.raises(ImproperlyConfigured, match=r"include django_scim_provider\.urls"):
        client.get("/Users")

    assert [answer.status for answer in elsewhere] == [200, 404]


def test_root_is_ours_where_another_package_has_the_name_too(
    scim_client: SCIMTestClient, settings: Any
) -> None:
    settings.ROOT_URLCONF = "tests.selfcheck.urls_beside"

    assert OfTheKit(scim_client.token).get("/Users").status == 200
