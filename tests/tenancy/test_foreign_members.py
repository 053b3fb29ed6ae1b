"""Who is a member is the project's to say, in each request anew and in whatever form it likes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import override_settings

from django_scim_provider.models import GroupMember
from django_scim_provider.organizations import (
    DjangoOrganizationsBackend,
    MembershipModelBackend,
    get_organization_backend,
    member_keys,
)
from tests.drift.comparing import compare
from tests.factories import make_account, make_token
from tests.people import connect, host_user
from tests.scim_client import CORE, GROUP, PATCH, SEARCH, Answer, SCIMTestClient
from tests.tenancy.models import Membership

pytestmark = pytest.mark.django_db
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"

FORMS = [
    "Listed",
    "InATuple",
    "InASet",
    "Yielded",
    "ListedUsers",
    "FilteredUsers",
    "FilteredKeys",
    "Dicts",
    "DefaultDatabase",
    "Sliced",
    "United",
    "UnitedUsers",
    "UnitedOnce",
    "JoinedBeforeNow",
    "Raw",
    "Remembering",
    "Removing",
]
TITLE = {"op": "replace", "path": "title", "value": "New"}


@pytest.fixture
def use(scim_settings: Callable[..., None]) -> Callable[[str], None]:
    """Return a function that puts a backend of ``tests.tenancy.backends`` into use."""

    def change(name: str) -> None:
        scim_settings(ORGANIZATION_BACKEND=f"tests.tenancy.backends.{name}")

    return change


def reads(client: SCIMTestClient, user: dict[str, Any]) -> dict[str, Any]:
    """Return what each way to read says of a user: a status, or how many it finds."""
    name = user["userName"]
    searched = {"schemas": [SEARCH], "filter": f'userName eq "{name}"'}

    def total(answer: Answer) -> Any:
        return answer.json["totalResults"] if answer.status == 200 else answer.status

    return {
        "get": client.get(f"/Users/{user['id']}").status,
        "find": total(client.find(f'userName eq "{name}"')),
        "find by externalId": total(client.find(f'externalId eq "{name}"')),
        "find by id": total(client.find(f'id eq "{user["id"]}"')),
        "root": total(client.request("POST", "/.search", searched)),
    }


def lists(client: SCIMTestClient) -> dict[str, list[str]]:
    """Return the user names that each way to list shows, and that each says there are."""
    paths = {
        "first page": "/Users",
        "sorted": "/Users?sortBy=userName",
        "by cursor": "/Users?cursor",
        "second page": "/Users?startIndex=1&count=1",
    }
    found = {}
    for way, path in paths.items():
        page = client.get(path).json
        names = sorted(user["userName"] for user in page["Resources"])
        found[way] = [*names, str(page["totalResults"])]
    return found


def writes(client: SCIMTestClient, id: str) -> list[int]:
    """Return the statuses of PATCH, PUT, DELETE, and of those inside a bulk request."""
    body = {"schemas": [CORE], "userName": "ann", "externalId": "ann"}
    change = {"schemas": [PATCH], "Operations": [TITLE]}
    operations = [
        {"method": "PATCH", "path": f"/Users/{id}", "data": change},
        {"method": "PUT", "path": f"/Users/{id}", "data": body},
        {"method": "DELETE", "path": f"/Users/{id}"},
    ]
    bulk = client.request("POST", "/Bulk", {"schemas": [BULK], "Operations": operations})
    return [
        client.patch(f"/Users/{id}", TITLE).status,
        client.request("PUT", f"/Users/{id}", body).status,
        client.request("DELETE", f"/Users/{id}").status,
        *(int(each["status"]) for each in bulk.json["Operations"]),
    ]


@pytest.mark.parametrize("name", FORMS)
def test_who_joins_and_leaves_is_seen_at_once(use: Callable[[str], None], name: str) -> None:
    use(name)
    client = connect(organization_id="o1")
    seen = {"get": 200, "find": 1, "find by externalId": 1, "find by id": 1, "root": 1}
    gone = {"get": 404, "find": 0, "find by externalId": 0, "find by id": 0, "root": 0}

    ann = client.create_user("ann", externalId="ann")
    joined = [reads(client, ann), lists(client)["first page"]]
    bob = client.create_user("bob", externalId="bob")
    joined += [reads(client, bob), lists(client)]
    group = {"schemas": [GROUP], "displayName": "g", "members": [{"value": ann["id"]}]}
    held = client.request("POST", "/Groups", group).json
    patched = client.patch(f"/Users/{ann['id']}", TITLE).status
    Membership.objects.filter(user=host_user(ann).pk).delete()
    left = [reads(client, ann), reads(client, bob), lists(client)]

    assert joined[:3] == [seen, ["ann", "1"], seen]
    assert joined[3] == {
        "first page": ["ann", "bob", "2"],
        "sorted": ["ann", "bob", "2"],
        "by cursor": ["ann", "bob", "2"],
        "second page": ["ann", "2"],
    }
    assert (held["members"][0]["value"], patched) == (ann["id"], 200)
    assert left[:2] == [gone, seen]
    assert left[2] == {way: ["bob", "1"] for way in joined[3]}
    assert writes(client, ann["id"]) == [404] * 6
    assert host_user(ann).username == "ann"
    assert "members" not in client.get(f"/Groups/{held['id']}").json
    add = {"op": "add", "path": "members", "value": [{"value": ann["id"]}]}
    assert client.patch(f"/Groups/{held['id']}", add).status == 400


@pytest.mark.parametrize("name", [*FORMS, "Nobody", "NoKeys"])
def test_who_left_is_found_by_no_filter_on_groups(use: Callable[[str], None], name: str) -> None:
    use("Listed")
    client = connect(organization_id="o1")
    ann, bob = client.create_user("ann"), client.create_user("bob")
    for user in (ann, bob):
        group = {"schemas": [GROUP], "displayName": f"with {user['userName']}"}
        client.request("POST", "/Groups", {**group, "members": [{"value": user["id"]}]})
    outer = {"schemas": [GROUP], "displayName": "outer"}
    inner = client.find('displayName eq "with bob"', "Groups").json["Resources"][0]["id"]
    client.request("POST", "/Groups", {**outer, "members": [{"value": inner}]})
    Membership.objects.filter(user=host_user(ann).pk).delete()
    use(name)
    terms = [
        f'members.value eq "{ann["id"]}"',
        f'members[value eq "{ann["id"]}" and type eq "User"]',
        'members.display eq "ann"',
        'members[display sw "an"]',
        f'members.$ref ew "{ann["id"]}"',
        f'members[type eq "User" and not (value eq "{bob["id"]}")]',
    ]

    assert [client.find(term, "Groups").json["totalResults"] for term in terms] == [0] * 6
    assert client.find("members pr", "Groups").json["totalResults"] == (
        1 if name in ("Nobody", "NoKeys") else 2
    )
    assert client.find(f'members.value eq "{inner}"', "Groups").json["totalResults"] == 1


def test_backend_that_the_settings_name_next_is_asked_next(use: Callable[[str], None]) -> None:
    use("Listed")
    client = connect(organization_id="o1")
    ann = client.create_user("ann", externalId="ann")

    found = []
    for name in ("Listed", "Nobody", "FilteredKeys", "NoKeys", "Removing"):
        use(name)
        found.append(reads(client, ann)["get"])

    assert found == [200, 404, 200, 404, 200]


def test_who_is_deactivated_is_seen_where_no_membership_is_kept(
    use: Callable[[str], None],
) -> None:
    use("Removing")
    client = connect(organization_id="o1")
    ann = client.create_user("ann", externalId="ann", active=False)
    Membership.objects.all().delete()

    seen = reads(client, ann)
    use("Listed")

    assert seen["get"] == 200
    assert reads(client, ann)["get"] == 404


def nothing(client: SCIMTestClient, provider_id: str) -> None:
    """Check that a connection whose organization has no members answers that there is nobody."""
    id = make_account(provider_id, {"schemas": [CORE], "userName": "ann", "externalId": "ann"}, 1)
    group = client.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "g"}).json
    GroupMember.objects.create(group_id=group["id"], account_id=id)
    ann = {"id": id, "userName": "ann"}

    assert reads(client, ann) == {
        "get": 404,
        "find": 0,
        "find by externalId": 0,
        "find by id": 0,
        "root": 0,
    }
    assert set(map(tuple, lists(client).values())) == {("0",)}
    assert client.get("/Users?count=0").json["totalResults"] == 0
    assert client.find('groups.display eq "g"').json["totalResults"] == 0
    assert client.get("/").json["totalResults"] == 1  # the group
    assert "members" not in client.get(f"/Groups/{group['id']}").json
    assert "members" not in client.get("/Groups").json["Resources"][0]
    assert writes(client, id) == [404] * 6
    add = {"op": "add", "path": "members", "value": [{"value": id}]}
    assert client.patch(f"/Groups/{group['id']}", add).status == 400
    drift, _ = compare(provider_id)
    assert drift.compared == 2
    call_command("scim_link_users", provider_id, "--members")


@pytest.mark.parametrize("name", ["Nobody", "NoKeys"])
def test_organization_without_members_is_empty(use: Callable[[str], None], name: str) -> None:
    client = connect(organization_id="o1")
    use(name)

    nothing(client, "acme")


class UnaskedModel(MembershipModelBackend):
    is_active = None  # type: ignore[assignment]  # as if it had no such method


class UnaskedPackage(DjangoOrganizationsBackend):
    is_active = None  # type: ignore[assignment]  # as if it had no such method


@pytest.mark.parametrize("id", ["acme", "0", "99999999999999999999", "-1", "1.5"])
@pytest.mark.parametrize("kind", ["active", "plain", "package"])
def test_id_that_cannot_be_a_key_of_an_organization_has_no_members(
    scim_settings: Callable[..., None], id: str, kind: str
) -> None:
    described: dict[str, Any] = {"model": "organizations.OrganizationUser", "role": None}
    if kind == "active":
        described["active"] = "is_admin"
    name = "DjangoOrganizationsBackend" if kind == "package" else "MembershipModelBackend"
    unasked = UnaskedPackage if kind == "package" else UnaskedModel
    scim_settings(
        ORGANIZATION_BACKEND=f"{__name__}.{unasked.__name__}",
        MEMBERSHIP=described,
    )
    client = SCIMTestClient(make_token(provider_id="okta", organization_id=id))

    nothing(client, "okta")
    answer = client.request("POST", "/Users", {"schemas": [CORE], "userName": "bob"})
    scim_settings(ORGANIZATION_BACKEND=f"django_scim_provider.organizations.{name}")

    assert answer.status == 403
    assert "does not exist" in answer.json["detail"]
    assert client.get("/Users").status == 401


@pytest.mark.parametrize("name", ["Memberships", "ListedMemberships"])
def test_keys_of_another_model_are_never_taken_for_users(
    use: Callable[[str], None], name: str
) -> None:
    use("Listed")
    client = connect(organization_id="o1")
    ann = client.create_user("ann")
    use(name)

    answer = client.get(f"/Users/{ann['id']}")

    assert (answer.status, "ann" in answer.text) == (500, False)
    backend = get_organization_backend(using="default")
    assert backend is not None
    with pytest.raises(ImproperlyConfigured, match="keys of users, not Membership"):
        member_keys(backend, "o1", using="default")


def test_without_organizations_nobody_is_seen(use: Callable[[str], None], settings: Any) -> None:
    use("Listed")
    client = connect(organization_id="o1")
    ann = client.create_user("ann")

    with override_settings(SCIM_PROVIDER={**settings.SCIM_PROVIDER, "ORGANIZATION_BACKEND": None}):
        statuses = [client.get(f"/Users/{ann['id']}").status, client.get("/Users").status]

    assert statuses == [403, 403]
    assert client.get(f"/Users/{ann['id']}").status == 200
