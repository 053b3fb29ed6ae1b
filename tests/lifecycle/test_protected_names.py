"""Names and addresses that could be taken for those of protected users."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.core.folding import fold_name
from django_scim_provider.models import LinkedAccount
from tests.people import connect, make_user, post
from tests.scim_client import Answer
from tests.test_query_budgets import statements

pytestmark = pytest.mark.django_db

User = get_user_model()


def make_protected() -> None:
    """Make people whom provisioning must not touch."""
    make_user("rootadmin", email="root@corp.example", is_superuser=True, is_staff=True)
    make_user("boss@corp.example", email="Boss.Mail@corp.example", is_staff=True)


@pytest.fixture(autouse=True)
def _protected() -> None:
    make_protected()


class Guarding(DefaultAdapter):
    """Protects people of the project's own choice as well."""

    def is_protected(self, user: Any) -> bool:
        return user.last_name == "Director" or super().is_protected(user)

    def protected_users(self) -> QuerySet[Any]:
        return super().protected_users() | User._default_manager.filter(last_name="Director")


class Freeing(DefaultAdapter):
    """Protects superusers only, and leaves the query as it is."""

    def is_protected(self, user: Any) -> bool:
        return bool(user.is_superuser)


def mails(*addresses: str) -> list[dict[str, Any]]:
    return [{"value": address, "primary": not n} for n, address in enumerate(addresses)]


def is_taken(answer: Answer) -> bool:
    return (answer.status, answer.json.get("scimType")) == (409, "uniqueness")


@pytest.mark.parametrize(
    "name",
    [
        "rootadmin",
        "RootAdmin",
        " rootadmin",
        "rootadmin ",
        "\u00a0rootadmin\u3000",
        "\uff52ootadmin",
        "rootadmi\U0001d427",
        "root\u034fadmin",
        "rootadmin\ufe0f",
        "\u3164rootadmin",
        "root\u2800admin",
        "root@corp.example",
        "ROOT@corp.example ",
        "root\uff20corp.example",
        "boss.mail@CORP.example",
        "bo\u017f\u017f@corp.example",
        "Boss@corp.example",
    ],
    ids=ascii,
)
def test_name_beside_a_protected_user_is_taken(name: str) -> None:
    client = connect()
    make_user("taken@x.example")

    answer = post(client, name, emails=mails("ann@x.example"))

    assert is_taken(answer), answer.text
    assert answer.text == post(client, "taken@x.example").text
    assert not LinkedAccount.objects.exists()
    assert User._default_manager.count() == 3


@pytest.mark.parametrize(
    "address",
    ["root@corp.example", "ROOT@corp.example", "boss.mail@CORP.example", "Boss@corp.example"],
)
@pytest.mark.parametrize("place", ["primary", "other"])
def test_address_beside_a_protected_user_is_taken(address: str, place: str) -> None:
    addresses = [address] if place == "primary" else ["ann@x.example", address]

    answer = post(connect(), "ann@x.example", emails=mails(*addresses))

    assert is_taken(answer), answer.text
    assert not LinkedAccount.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "root\u00adadmin",
        "root\u200badmin",
        "root\u202eadmin",
        "root\u2066admin",
        "root\ufeffadmin",
        "root\tadmin",
        "rootadmin\x7f",
    ],
    ids=ascii,
)
def test_control_and_format_characters_are_refused_in_names(name: str) -> None:
    client = connect()

    answers = [post(client, name), post(client, "ann", emails=mails(f"{name}@x.example"))]

    assert [(each.status, each.json["scimType"]) for each in answers] == [(400, "invalidValue")] * 2


@pytest.mark.parametrize("name", ["root admin", "rootadmin2", "r\u043eotadmin"], ids=ascii)
def test_other_names_are_free(name: str) -> None:
    assert post(connect(), name).status == 201


def test_whom_the_adapter_protects_is_protected_by_name_too(scim_settings: Any) -> None:
    scim_settings(ADAPTER="tests.lifecycle.test_protected_names.Guarding")
    make_user("eve", email="eve@corp.example", last_name="Director")
    client = connect()

    answers = [post(client, "Eve@corp.example", emails=mails("a@x.example")), post(client, " eve")]

    assert [is_taken(answer) for answer in answers] == [True, True]
    assert is_taken(post(client, "root@corp.example", emails=mails("a@x.example")))


def test_whom_the_adapter_does_not_protect_is_an_ordinary_user(scim_settings: Any) -> None:
    scim_settings(ADAPTER="tests.lifecycle.test_protected_names.Freeing")
    client = connect()

    beside = post(client, "boss.mail@corp.example", emails=mails("a@x.example"))
    root = post(client, "root@corp.example", emails=mails("b@x.example"))

    assert (beside.status, root.status) == (201, 409)


def test_nobody_is_protected_where_the_project_says_so(scim_settings: Any) -> None:
    scim_settings(ALLOW_PRIVILEGED_USERS=True)

    answer = post(connect(), "root@corp.example", emails=mails("a@x.example"))

    assert answer.status == 201


@pytest.mark.parametrize("name", [" bob", "bob ", "\uff42ob", "BOB", "bob\ufe0f"], ids=ascii)
def test_name_of_any_user_is_compared_folded(name: str) -> None:
    make_user("Bob", email="b@x.example")
    client = connect()
    ann = post(client, "ann@x.example").json

    created = post(client, name, emails=mails("new@x.example"))
    renamed = client.patch(f"/Users/{ann['id']}", {"op": "replace", "value": {"userName": name}})

    assert is_taken(created), created.text
    assert is_taken(renamed), renamed.text


def test_protected_users_are_asked_for_only_where_somebody_is_named_anew() -> None:
    client = connect()
    ann = post(client, "ann@x.example", emails=mails("ann@x.example")).json
    path = f"/Users/{ann['id']}"

    with statements() as title:
        client.patch(path, {"op": "replace", "path": "title", "value": "T"})
    with statements() as mail:
        client.patch(path, {"op": "add", "path": "emails", "value": mails("b@x.example")})

    def asked(made: list[str]) -> int:  # columns of the user who is locked stand behind a WHERE
        return sum("is_staff" in sql.rpartition(" WHERE ")[2] for sql in made)

    assert [asked(made) for made in (title, mail)] == [0, 1]


def test_folded_names_are_told_apart_by_what_is_seen() -> None:
    alike = ["Ann", " ann\u00a0", "\uff21nn", "a\u00adn\u200bn", "an\u034fn\ufe0f"]

    assert {fold_name(name) for name in alike} == {"ann"}
    assert fold_name("\u0430nn") != "ann"
    assert fold_name(" \u2800\u3164 ") == ""
