"""What reaches the fields of the user model: what fits, or a refusal by its attribute."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import CharField, EmailField

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import LinkedAccount
from django_scim_provider.user_model import misfit, no_address
from tests.people import connect, host_user, make_user, post, set_active
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db

INJECTED = [
    "a@b.cd,evil@x.yz",
    "a@b.cd evil@x.yz",
    "a@b.cd;evil@x.yz",
    "Ann <a@b.cd>",
    "a@b.cd\nBcc: evil@x.yz",
    "a@b.cd\r\n",
    "a\t@b.cd",
    "a@b.cd\u2028",
    "no address",
]


class AdapterWithTitle(DefaultAdapter):
    """Writes a column of the project's own; here the one that Django has for last names."""

    def user_fields(self, resource: Any) -> dict[str, Any]:
        return {**super().user_fields(resource), "last_name": resource.get("title", "")}

    def attribute_of(self, field: str, resource: Any) -> str:
        return "title" if field == "last_name" else super().attribute_of(field, resource)


def refuse_bobs(value: str) -> None:
    if value.startswith("bob"):
        raise ValidationError("No Bobs here.")


@pytest.mark.parametrize("address", INJECTED)
@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH"])
def test_what_is_no_address_is_refused_by_its_attribute(
    scim_client: SCIMTestClient, verb: str, address: str
) -> None:
    emails = [{"value": address}]
    if verb == "POST":
        answer = post(scim_client, "ann", emails=emails)
    else:
        ann = post(scim_client, "ann", emails=[{"value": "ann@x.example"}]).json
        path = f"/Users/{ann['id']}"
        body = {"schemas": ann["schemas"], "userName": "ann", "emails": emails}
        operation = {"op": "replace", "path": "emails", "value": emails}
        answer = (
            scim_client.request("PUT", path, body)
            if verb == "PUT"
            else scim_client.patch(path, operation)
        )

    assert (answer.status, answer.json.get("scimType")) == (400, "invalidValue")
    assert "emails.value" in answer.json["detail"]
    addresses = set(get_user_model()._default_manager.values_list("email", flat=True))
    assert addresses == (set() if verb == "POST" else {"ann@x.example"})


@pytest.mark.parametrize(
    "address",
    [
        "x@corp.local",
        "user@localhost",
        "a@bücher.example",
        "a@xn--bcher-kva.example",
        "o'b+c@x.org",
    ],
)
def test_addresses_of_real_directories_are_written(
    scim_client: SCIMTestClient, address: str
) -> None:
    answer = post(scim_client, "ann", emails=[{"value": f"  {address} "}])

    assert answer.status == 201, answer.text
    assert host_user(answer.json).email == address


@pytest.mark.parametrize(
    "user_name", ["ann@", "@ann", "a@b.cd,evil@x.yz", "jörg@corp", "ann@" + "x" * 300 + ".com"]
)
def test_user_name_that_is_no_address_is_a_name_and_nothing_else(
    scim_client: SCIMTestClient, user_name: str
) -> None:
    answer = post(scim_client, user_name[:150])

    assert answer.status == 201, answer.text
    user = host_user(answer.json)
    assert (user.username, user.email) == (user_name[:150], "")


def test_user_name_that_is_an_address_is_one(scim_client: SCIMTestClient) -> None:
    assert host_user(post(scim_client, "ann@corp.local").json).email == "ann@corp.local"


@pytest.mark.parametrize(
    "user_name",
    ["o'brien", "Ann Alpha", "ann_gmail.com#EXT#@corp.example", "CORP\\ann", "änn", "a/b"],
)
def test_user_names_of_real_directories_are_written(
    scim_client: SCIMTestClient, user_name: str
) -> None:
    answer = post(scim_client, user_name)

    assert answer.status == 201, answer.text
    assert host_user(answer.json).username == user_name


@pytest.mark.parametrize(
    ("attributes", "named"),
    [
        ({"userName": "ann\nbob"}, "userName"),
        ({"userName": "a" * 151}, "userName"),
        ({"userName": "a", "name": {"givenName": "x" * 151}}, "name.givenName"),
        ({"userName": "a", "name": {"familyName": "x" * 151}}, "name.familyName"),
        ({"userName": "a", "emails": [{"value": "a" * 60 + "@" + "x." * 120 + "org"}]}, "emails"),
    ],
)
def test_value_that_its_field_cannot_hold_is_refused_by_its_attribute(
    scim_client: SCIMTestClient, attributes: dict[str, Any], named: str
) -> None:
    answer = post(scim_client, attributes.pop("userName"), **attributes)

    assert (answer.status, answer.json.get("scimType")) == (400, "invalidValue")
    assert answer.json["detail"].startswith(named)


def test_fields_of_the_projects_own_are_held_to_their_length(
    scim_client: SCIMTestClient, scim_settings: Any
) -> None:
    scim_settings(ADAPTER=f"{__name__}.AdapterWithTitle")

    answer = post(scim_client, "ann", title="x" * 151)

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
    assert answer.json["detail"] == "title is longer than 150 characters: it has 151."


def test_validators_of_the_projects_own_are_asked(
    scim_client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.LANGUAGE_CODE = "de"
    field = get_user_model()._meta.get_field("username")
    monkeypatch.setattr(field, "validators", [*field.validators, refuse_bobs])

    assert post(scim_client, "bob").json["detail"] == "userName: No Bobs here."
    too_long = post(scim_client, "ann", name={"givenName": "x" * 151}).json["detail"]
    assert too_long == "name.givenName is longer than 150 characters: it has 151."


def test_other_addresses_may_have_any_form_but_no_line_breaks(scim_client: SCIMTestClient) -> None:
    own = {"value": "ann@x.example", "primary": True}

    kept = post(scim_client, "ann", emails=[own, {"value": "ann at home", "type": "home"}])
    refused = post(scim_client, "bob", emails=[own, {"value": "b@x.org\nBcc: c@x.org"}])

    assert kept.status == 201
    assert kept.json["emails"][1]["value"] == "ann at home"
    assert (refused.status, refused.json["scimType"]) == (400, "invalidValue")


def test_account_with_an_address_from_before_can_still_be_deactivated(
    scim_client: SCIMTestClient,
) -> None:
    ann = post(scim_client, "ann", emails=[{"value": "ann@x.example"}]).json
    account = LinkedAccount.objects.get()
    account.resource = account.resource.replace("ann@x.example", "a@b.cd,evil@x.yz")
    account.save()

    answer = set_active(scim_client, ann, False)

    assert answer.status == 200, answer.text
    assert host_user(ann).is_active is False
    assert host_user(ann).email == "ann@x.example"


def test_linked_accounts_keep_addresses_that_are_not_written(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    user = make_user("ann@x.example")
    client = connect()
    linked = post(client, "ann@x.example").json

    value = [{"value": "ann at home"}]
    operation = {"op": "replace", "path": "emails", "value": value}
    answer = client.patch(f"/Users/{linked['id']}", operation)

    user.refresh_from_db()
    assert (answer.status, answer.json["emails"]) == (200, value)
    assert user.email == "ann@x.example"


def test_required_address_that_is_missing_is_refused(
    scim_client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = get_user_model()._meta.get_field("email")
    monkeypatch.setattr(field, "unique", True)

    answer = post(scim_client, "ann")

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
    assert answer.json["detail"] == "emails.value: An e-mail address is required."


def test_missing_address_is_null_where_two_empty_texts_would_collide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    field = get_user_model()._meta.get_field("email")
    usual = no_address()
    monkeypatch.setattr(field, "unique", True)
    monkeypatch.setattr(field, "null", True)

    assert (usual, no_address()) == ("", None)


@pytest.mark.parametrize(
    ("field", "refused"),
    [
        (EmailField(), True),
        (CharField(max_length=100), True),
        (CharField(max_length=100, validators=[refuse_bobs]), False),
    ],
)
def test_address_is_held_to_djangos_validator_unless_the_field_has_one(
    monkeypatch: pytest.MonkeyPatch, field: Any, refused: bool
) -> None:
    model = get_user_model()
    monkeypatch.setattr(model._meta.get_field("email"), "validators", field.validators)

    assert (misfit(model, "email", "a@b.cd,evil@x.yz") is not None) is refused
    assert misfit(model, "email", "a@b.cd") is None
