"""An ``externalId`` may be that of any number of resources (RFC 7643 section 3.1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db.models import UniqueConstraint

from django_scim_provider.connections.decommission import decommission
from django_scim_provider.core.schemas import GROUP as GROUP_TYPE
from django_scim_provider.core.schemas import USER
from django_scim_provider.models import (
    AbstractResource,
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    Tombstone,
)
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.store_context import context_of
from django_scim_provider.storage.users.store import UserStore
from tests.drift.comparing import told
from tests.factories import make_token
from tests.inventory.scim import PRINTER_URN
from tests.people import connect, host_user, post
from tests.scim_client import CORE, GROUP, SEARCH, SCIMTestClient
from tests.verbs import Ask, by_bulk, by_post, every_verb

pytestmark = pytest.mark.django_db

ID = "CN=Same,OU=Twice"
KINDS = [("/Users", "userName", CORE), ("/Groups", "displayName", GROUP)]


def body(kind: tuple[str, str, str], name: str, external_id: str = ID) -> dict[str, Any]:
    return {"schemas": [kind[2]], kind[1]: name, "externalId": external_id}


def names(client: SCIMTestClient, kind: tuple[str, str, str], **more: Any) -> list[str]:
    found = client.find(f'externalId eq "{ID}"', kind[0].strip("/"), **more)
    return [each[kind[1]] for each in found.json["Resources"]]


@every_verb
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("profile", ["generic", "strict", "entra", "okta", "authentik"])
def test_second_one_is_stored_and_both_are_found(
    ask: Ask, kind: tuple[str, str, str], profile: str
) -> None:
    client = connect(profile=profile)
    first = client.request("POST", kind[0], body(kind, "first"))

    answer = ask(client, kind[0], body(kind, "second"))

    assert answer.status in (200, 201, 204), answer.text
    assert names(client, kind) == ["first", "second"]
    assert client.get(f"{kind[0]}/{first.json['id']}").json == first.json
    assert told() == []


@every_verb
def test_same_name_is_taken_whatever_the_external_id(ask: Ask) -> None:
    client = connect()
    post(client, "Ann", externalId=ID)

    answer = ask(client, "/Users", body(KINDS[0], "ANN", "another"))

    assert (answer.status, answer.json["detail"]) == (409, "userName is already in use.")
    assert list(LinkedAccount.objects.exclude(user_name="before").values_list("user_name")) == [
        ("Ann",)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_several_are_sorted_and_paged(kind: tuple[str, str, str]) -> None:
    client = connect()
    for name in "cabed":
        client.request("POST", kind[0], body(kind, name))
    client.request("POST", kind[0], body(kind, "other", ID.lower()))

    ascending = names(client, kind, sortBy=kind[1])
    second_page = names(client, kind, startIndex=3, count=2)
    cursor = client.find(f'externalId eq "{ID}"', kind[0].strip("/"), cursor="", count=3).json
    rest = names(client, kind, cursor=cursor["nextCursor"], count=3)

    assert ascending == list("abcde")
    assert second_page == list("be")
    assert cursor["totalResults"] == 5
    assert [each[kind[1]] for each in cursor["Resources"]] + rest == list("cabed")


def test_root_search_finds_users_and_groups_of_one_external_id() -> None:
    client = connect()
    for kind in KINDS:
        for name in ("one", "two"):
            client.request("POST", kind[0], body(kind, name))

    found = client.request(
        "POST", "/.search", {"schemas": [SEARCH], "filter": f'externalId eq "{ID}"'}
    )

    assert found.json["totalResults"] == 4


@pytest.mark.parametrize("ask", [by_post, by_bulk])
def test_own_type_may_repeat_it(ask: Ask, scim_settings: Any, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.inventory.urls"
    scim_settings(RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"])
    client = SCIMTestClient(make_token())

    def printer(serial: str, **more: Any) -> dict[str, Any]:
        return {"schemas": [PRINTER_URN], "serialNumber": serial, "shelf": 1, **more}

    client.request("POST", "/Printers", printer("S-1", externalId=ID))
    answer = ask(client, "/Printers", printer("S-2", externalId=ID))

    assert answer.status in (200, 201), answer.text
    assert client.find(f'externalId eq "{ID}"', "Printers").json["totalResults"] == 2


def test_deleted_ones_are_remembered_each_by_its_name() -> None:
    client = connect()
    users = {}
    for name in ("ann", "bob"):
        made = post(client, name, externalId=ID).json
        users[name] = host_user(made)
        users[name].set_password("of their own")
        users[name].save()
        assert client.request("DELETE", f"/Users/{made['id']}").status == 204
    assert Tombstone.objects.filter(external_id=ID).count() == 2

    carl = post(client, "carl", externalId=ID).json
    back = {name: post(client, name, externalId=ID).json for name in ("bob", "ann")}

    assert {name: host_user(each) for name, each in back.items()} == users
    assert host_user(carl) not in users.values()
    assert not Tombstone.objects.exists()


def test_decommissioned_ones_come_back_each_by_its_name() -> None:
    client = connect()
    before = {name: post(client, name, externalId=ID).json for name in ("ann", "bob")}
    decommission(ProviderConnection.objects.get())
    client = SCIMTestClient(make_token(provider_id="acme"))

    answers = {name: post(client, name, externalId=ID) for name in ("bob", "ann", "carl")}

    assert {name: each.status for name, each in answers.items()} == {
        "bob": 200,
        "ann": 200,
        "carl": 201,
    }
    assert all(answers[name].json["id"] == before[name]["id"] for name in before)


def test_importers_may_bring_it_twice() -> None:
    client = connect()
    context = context_of(ProviderConnection.objects.get())
    for number, name in enumerate(("ann", "bob")):
        UserStore(context, USER).create(body(KINDS[0], name), scim_id=f"u{number}")
        GroupStore(context, GROUP_TYPE).create(body(KINDS[1], name), scim_id=f"g{number}")

    assert [names(client, kind) for kind in KINDS] == [["ann", "bob"]] * 2
    assert told() == []


def test_key_of_an_account_is_its_folded_name() -> None:
    client = connect()
    for name in ("Ann", "STRASSE", "\ufb01n"):
        post(client, name, externalId=ID)

    assert set(LinkedAccount.objects.values_list("account_id", flat=True)) == {
        "ann",
        "strasse",
        "fin",
    }
    assert post(client, "straße").status == 409


def test_no_table_has_it_unique() -> None:
    own = [model for model in apps.get_models() if issubclass(model, AbstractResource)]
    assert own
    models: list[Any] = [LinkedAccount, ProvisionedGroup, Tombstone, *own]
    for model in models:
        assert not model._meta.get_field("external_id").unique
        for constraint in model._meta.constraints:
            if isinstance(constraint, UniqueConstraint):
                assert "external_id" not in constraint.fields
