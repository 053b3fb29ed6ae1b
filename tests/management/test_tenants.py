"""Two organizations and two people: nothing of one is there for another, in any operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    SCIMToken,
)
from tests.management.conftest import Person
from tests.people import post
from tests.scim_client import CORE, GROUP, PATCH, SEARCH, SCIMTestClient
from tests.tenancy.models import Membership

TENANTS = ("org-one", "org-two", "personal-one", "personal-two")
NOBODY = "00000000-0000-7000-8000-000000000000"


class Tenant:
    """A connection with a user and a group, and the person who manages it."""

    def __init__(self, name: str, person: Callable[..., Person]) -> None:
        organization = name if name.startswith("org") else None
        self.name = name
        roles = {organization: "owner"} if organization else {}
        self.person = person(f"boss-{name}", **roles)
        generated = self.person.generate(name, organization).json
        self.token_id = generated["tokenId"]
        self.scim = SCIMTestClient(generated["scimToken"])
        self.user = post(self.scim, f"ann@{name}.example", externalId="e1").json["id"]
        body = {"schemas": [GROUP], "displayName": name, "members": [{"value": self.user}]}
        self.group = self.scim.request("POST", "/Groups", body).json["id"]


@pytest.fixture
def tenants(person: Callable[..., Person]) -> dict[str, Tenant]:
    return {name: Tenant(name, person) for name in TENANTS}


PAIRS = [(one, two) for one in TENANTS for two in TENANTS if one != two]


def everything() -> list[Any]:
    """Return all that belongs to anybody, but for what a use of tokens writes."""
    kept = [LinkedAccount, ProvisionedGroup, Membership]
    rows = [list(model._default_manager.order_by("pk").values()) for model in kept]
    tokens = SCIMToken.objects.order_by("pk").values("pk", "secret", "revoked_at", "expires_at")
    connections = ProviderConnection.objects.order_by("pk").values(
        "provider_id", "owner", "organization_id", "enabled", "decommissioned_at"
    )
    return [*rows, list(tokens), list(connections)]


@pytest.mark.parametrize(("mine", "theirs"), PAIRS)
def test_management_knows_nothing_of_another_tenant(
    tenants: dict[str, Tenant], mine: str, theirs: str
) -> None:
    one, two = tenants[mine].person, tenants[theirs]
    before = everything()
    asked: list[Callable[[str, str], Any]] = [
        lambda provider, token: one.get("get-provider-connection", providerId=provider),
        lambda provider, token: one.post("delete-provider-connection", providerId=provider),
        lambda provider, token: one.post("rotate-token", providerId=provider),
        lambda provider, token: one.post("rotate-token", providerId=provider, overlap=60),
        lambda provider, token: one.post("revoke-token", tokenId=token),
        lambda provider, token: one.get("list-tokens", providerId=provider),
        lambda provider, token: one.get("list-events", providerId=provider),
        lambda provider, token: one.get("list-provider-connections", providerId=provider),
        lambda provider, token: one.get("list-provider-connections", organizationId=provider),
    ]

    for ask in asked:
        foreign, unknown = ask(two.name, two.token_id), ask("nowhere", NOBODY)
        assert (foreign.status, foreign.json) == (unknown.status, unknown.json)
    refused = [one.generate(two.name), one.generate(two.name, mine if "org" in mine else None)]
    assert {reply.status for reply in refused} == {403}
    if theirs.startswith("org"):
        foreign, unknown = one.generate("new", theirs), one.generate("new", "nowhere")
        assert (
            (foreign.status, foreign.json) == (unknown.status, unknown.json) == (403, foreign.json)
        )

    assert everything() == before


@pytest.mark.parametrize(("mine", "theirs"), PAIRS)
def test_lists_show_ones_own_only(tenants: dict[str, Tenant], mine: str, theirs: str) -> None:
    one, two = tenants[mine].person, tenants[theirs]

    shown = [one.get(path).json for path in ("list-provider-connections", "list-tokens")]
    events = one.get("list-events", pageSize=200).json

    assert [found["providerId"] for found in shown[0]["providers"]] == [mine]
    assert {found["providerId"] for found in events["events"]} == {mine}
    for text in (two.name, two.user, two.group, two.token_id):
        assert text not in str(shown) + str(events)


def operations(user: str, group: str) -> list[tuple[str, str, Any]]:
    """Return every operation of SCIM that can name somebody else's things."""
    title = {"op": "replace", "path": "title", "value": "T"}
    rename = {"op": "replace", "path": "displayName", "value": "G"}
    search = {"schemas": [SEARCH], "filter": f'id eq "{user}"'}
    return [
        ("GET", f"/Users/{user}", None),
        ("HEAD", f"/Users/{user}", None),
        ("PUT", f"/Users/{user}", {"schemas": [CORE], "userName": "x@x.example"}),
        ("PATCH", f"/Users/{user}", {"schemas": [PATCH], "Operations": [title]}),
        ("DELETE", f"/Users/{user}", None),
        ("GET", f"/Groups/{group}", None),
        ("PUT", f"/Groups/{group}", {"schemas": [GROUP], "displayName": "G"}),
        ("PATCH", f"/Groups/{group}", {"schemas": [PATCH], "Operations": [rename]}),
        ("DELETE", f"/Groups/{group}", None),
        ("GET", f"/Users?filter=id+eq+%22{user}%22", None),
        ("GET", f"/Users?filter=groups.value+eq+%22{group}%22", None),
        ("GET", f"/Groups?filter=id+eq+%22{group}%22", None),
        ("GET", f"/Groups?filter=members.value+eq+%22{user}%22", None),
        ("POST", "/Users/.search", search),
        (
            "POST",
            "/Groups",
            {"schemas": [GROUP], "displayName": "G", "members": [{"value": user}]},
        ),
        (
            "POST",
            "/Groups",
            {"schemas": [GROUP], "displayName": "G", "members": [{"value": group}]},
        ),
    ]


@pytest.mark.parametrize(("mine", "theirs"), PAIRS)
def test_protocol_knows_nothing_of_another_tenant(
    tenants: dict[str, Tenant], mine: str, theirs: str
) -> None:
    one, two = tenants[mine].scim, tenants[theirs]
    other_group = "00000000-0000-7000-8000-000000000001"
    before = everything()

    for foreign, unknown in zip(
        operations(two.user, two.group), operations(NOBODY, other_group), strict=True
    ):
        answers = [one.request(*foreign), one.request(*unknown)]
        texts = [answers[0].text, answers[1].text.replace(NOBODY, two.user)]
        texts[1] = texts[1].replace(other_group, two.group)
        assert answers[0].status == answers[1].status, foreign
        assert texts[0] == texts[1], foreign

    assert everything() == before


@pytest.mark.parametrize("mine", TENANTS)
def test_own_things_are_there(tenants: dict[str, Tenant], mine: str) -> None:
    one = tenants[mine]

    statuses = [
        one.scim.get(f"/Users/{one.user}").status,
        one.scim.get(f"/Groups/{one.group}").status,
        one.person.get("get-provider-connection", providerId=mine).status,
        one.person.post("revoke-token", tokenId=one.token_id).status,
    ]

    assert statuses == [200] * 4


@pytest.mark.parametrize("name", TENANTS)
def test_deleted_provider_id_is_claimed_by_nobody_else(
    tenants: dict[str, Tenant], name: str
) -> None:
    gone, others = tenants[name], [tenants[other] for other in TENANTS if other != name]

    deleted = gone.person.post("delete-provider-connection", providerId=name)
    claims = [other.person.generate(name) for other in others]
    claims += [
        other.person.generate(name, other.name if "org" in other.name else None) for other in others
    ]

    assert deleted.status == 200
    assert {reply.status for reply in claims} == {403}
    assert gone.scim.get(f"/Users/{gone.user}").status == 401
    assert LinkedAccount.objects.filter(pk=gone.user).exists()
    for other in others:
        assert other.scim.get(f"/Users/{gone.user}").status == 404
        taken = post(other.scim, f"ann@{name}.example", externalId="e1")
        assert taken.status == 409
    assert ProvisioningEvent.objects.filter(action="delete_connection").count() == 1
    back = gone.person.generate(name, name if "org" in name else None)
    again = SCIMTestClient(back.json["scimToken"])
    assert again.get(f"/Users/{gone.user}").status == 200
