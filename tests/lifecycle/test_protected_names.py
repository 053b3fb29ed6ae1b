"""Names and addresses that could be taken for those of protected users."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db.models import QuerySet

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.core.folding import fold_name
from django_scim_provider.models import LinkedAccount
from tests.drift.comparing import repair
from tests.lifecycle.test_returning import keep
from tests.people import connect, host_user, make_user, post, set_active
from tests.scim_client import CORE, Answer, SCIMTestClient
from tests.test_query_budgets import statements

pytestmark = pytest.mark.django_db

User = get_user_model()
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@pytest.fixture(autouse=True)
def protected() -> list[Any]:
    """Make people whom provisioning must not touch."""
    return [
        make_user("rootadmin", email="root@corp.example", is_superuser=True, is_staff=True),
        make_user("boss@corp.example", email="Boss.Mail@corp.example", is_staff=True),
    ]


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


def put(client: SCIMTestClient, user: dict[str, Any], change: dict[str, Any]) -> tuple[Any, ...]:
    body = {"schemas": [CORE], "userName": "ann@x.example", **change}
    answer = client.request("PUT", f"/Users/{user['id']}", body)
    return answer.status, answer.json.get("scimType")


def patch(client: SCIMTestClient, user: dict[str, Any], change: dict[str, Any]) -> tuple[Any, ...]:
    answer = client.patch(f"/Users/{user['id']}", {"op": "add", "value": change})
    return answer.status, answer.json.get("scimType")


def bulk(client: SCIMTestClient, user: dict[str, Any], change: dict[str, Any]) -> tuple[Any, ...]:
    data = {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "value": change}]}
    operation = {"method": "PATCH", "path": f"/Users/{user['id']}", "data": data}
    body = {"schemas": [BULK], "Operations": [operation]}
    (done,) = client.request("POST", "/Bulk", body).json["Operations"]
    return int(done["status"]), done["response"].get("scimType")


@pytest.mark.parametrize("write", [put, patch, bulk])
@pytest.mark.parametrize("kind", ["made", "linked"])
@pytest.mark.parametrize(
    "change",
    [
        {"userName": " rootadmin"},
        {"userName": "root@corp.example"},
        {"emails": mails("ann@x.example", "ROOT@corp.example")},
    ],
    ids=str,
)
def test_account_cannot_be_renamed_beside_a_protected_user(
    scim_settings: Any, write: Any, kind: str, change: dict[str, Any]
) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    if kind == "linked":
        make_user("ann@x.example")
    client = connect()
    ann = post(client, "ann@x.example", emails=mails("ann@x.example")).json
    before = LinkedAccount.objects.values().get()

    answer = write(client, ann, change)

    assert answer == (409, "uniqueness")
    assert LinkedAccount.objects.values().get() == before
    assert host_user(ann).username == "ann@x.example"


def test_linking_asks_for_all_names(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    make_user("ann@x.example")

    answer = post(connect(), "ann@x.example", emails=mails("ann@x.example", "root@corp.example"))

    assert is_taken(answer)
    assert not LinkedAccount.objects.exists()


def test_who_comes_back_asks_for_all_names() -> None:
    client = connect(profile="okta")
    ann, bob = (post(client, f"{name}@x.example").json for name in ("ann", "bob"))
    set_active(client, ann, False)
    keep(bob)
    client.request("DELETE", f"/Users/{bob['id']}")

    answers = [
        post(client, f"{name}@x.example", emails=mails(f"{name}@x.example", "root@corp.example"))
        for name in ("ann", "bob")
    ]

    assert [is_taken(answer) for answer in answers] == [True, True]
    assert not host_user(ann).is_active


def test_adoption_leaves_out_who_is_named_like_a_protected_user(capsys: Any) -> None:
    connect()
    make_user("ann@x.example", email="ann@x.example")
    make_user("Root@corp.example", email="other@x.example")

    call_command("scim_link_users", "acme", email_domain="x.example", commit=True)

    assert [account.user_name for account in LinkedAccount.objects.all()] == ["ann@x.example"]
    assert "Left out 1: named like somebody who is protected" in capsys.readouterr().out


def test_repair_gives_no_name_that_is_a_protected_users_by_now() -> None:
    client = connect()
    ann = post(client, "ann@x.example").json
    User._default_manager.filter(pk=host_user(ann).pk).update(username="renamed", email="")
    make_user("chief", email="ANN@x.example", is_staff=True)

    drift = repair()

    assert drift.repaired == 0
    assert host_user(ann).username == "renamed"


def test_name_of_before_stays_when_somebody_is_promoted() -> None:
    client = connect()
    ann = post(client, "ann@x.example", emails=mails("ann@x.example", "b@x.example")).json
    make_user("bob", email="b@x.example", is_staff=True)
    path = f"/Users/{ann['id']}"

    title = client.patch(path, {"op": "replace", "path": "title", "value": "T"})
    renamed = client.patch(path, {"op": "replace", "path": "userName", "value": "new@x.example"})
    gone = client.patch(path, {"op": "remove", "path": 'emails[value eq "b@x.example"]'})
    again = client.patch(path, {"op": "add", "path": "emails", "value": [{"value": "B@x.example"}]})

    assert [each.status for each in (title, renamed, gone, again)] == [200, 200, 200, 409]


def test_account_whose_own_user_is_promoted_is_refused_as_before() -> None:
    client = connect()
    ann = post(client, "ann@x.example").json
    User._default_manager.filter(pk=host_user(ann).pk).update(is_staff=True)

    answers = [
        put(client, ann, {"userName": "new@x.example"}),
        patch(client, ann, {"emails": mails("ann@x.example")}),
        (client.request("DELETE", f"/Users/{ann['id']}").status, "mutability"),
    ]

    assert answers == [(403, "mutability")] * 3
    assert is_taken(post(client, "ann@x.example"))


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

    asked = [[sql for sql in made if "scim_kind" in sql] for made in (title, mail)]
    assert list(map(len, asked)) == [0, 1]


def test_folded_names_are_told_apart_by_what_is_seen() -> None:
    alike = ["Ann", " ann\u00a0", "\uff21nn", "a\u00adn\u200bn", "an\u034fn\ufe0f"]

    assert {fold_name(name) for name in alike} == {"ann"}
    assert fold_name("\u0430nn") != "ann"
    assert fold_name(" \u2800\u3164 ") == ""
