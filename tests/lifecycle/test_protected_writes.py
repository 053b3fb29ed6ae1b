"""No way of writing gives a name or an address that could be taken for a protected user's."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from django_scim_provider.models import LinkedAccount
from tests.drift.comparing import repair
from tests.lifecycle.test_protected_names import is_taken, mails, make_protected
from tests.lifecycle.test_returning import keep
from tests.people import connect, host_user, make_user, post, set_active
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db

User = get_user_model()
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@pytest.fixture(autouse=True)
def _protected() -> None:
    make_protected()


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

    call_command(
        "scim_link_users", "acme", email_domain="x.example", trust_unverified=True, commit=True
    )

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
