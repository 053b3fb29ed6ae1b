"""Failures end when the same person succeeds, at no cost where there are none."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import Failure
from django_scim_provider.storage.failures.recording import end_failures
from django_scim_provider.storage.failures.subjects import Subject
from tests.failures.test_recording import only, post
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)


def test_success_of_the_same_name_ends_it(scim_client: SCIMTestClient) -> None:
    post(scim_client, "ann@x.example", active="perhaps")

    assert post(scim_client, "ANN@x.example").status == 201

    assert only().state == "done"
    assert only().ended_at is not None
    assert only().identity == ""


def test_success_of_somebody_else_does_not(scim_client: SCIMTestClient) -> None:
    post(scim_client, "ann@x.example", active="perhaps")

    post(scim_client, "eve@x.example")

    assert only().state == "open"


def test_person_is_known_by_the_external_id_as_well(scim_client: SCIMTestClient) -> None:
    post(scim_client, "u" * 300, externalId="00u1")

    post(scim_client, "ann@x.example", externalId="00u1")

    assert only().state == "done"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_change_of_the_person_ends_what_was_refused_as_a_create(
    scim_client: SCIMTestClient, method: str
) -> None:
    ann = scim_client.create_user("ann@x.example")
    post(scim_client, "ann@x.example")
    assert only().state == "open"

    if method == "PUT":
        scim_client.request("PUT", f"/Users/{ann['id']}", {"userName": "ann@x.example"})
    else:
        replaced = {"op": "replace", "path": "title", "value": "T"}
        assert scim_client.patch(f"/Users/{ann['id']}", replaced).status == 200

    assert only().state == "done"


def test_change_that_was_refused_ends_with_one_that_is_not(scim_client: SCIMTestClient) -> None:
    ann = scim_client.create_user("ann@x.example")
    path = f"/Users/{ann['id']}"
    scim_client.patch(path, {"op": "replace", "path": "active", "value": "perhaps"})
    assert only().state == "open"

    scim_client.patch(path, {"op": "replace", "path": "active", "value": True})

    assert only().state == "done"


def test_who_fails_again_begins_anew(scim_client: SCIMTestClient) -> None:
    for active in ("perhaps", "perhaps", True):
        post(scim_client, "ann@x.example", active=active)
    first = only()
    ann = scim_client.find('userName eq "ann@x.example"').json["Resources"][0]
    scim_client.request("DELETE", f"/Users/{ann['id']}")

    post(scim_client, "ann@x.example", active="perhaps")

    again = only()
    assert (again.pk, again.state, again.count, again.ended_at) == (first.pk, "open", 1, None)
    assert again.first_at > first.first_at


def test_ignored_one_stays_so(scim_client: SCIMTestClient) -> None:
    post(scim_client, "ann@x.example", active="perhaps")
    Failure.objects.update(state="ignored")

    post(scim_client, "ann@x.example", active="perhaps")
    assert (only().state, only().count) == ("ignored", 2)

    post(scim_client, "ann@x.example")
    assert (only().state, only().identity) == ("ignored", "")


def test_digests_of_an_earlier_secret_key_are_found(
    scim_client: SCIMTestClient, settings: Any
) -> None:
    post(scim_client, "ann@x.example", active="perhaps")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, which is as long as keys are supposed to be"

    post(scim_client, "ann@x.example")

    assert only().state == "done"


def test_success_costs_nothing_where_nothing_is_open(scim_client: SCIMTestClient) -> None:
    post(scim_client, "ann@x.example", active="perhaps")
    post(scim_client, "ann@x.example")
    assert only().state == "done"

    with CaptureQueriesContext(connection) as context:
        post(scim_client, "eve@x.example")

    about = [each["sql"] for each in context if "scim_provider_failure" in each["sql"]]
    assert len(about) == 1, about
    assert "EXISTS" in about[0]


def bulk(client: SCIMTestClient, *people: dict[str, Any]) -> None:
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": str(n), "data": {"schemas": [CORE], **data}}
        for n, data in enumerate(people)
    ]
    urn = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
    client.request("POST", "/Bulk", {"schemas": [urn], "Operations": operations})


def test_success_in_a_bulk_request_ends_it(scim_client: SCIMTestClient) -> None:
    post(scim_client, "ann@x.example", active="perhaps")

    bulk(scim_client, {"userName": "ann@x.example"})

    assert only().state == "done"


def test_of_a_bulk_request_the_last_operation_counts(scim_client: SCIMTestClient) -> None:
    good, bad = {"userName": "ann@x.example"}, {"userName": "ann@x.example", "active": "perhaps"}

    bulk(scim_client, bad, good)
    assert not Failure.objects.exists()

    bulk(scim_client, bad)
    assert only().state == "open"


def test_deletion_ends_what_was_refused(scim_client: SCIMTestClient) -> None:
    ann = scim_client.create_user("ann@x.example")
    user = get_user_model().objects.get(username="ann@x.example")
    get_user_model().objects.filter(pk=user.pk).update(is_staff=True)
    assert scim_client.request("DELETE", f"/Users/{ann['id']}").status == 403
    assert only().resource_id == ann["id"]

    get_user_model().objects.filter(pk=user.pk).update(is_staff=False)
    assert scim_client.request("DELETE", f"/Users/{ann['id']}").status == 204

    assert only().state == "done"


def test_any_number_of_people_is_asked_for_in_parts(scim_client: SCIMTestClient) -> None:
    scim_client.request("POST", "/Users", {"schemas": [CORE], "userName": "x" * 300})
    people = [Subject("User", "", f"p{n}", f"e{n}") for n in range(1200)]

    with CaptureQueriesContext(connection) as sent:
        ended = end_failures("default", "acme", [*people, Subject("User", "", "x" * 300)])

    assert ended == 1
    # SQL Server takes 2,100 parameters.
    assert max(each["sql"].count("'") // 2 for each in sent.captured_queries) < 2100
