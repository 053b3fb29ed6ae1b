"""How long names may be: what directories send is stored and found, and what is longer is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group

from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.models import LinkedAccount, ProvisionedGroup, RoleMapping
from django_scim_provider.storage.users.account_rows import account_keys, email_rows
from tests.people import host_user, post
from tests.scim_client import CORE, GROUP, SCIMTestClient
from tests.verbs import Ask, every_verb

pytestmark = pytest.mark.django_db

ENTRA_GROUP_NAME = 256
LONG_NAMES = [
    pytest.param("n" * ENTRA_GROUP_NAME, id="ascii"),
    pytest.param("ß" * ENTRA_GROUP_NAME, id="two-letters-each"),
    pytest.param("\N{GRINNING FACE}" * ENTRA_GROUP_NAME, id="four-bytes-each"),
]


def group(name: str, **more: Any) -> dict[str, Any]:
    return {"schemas": [GROUP], "displayName": name, **more}


def user(name: str, **more: Any) -> dict[str, Any]:
    return {"schemas": [CORE], "userName": name, **more}


@every_verb
@pytest.mark.parametrize("name", LONG_NAMES)
def test_longest_name_of_a_group_is_stored_whole_and_found(
    scim_client: SCIMTestClient, ask: Ask, name: str
) -> None:
    answer = ask(scim_client, "/Groups", group(name))

    assert answer.status in (200, 201, 204), answer.text
    found = scim_client.find(f'displayName eq "{name}"', "Groups").json
    assert [each["displayName"] for each in found["Resources"]] == [name]
    assert ProvisionedGroup.objects.get().display_name == name
    shorter = scim_client.find(f'displayName eq "{name[:-1]}"', "Groups").json
    assert shorter["totalResults"] == 0


@every_verb
def test_longer_name_of_a_group_is_refused_with_its_number_of_characters(
    scim_client: SCIMTestClient, ask: Ask
) -> None:
    answer = ask(scim_client, "/Groups", group("n" * 257))

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
    assert answer.json["detail"] == "displayName is longer than 256 characters: it has 257."
    assert not ProvisionedGroup.objects.exclude(display_name="before").exists()


@every_verb
def test_name_that_grows_beyond_its_key_is_counted_as_it_was_sent(
    scim_client: SCIMTestClient, ask: Ask
) -> None:
    answer = ask(scim_client, "/Groups", group("\ufdfa" * 30))

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
    assert answer.json["detail"].startswith("displayName is too long: its 30 characters are 540 ")


def test_mapping_by_the_longest_name_gives_its_role(scim_client: SCIMTestClient) -> None:
    name = "ß" * ENTRA_GROUP_NAME
    staff = Group.objects.create(name="staff")
    RoleMapping.objects.create(
        provider_id="acme", match_by="displayName", value=name, django_group=staff
    )
    ann = scim_client.create_user("ann")

    scim_client.request("POST", "/Groups", group(name, members=[{"value": ann["id"]}]))

    assert host_user(ann).groups.get() == staff


@every_verb
@pytest.mark.parametrize(("path", "body"), [("/Users", user("ann")), ("/Groups", group("Team"))])
def test_external_id_of_256_characters_is_stored_and_found(
    scim_client: SCIMTestClient, ask: Ask, path: str, body: dict[str, Any]
) -> None:
    id = "CN=Ünïcode,OU=x," * 16

    answer = ask(scim_client, path, {**body, "externalId": id})

    assert answer.status in (200, 201, 204), answer.text
    found = scim_client.find(f'externalId eq "{id}"', path.strip("/")).json
    assert [each["externalId"] for each in found["Resources"]] == [id]


@every_verb
@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (user("n" * 257), "userName is longer than 256 characters: it has 257."),
        (
            user("ann", externalId="e" * 257),
            "externalId is longer than 256 characters: it has 257.",
        ),
        (
            user("ann", emails=[{"value": "a" * 321}]),
            "emails.value is longer than 320 characters: it has 321.",
        ),
        (
            user("ann", emails=[{"value": "ann@x.example", "type": "t" * 65}]),
            "emails.type is longer than 64 characters: it has 65.",
        ),
    ],
)
def test_longer_value_of_a_user_is_refused_by_its_attribute(
    scim_client: SCIMTestClient, ask: Ask, body: dict[str, Any], detail: str
) -> None:
    answer = ask(scim_client, "/Users", body)

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
    assert answer.json["detail"] == detail


def test_name_of_a_user_may_double_when_it_is_folded(scim_client: SCIMTestClient) -> None:
    name = "ß" * 150

    answer = post(scim_client, name)

    assert answer.status == 201, answer.text
    assert LinkedAccount.objects.get().account_id == "s" * 300
    assert scim_client.find(f'userName eq "{"SS" * 150}"').json["totalResults"] == 1


def test_type_of_an_address_is_found_when_it_doubles(scim_client: SCIMTestClient) -> None:
    kind = "ß" * 64
    post(scim_client, "ann", emails=[{"value": "ann@x.example", "type": kind}])

    assert scim_client.find(f'emails[type eq "{kind}"]').json["totalResults"] == 1
    assert scim_client.find(f'emails[type eq "{kind[:-1]}"]').json["totalResults"] == 0


def test_attributes_without_a_column_have_no_limit_of_their_own(
    scim_client: SCIMTestClient,
) -> None:
    long = "x" * 5000

    answer = post(scim_client, "ann", displayName=long, title=long, nickName=long)

    assert answer.status == 201, answer.text
    assert answer.json["displayName"] == long


def test_importer_that_goes_past_the_schemas_is_told_as_well() -> None:
    with pytest.raises(InvalidValue, match=r"^userName is too long: its 30 characters"):
        account_keys({"userName": "\ufdfa" * 30})
    with pytest.raises(InvalidValue, match=r"^userName must not be empty"):
        account_keys({"userName": ""})
    with pytest.raises(InvalidValue, match=r"^emails.type is too long: its 8 characters"):
        email_rows("acme", None, {"emails": [{"type": "\ufdfa" * 8}]})  # type: ignore[arg-type]
