"""Unique names of groups, for authentik and whoever switches them on.

The requests are those of ``SCIMGroupClient`` in goauthentik/authentik, providers/scim/clients.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from django_scim_provider.models import ProviderConnection, ProvisionedGroup
from tests.factories import make_token
from tests.parallel import in_parallel
from tests.people import connect
from tests.scim_client import GROUP, Answer, SCIMTestClient
from tests.test_bulk import bulk
from tests.test_nesting_at_once import isolate

THREADS = 8


def create(client: SCIMTestClient, name: str, **more: Any) -> Answer:
    body = {"schemas": [GROUP], "displayName": name, **more}
    return client.request("POST", "/Groups", body)


def rename(client: SCIMTestClient, answer: Answer, name: str) -> Answer:
    """PATCH as authentik's ``_update_patch_general`` does: the whole group, without a path."""
    id = answer.json["id"]
    value = {"schemas": [GROUP], "id": id, "externalId": f"pk-{id}", "displayName": name}
    return client.patch(f"/Groups/{id}", {"op": "replace", "value": value})


@pytest.mark.django_db
def test_authentik_finds_the_group_that_it_had_made_after_the_conflict() -> None:
    client = connect(profile="authentik")
    made = create(client, "Engineering", externalId="1")

    again = create(client, "ENGINEERING", externalId="2")
    found = client.find('displayName eq "Engineering"', "Groups").json["Resources"]

    assert (again.status, again.json["scimType"]) == (409, "uniqueness")
    assert [group["id"] for group in found] == [made.json["id"]]
    assert ProvisionedGroup.objects.count() == 1


@pytest.mark.django_db
def test_name_of_another_connection_is_free() -> None:
    create(connect("other", profile="authentik"), "Engineering")

    assert create(connect(profile="authentik"), "Engineering").status == 201


@pytest.mark.django_db
@pytest.mark.parametrize("profile", ["generic", "strict", "entra", "okta", "ping", "google"])
def test_names_may_repeat_in_other_profiles(profile: str) -> None:
    client = connect(profile=profile)

    assert [create(client, "Engineering").status for _ in range(2)] == [201, 201]


@pytest.mark.django_db
def test_group_is_not_renamed_to_the_name_of_another() -> None:
    client = connect(profile="authentik")
    engineering, sales = create(client, "Engineering"), create(client, "Sales")

    refused = rename(client, sales, "engineering")
    own = rename(client, engineering, "ENGINEERING")

    assert (refused.status, refused.json["scimType"]) == (409, "uniqueness")
    assert own.status == 204
    assert client.get(f"/Groups/{sales.json['id']}").json["displayName"] == "Sales"


@pytest.mark.django_db
def test_bulk_request_makes_one_group_of_a_name() -> None:
    client = connect(profile="authentik")
    operations = [
        {
            "method": "POST",
            "path": "/Groups",
            "bulkId": f"b{number}",
            "data": {"schemas": [GROUP], "displayName": "Engineering"},
        }
        for number in range(2)
    ]

    answer = bulk(client, *operations)

    assert [each["status"] for each in answer.json["Operations"]] == ["201", "409"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
def test_one_of_equal_groups_that_are_made_at_once_succeeds(level: str) -> None:
    token = make_token(provider_id="acme")
    ProviderConnection.objects.update(profile="authentik")

    def make(number: int) -> int:
        isolate(level)
        name = "Engineering" if number % 2 else "ENGINEERING"
        return create(SCIMTestClient(token), name).status

    statuses = Counter(in_parallel(THREADS, make))

    assert statuses == {201: 1, 409: THREADS - 1}
    assert ProvisionedGroup.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_of_renames_to_one_name_succeeds() -> None:
    token = make_token(provider_id="acme")
    ProviderConnection.objects.update(profile="authentik")
    client = SCIMTestClient(token)
    groups = [create(client, f"Group {number}") for number in range(THREADS)]

    def change(number: int) -> int:
        return rename(SCIMTestClient(token), groups[number], "Engineering").status

    statuses = Counter(in_parallel(THREADS, change))

    assert statuses == {204: 1, 409: THREADS - 1}
    assert ProvisionedGroup.objects.filter(display_name="Engineering").count() == 1
