"""What a 409 says: which attribute is taken, and nothing of who has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.people import connect, make_user, post
from tests.scim_client import CORE, SCIMTestClient
from tests.verbs import Ask, every_verb

pytestmark = pytest.mark.django_db

NAME, MAIL = "taken@corp.example", "desk@corp.example"
NAME_TAKEN, MAIL_TAKEN = "userName is already in use.", "emails.value is already in use."


def mail(*addresses: str) -> list[dict[str, Any]]:
    return [{"value": address, "primary": not n} for n, address in enumerate(addresses)]


def by_the_connection(name: str, address: str) -> None:
    post(SCIMTestClient(connect().token), name, emails=mail(address))


def by_another_connection(name: str, address: str) -> None:
    post(connect("other"), name, emails=mail(address))


def by_hand(name: str, address: str) -> None:
    make_user(name, email=address)


def by_staff(name: str, address: str) -> None:
    make_user(name, email=address, is_staff=True)


def by_a_superuser(name: str, address: str) -> None:
    make_user(name, email=address, is_superuser=True)


def by_somebody_inactive(name: str, address: str) -> None:
    make_user(name, email=address, is_active=False)


Hold = Callable[[str, str], None]
OTHERS = [by_another_connection, by_hand, by_staff, by_a_superuser, by_somebody_inactive]
HOLDERS = [by_the_connection, *OTHERS]


def asked(ask: Ask, name: str, *addresses: str) -> tuple[int, Any, Any, Any]:
    body = {"schemas": [CORE], "userName": name, "emails": mail(*addresses)}
    answer = ask(connect(), "/Users", body)
    told = answer.json
    return answer.status, told.get("scimType"), told.get("detail"), sorted(told)


def refused(detail: str) -> tuple[int, str, str, list[str]]:
    return 409, "uniqueness", detail, ["detail", "schemas", "scimType", "status"]


@every_verb
@pytest.mark.parametrize("hold", HOLDERS)
@pytest.mark.parametrize("name", [NAME, NAME.upper()])
def test_taken_name_is_told_in_one_sentence(ask: Ask, hold: Hold, name: str) -> None:
    hold(NAME, "theirs@corp.example")

    assert asked(ask, name, "new@corp.example") == refused(NAME_TAKEN)


@every_verb
@pytest.mark.parametrize("hold", HOLDERS)
def test_taken_address_is_told_in_one_sentence(ask: Ask, hold: Hold) -> None:
    hold("theirs", MAIL)

    assert asked(ask, "new", MAIL.upper()) == refused(MAIL_TAKEN)


@every_verb
@pytest.mark.parametrize("of_name", HOLDERS)
@pytest.mark.parametrize("of_address", OTHERS)
def test_of_two_that_are_taken_the_name_is_told_whoever_holds_them(
    ask: Ask, of_name: Hold, of_address: Hold
) -> None:
    of_name(NAME, "theirs@corp.example")
    of_address("somebody", MAIL)

    assert asked(ask, NAME, MAIL) == refused(NAME_TAKEN)


@every_verb
def test_second_address_beside_a_protected_user_is_told_as_an_address(ask: Ask) -> None:
    by_staff("boss", MAIL)

    assert asked(ask, "new", "new@corp.example", MAIL) == refused(MAIL_TAKEN)


def test_schemas_say_what_is_unique() -> None:
    schemas = connect().get("/Schemas").json["Resources"]

    unique = {
        f"{schema['name']}.{attribute['name']}"
        for schema in schemas
        for attribute in schema["attributes"]
        for each in (attribute, *attribute.get("subAttributes", ()))
        if each.get("uniqueness", "none") != "none" and schema["name"] in ("User", "Group")
    }

    assert unique == {"User.userName"}
