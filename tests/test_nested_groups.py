"""Groups within groups: what a change costs however deep they are, and that no circle comes in."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from django_scim_provider.core.schemas import GROUP as GROUP_TYPE
from django_scim_provider.core.stored_text import stored_texts
from django_scim_provider.models import GroupMember, ProvisionedGroup, RoleMapping
from django_scim_provider.storage.timestamps import now_after
from tests.people import post
from tests.scim_client import Answer, SCIMTestClient
from tests.test_bulk import bulk, create_group, statuses

pytestmark = pytest.mark.django_db


def chain(length: int, name: str = "n") -> list[dict[str, Any]]:
    """Return operations that create groups, each of which holds the one before."""
    rest = [create_group(f"{name}{n}", f"{n}", f"bulkId:{name}{n - 1}") for n in range(1, length)]
    return [create_group(f"{name}0", "lowest"), *rest]


def made(client: SCIMTestClient, length: int) -> list[str]:
    """Make a chain and return the ids, the lowest first."""
    answer = bulk(client, *chain(length))
    assert set(statuses(answer)) == {"201"}
    return [result["location"].rpartition("/")[2] for result in answer.json["Operations"]]


def add(client: SCIMTestClient, group: str, *members: str) -> Answer:
    value = [{"value": member} for member in members]
    return client.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": value})


def statements_of_chain(client: SCIMTestClient, length: int) -> int:
    with CaptureQueriesContext(database) as captured:
        made(client, length)
    return len(captured)


def test_nesting_by_one_bulk_takes_the_same_for_each_group(scim_client: SCIMTestClient) -> None:
    made(scim_client, 1)  # the token's first use is noted
    few, more, most = (statements_of_chain(scim_client, length) for length in (5, 25, 45))

    assert most - more == more - few


@pytest.mark.parametrize("upwards", [True, False])
def test_nesting_by_patch_takes_the_same_at_any_depth(
    scim_client: SCIMTestClient, upwards: bool
) -> None:
    counts = set()
    for length in (3, 30):
        groups = made(scim_client, length)
        (other,) = made(scim_client, 1)
        pair = (other, groups[-1]) if upwards else (groups[0], other)
        with CaptureQueriesContext(database) as captured:
            assert add(scim_client, *pair).status == 204
        counts.add(len(captured))

    assert len(counts) == 1


@pytest.mark.parametrize("length", [1, 2, 30])
def test_group_that_would_hold_itself_is_refused(scim_client: SCIMTestClient, length: int) -> None:
    groups = made(scim_client, length)
    ann = post(scim_client, "ann").json["id"]

    answer = add(scim_client, groups[0], ann, groups[-1])

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
    assert GroupMember.objects.count() == length - 1


def test_circle_of_more_levels_than_databases_go_is_refused(
    scim_client: SCIMTestClient,
) -> None:
    # MariaDB ends a recursion after 1,000 levels, and says so in a warning only.
    groups = ProvisionedGroup.objects.bulk_create(
        [ProvisionedGroup(**row(n), **{"provider_id": "acme"}) for n in range(1102)]
    )
    GroupMember.objects.bulk_create(
        [GroupMember(group=one, child=next_) for one, next_ in pairwise(groups)]
    )

    answer = add(scim_client, str(groups[-1].pk), str(groups[0].pk))

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")


def row(number: int) -> dict[str, Any]:
    name, now = str(number), now_after()
    resource = {"schemas": [GROUP_TYPE.schema.id], "displayName": name}
    texts = stored_texts(resource, GROUP_TYPE, id=name, version=1, created=now, last_modified=now)
    return {
        "display_name": name,
        "display_name_key": name,
        "created_at": now,
        "last_modified": now,
        "resource": texts["resource"],
    }


def test_roles_take_the_same_at_any_depth_and_number_of_mappings(
    scim_client: SCIMTestClient,
) -> None:
    idle = post(scim_client, "ann", active=False).json
    counts = []
    for length, mappings in ((2, 1), (20, 1), (20, 9)):
        groups = made(scim_client, length)
        RoleMapping.objects.all().delete()
        for number in range(mappings):
            role = Group.objects.create(name=f"{length}-{mappings}-{number}")
            RoleMapping.objects.create(
                **{"provider_id": "acme"}, match_by="id", value=groups[-1], django_group=role
            )
        with CaptureQueriesContext(database) as captured:
            # Nobody gets or loses a role: what is given takes statements of its own.
            assert add(scim_client, groups[0], idle["id"]).status == 204
        counts.append(len(captured))

    assert len(set(counts)) == 1
