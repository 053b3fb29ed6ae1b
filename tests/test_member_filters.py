"""Members removed by filters: who goes, and that it costs no more than one look at the group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import GroupMember, RoleMapping
from tests.costs import steps
from tests.factories import make_token
from tests.people import post
from tests.scim_client import SCIMTestClient
from tests.test_large_groups import make_accounts, make_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> SCIMTestClient:
    return SCIMTestClient(make_token(provider_id="acme"))


def by(*terms: str) -> list[dict[str, Any]]:
    return [{"op": "remove", "path": f"members[{term}]"} for term in terms]


def left(group: str) -> list[str]:
    rows = GroupMember.objects.filter(group__scim_id=group).order_by("pk")
    return [row.account.user_name if row.account else row.child.display_name for row in rows]  # type: ignore[union-attr]  # one is set


@pytest.fixture
def group(client: SCIMTestClient) -> str:
    """Return a group of ann, bob, cid and a group of the name eve."""
    ids = [post(client, name, displayName=name).json["id"] for name in ("ann", "bob", "cid")]
    return make_group(client, "team", [*ids, make_group(client, "Eve", [])])


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (['display eq "ANN"'], "bob cid Eve"),
        (['display eq "ann"', 'display eq "eve"'], "bob cid"),
        (['display eq "ann" or display eq "eve"', 'display sw "c"'], "bob"),
        (['type eq "User"'], "Eve"),
        (['not (type eq "User")'], "ann bob cid"),
        (['display eq "ann" and type eq "Group"'], "ann bob cid Eve"),
        (['$ref co "/Groups/"'], "ann bob cid"),
        (["display pr"], ""),
        (['display eq "nobody"'], "ann bob cid Eve"),
    ],
)
def test_filter_removes_whom_it_matches(
    client: SCIMTestClient, group: str, terms: list[str], expected: str
) -> None:
    assert client.patch(f"/Groups/{group}", *by(*terms)).status == 204
    assert " ".join(left(group)) == expected


def test_who_is_added_before_a_filter_goes_and_after_it_stays(
    client: SCIMTestClient, group: str
) -> None:
    ids = [post(client, name, displayName=name).json["id"] for name in ("dan", "dora")]
    before, after = ({"op": "add", "path": "members", "value": [{"value": id}]} for id in ids)

    client.patch(f"/Groups/{group}", before, *by('display sw "d"', 'display eq "ann"'), after)

    assert left(group) == ["bob", "cid", "Eve", "dora"]


def test_filter_that_matches_nobody_leaves_the_version(client: SCIMTestClient, group: str) -> None:
    before = client.get(f"/Groups/{group}").json["meta"]

    client.patch(f"/Groups/{group}", *by('display eq "nobody"', 'type eq "Robot"'))

    assert client.get(f"/Groups/{group}").json["meta"] == before


def test_too_many_looks_at_members_are_refused(
    client: SCIMTestClient, group: str, scim_settings: Callable[..., None]
) -> None:
    scim_settings(MAX_PATCH_STEPS=7)

    one = client.patch(f"/Groups/{group}", *by('display co "x"'))
    by_filter = client.patch(f"/Groups/{group}", *by('display co "x"', 'display co "y"'))

    assert one.status == 204
    assert (by_filter.status, by_filter.json["scimType"]) == (400, "tooMany")
    assert "MAX_PATCH_STEPS" in by_filter.json["detail"]
    assert len(left(group)) == 4


def test_names_cost_what_they_remove_whatever_the_size(client: SCIMTestClient) -> None:
    ids = make_accounts("acme", 1200)
    counts, statements = [], set()
    for size in (200, 1200):
        group = make_group(client, "team", ids[:size])
        terms = [f'display eq "user{n}"' for n in range(100)]
        with CaptureQueriesContext(database) as captured:
            counts.append(steps(lambda g=group, t=terms: client.patch(f"/Groups/{g}", *by(*t))))  # type: ignore[misc]
        statements.add(len(captured))
        assert len(left(group)) == size - 100

    assert counts[1] < counts[0] * 1.2
    assert len(statements) == 1


def test_single_operations_on_many_members_take_the_statements_of_one(
    client: SCIMTestClient,
) -> None:
    ids = make_accounts("acme", 300)
    group = make_group(client, "team", ids)
    taken = []
    for part in (ids[:1], ids[1:]):
        operations = by(*(f'value eq "{id}"' for id in part))
        with CaptureQueriesContext(database) as captured:
            assert client.patch(f"/Groups/{group}", *operations).status == 204
        taken.append(len(captured))

    assert taken[1] == taken[0]
    assert left(group) == []


def test_operation_on_each_member_leaves_alone_the_roles_of_all(client: SCIMTestClient) -> None:
    role = Group.objects.create(name="role")
    RoleMapping.objects.create(
        **{"provider_id": "acme"}, match_by="displayName", value="team", django_group=role
    )
    ids = make_accounts("acme", 700)  # more than roles reconcile at once
    taken = set()
    for size in (5, 700):
        group = make_group(client, "team", ids[:size])
        operation = {"op": "replace", "path": "members.type", "value": "User"}
        with CaptureQueriesContext(database) as captured:
            assert client.patch(f"/Groups/{group}", operation).status == 204
        taken.add(len(captured))
        assert len(left(group)) == size

    assert len(taken) == 1
