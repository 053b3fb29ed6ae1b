"""What identity providers send for groups, shape by shape, as each connection's profile says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from django_scim_provider.models import ProviderConnection
from tests.factories import make_token
from tests.scim_client import GROUP, PATCH, Answer, SCIMTestClient
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db

ADSCIM = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
ENTRA_DOCS = (
    "learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups"
)
ENTRA_FLAG_DOCS = (
    "learn.microsoft.com/entra/identity/app-provisioning/"
    "application-provisioning-config-problem-scim-compatibility"
)
OKTA_DOCS = "developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20"
ONELOGIN_DOCS = "developers.onelogin.com/scim"


@dataclass(frozen=True, slots=True)
class Shape:
    """Operations on a group ``Team`` of a and b, with c outside; what it is afterwards."""

    name: str
    source: str
    profile: str
    operations: list[dict[str, Any]]
    """``{a}``, ``{b}``, ``{c}`` and ``{group}`` stand for ids."""
    members: str
    display_name: str = "Team"


SHAPES = [
    Shape(
        "okta-rename-without-path",
        OKTA_DOCS,
        "okta",
        [{"op": "replace", "value": {"id": "{group}", "displayName": "Crew"}}],
        "ab",
        "Crew",
    ),
    Shape(
        "okta-replaces-all-members",
        OKTA_DOCS,
        "okta",
        [{"op": "replace", "path": "members", "value": [{"value": "{c}", "display": "c"}]}],
        "c",
    ),
    Shape(
        "okta-removes-and-adds",
        OKTA_DOCS,
        "okta",
        [
            {"op": "remove", "path": 'members[value eq "{a}"]'},
            {"op": "add", "path": "members", "value": [{"value": "{c}", "display": "c"}]},
        ],
        "bc",
    ),
    Shape(
        "entra-adds-with-a-null-reference",
        ENTRA_DOCS,
        "entra",
        [{"op": "Add", "path": "members", "value": [{"$ref": None, "value": "{c}"}]}],
        "abc",
    ),
    Shape(
        "entra-removes-by-a-list-of-values",
        ENTRA_DOCS,
        "entra",
        [{"op": "Remove", "path": "members", "value": [{"$ref": None, "value": "{a}"}]}],
        "b",
    ),
    Shape(
        "entra-removes-by-filter-with-its-flag",
        ENTRA_FLAG_DOCS,
        "entra",
        [{"op": "remove", "path": 'members[value eq "{b}"]'}],
        "a",
    ),
    Shape(
        "entra-removes-all",
        ENTRA_DOCS,
        "entra",
        [{"op": "Remove", "path": "members"}],
        "",
    ),
    Shape(
        "entra-renames",
        ENTRA_DOCS,
        "entra",
        [{"op": "Replace", "path": "displayName", "value": "Crew"}],
        "ab",
        "Crew",
    ),
    Shape(
        "entra-leaves-the-op-out",
        ENTRA_DOCS,
        "entra",
        [{"path": "displayName", "value": "Crew"}],
        "ab",
        "Crew",
    ),
    Shape(
        "onelogin-adds-a-single-object",
        ONELOGIN_DOCS,
        "onelogin",
        [{"op": "add", "path": "members", "value": {"value": "{c}"}}],
        "abc",
    ),
    Shape("nothing-to-do", "RFC 7644 section 3.5.2", "generic", [], "ab"),
    Shape(
        "members-null-takes-all-away",
        "RFC 7643 section 2.5",
        "generic",
        [{"op": "replace", "path": "members", "value": None}],
        "",
    ),
    Shape(
        "empty-members-takes-all-away",
        "RFC 7643 section 2.5",
        "generic",
        [{"op": "replace", "value": {"members": []}}],
        "",
    ),
]


def client_of(profile: str) -> SCIMTestClient:
    client = SCIMTestClient(make_token())
    ProviderConnection.objects.update(profile=profile)
    return client


def filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: filled(held, ids) for name, held in value.items()}
    if isinstance(value, list):
        return [filled(held, ids) for held in value]
    if isinstance(value, str):
        for name, id in ids.items():
            value = value.replace(f"{{{name}}}", id)
    return value


def shown(client: SCIMTestClient, id: str, ids: dict[str, str]) -> tuple[str, str]:
    group = client.get(f"/Groups/{id}").json
    names = {id: name for name, id in ids.items()}
    members = "".join(sorted(names[member["value"]] for member in group.get("members", [])))
    return members, group["displayName"]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_patch(shape: Shape) -> None:
    client = client_of(shape.profile)
    ids = {name: str(client.create_user(name)["id"]) for name in "abc"}
    group = str(make_group(client, "Team", ids["a"], ids["b"])["id"])
    operations = filled(shape.operations, ids | {"group": group})

    answer = client.request(
        "PATCH", f"/Groups/{group}", {"schemas": [PATCH], "Operations": operations}
    )

    assert answer.status == 204, answer.text
    assert shown(client, group, ids) == (shape.members, shape.display_name)


def create(client: SCIMTestClient, **more: Any) -> Answer:
    return client.request(
        "POST", "/Groups", {"schemas": [GROUP], "displayName": "Team", "externalId": "t1"} | more
    )


@pytest.mark.parametrize(
    ("profile", "more"),
    [
        pytest.param("okta", {"members": []}, id="okta-empty-members"),
        pytest.param("entra", {}, id="without-members"),
        pytest.param("google", {"members": None}, id="null-members"),
        pytest.param("jumpcloud", {"members": [], "schemas": [GROUP]}, id="jumpcloud"),
        pytest.param(
            "entra",
            {"schemas": [GROUP, ADSCIM], "meta": {"resourceType": "Group"}},
            id="entra-second-schema",  # see ENTRA_DOCS, "Create group"
        ),
    ],
)
def test_create_without_members(profile: str, more: dict[str, Any]) -> None:
    client = client_of(profile)

    answer = create(client, **more)

    assert answer.status == 201, answer.text
    assert "members" not in answer.json
    assert answer.json["schemas"] == [GROUP]


def test_poll_without_members_reads_none(django_assert_max_num_queries: Any) -> None:
    # Entra ID looks for a group before each change of it (ENTRA_DOCS, "Get group").
    client = client_of("entra")
    ids = [client.create_user(f"user{number}")["id"] for number in range(3)]
    group = make_group(client, "Team", *ids)
    path = f"/Groups/{group['id']}?excludedAttributes=members"

    client.get(path)
    with django_assert_max_num_queries(2) as queries:
        read = client.get(path)
    found = client.find('displayName eq "Team"', "Groups", excludedAttributes="members")

    assert "members" not in read.json
    assert "members" not in found.json["Resources"][0]
    assert not any("groupmember" in query["sql"] for query in queries.captured_queries)


def test_strict_takes_the_letter_only() -> None:
    client = client_of("strict")
    ids = {"a": str(client.create_user("a")["id"])}
    group = str(make_group(client, "Team", ids["a"])["id"])
    bodies: list[dict[str, Any]] = [
        {"op": "Replace", "path": "displayName", "value": "Crew"},
        {"path": "displayName", "value": "Crew"},
        {"op": "replace", "path": "members", "value": {"value": ids["a"]}},
        {"op": "replace", "value": {"id": group, "displayName": "Crew"}},
    ]

    statuses = [client.patch(f"/Groups/{group}", body).status for body in bodies]

    assert statuses == [400] * 4
    assert shown(client, group, ids) == ("a", "Team")
