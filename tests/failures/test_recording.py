"""What is noted of people who are refused, and what is not."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import Failure
from django_scim_provider.storage.failures import recording
from tests.factories import make_token
from tests.scim_client import CORE, GROUP, Answer, SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)


def post(client: SCIMTestClient, name: Any, **more: Any) -> Answer:
    return client.request("POST", "/Users", {"schemas": [CORE], "userName": name, **more})


def only() -> Failure:
    return Failure.objects.get()


def test_refused_create_is_one_line_however_often(scim_client: SCIMTestClient) -> None:
    user = get_user_model().objects.create(username="ann@x.example")

    answers = [post(scim_client, "ann@x.example", externalId="00u1") for _ in range(3)]

    assert [answer.status for answer in answers] == [409] * 3
    failure = only()
    assert (failure.count, failure.state, failure.action) == (3, "open", "create")
    assert (failure.attribute, failure.scim_type, failure.status) == ("userName", "uniqueness", 409)
    assert failure.detail == "userName is already in use."
    assert (failure.collides_type, failure.collides_id) == ("user", str(user.pk))
    assert failure.last_request_id == answers[-1].headers["X-Request-ID"]
    assert failure.first_at < failure.last_at


def test_another_person_and_another_kind_are_lines_of_their_own(
    scim_client: SCIMTestClient,
) -> None:
    get_user_model().objects.create(username="ann@x.example")
    get_user_model().objects.create(username="bob@x.example")

    post(scim_client, "ann@x.example")
    post(scim_client, "ANN@X.example")
    post(scim_client, "bob@x.example")
    post(scim_client, "ann@x.example", emails="no list of anything")

    assert sorted(Failure.objects.values_list("attribute", "count")) == [
        ("emails", 1),
        ("userName", 1),
        ("userName", 2),
    ]


def test_person_whom_the_connection_has_is_named_by_the_account(
    scim_client: SCIMTestClient,
) -> None:
    ann = scim_client.create_user("ann@x.example")

    post(scim_client, "Ann@x.example")

    assert (only().collides_type, only().collides_id) == ("User", ann["id"])


def test_address_of_another_user_is_named(scim_client: SCIMTestClient) -> None:
    user = get_user_model().objects.create(username="boss", email="ann@x.example")

    post(scim_client, "ann", emails=[{"value": "ann@x.example", "primary": True}])

    assert (only().attribute, only().collides_id) == ("emails.value", str(user.pk))


def test_protected_user_is_named(scim_client: SCIMTestClient) -> None:
    root = get_user_model().objects.create(username="root@x.example", is_superuser=True)

    post(scim_client, "root@x.example")

    assert only().collides_id == str(root.pk)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "wrong-type": ({"active": "perhaps"}, "active"),
    "no-object": ({"name": "Ann"}, "name"),
    "list-in-an-extension": (
        {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"costCenter": ["x"]}},
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",
    ),
    "two-primaries": (
        {"emails": [{"value": f"{name}@x.example", "primary": True} for name in "ab"]},
        "emails",
    ),
    "name-too-long": ({"userName": "u" * 300}, "userName"),
    "no-name": ({"userName": ""}, "userName"),
    "no-address": ({"emails": [{"value": "ann smith", "primary": True}]}, "emails.value"),
}


@pytest.mark.parametrize(("sent", "attribute"), REFUSED.values(), ids=REFUSED.keys())
def test_attribute_has_its_scim_name(
    scim_client: SCIMTestClient, sent: dict[str, Any], attribute: str
) -> None:
    body = {"schemas": [CORE], "userName": "ann@x.example", "externalId": "00u1", **sent}
    answer = scim_client.request("POST", "/Users", body)

    assert answer.status == 400, answer.text
    assert only().attribute == attribute


def test_group_is_noted(scim_client: SCIMTestClient) -> None:
    body = {"schemas": [GROUP], "displayName": "Team", "members": [{"value": "nobody-known"}]}
    answer = scim_client.request("POST", "/Groups", body)

    assert answer.status == 400
    assert (only().resource_type, only().attribute) == ("Group", "members.value")
    assert "nobody-known" not in only().detail


def test_refused_change_names_the_account(scim_client: SCIMTestClient) -> None:
    ann, _ = scim_client.create_user("ann@x.example"), scim_client.create_user("eve@x.example")

    scim_client.patch(
        f"/Users/{ann['id']}", {"op": "replace", "path": "userName", "value": "eve@x.example"}
    )

    assert (only().action, only().resource_id) == ("update", ann["id"])
    assert only().attribute == "userName"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/Users", b"{"),
        ("POST", "/Users", None),
        ("POST", "/Users", {}),
        ("POST", "/Nothing", {"userName": "ann"}),
        ("DELETE", "/Users/0198c1d5-0000-7000-8000-000000000000", None),
        ("GET", "/Users/0198c1d5-0000-7000-8000-000000000000", None),
        ("POST", "/Users/.search", {"filter": "nothing"}),
    ],
)
def test_what_is_about_nobody_is_not_noted(
    scim_client: SCIMTestClient, method: str, path: str, body: Any
) -> None:
    assert scim_client.request(method, path, body).status >= 400
    assert not Failure.objects.exists()


def test_nobody_is_noted_without_a_token_or_its_scope(db: None) -> None:
    reads = make_token(provider_id="reads", scopes=["scim.users.read"])
    for token in ("nonsense", reads):
        assert post(SCIMTestClient(token), "ann@x.example").status in (401, 403)

    assert not Failure.objects.exists()


def test_noisy_client_does_not_fill_the_table(
    scim_client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MOST", 3)
    monkeypatch.setattr(recording, "TRIM_EVERY", 1)
    for number in range(6):
        post(scim_client, f"user{number}@x.example", active="perhaps")

    assert Failure.objects.count() == 3


def test_failure_takes_one_statement_beside_its_event(scim_client: SCIMTestClient) -> None:
    post(scim_client, "ann@x.example", active="perhaps")

    with CaptureQueriesContext(connection) as context:
        post(scim_client, "ann@x.example", active="perhaps")

    about = [each["sql"] for each in context if "scim_provider_failure" in each["sql"]]
    assert sum(sql.startswith("INSERT") for sql in about) == 1
    assert len(about) == 2, about  # that of the token asks whether there are any


def test_bulk_request_notes_each(scim_client: SCIMTestClient) -> None:
    get_user_model().objects.create(username="ann@x.example")
    people = ["ann@x.example", "ann@x.example", "joe@x.example"]
    scim_client.request(
        "POST",
        "/Bulk",
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [
                {
                    "method": "POST",
                    "path": "/Users",
                    "bulkId": str(number),
                    "data": {"schemas": [CORE], "userName": name},
                }
                for number, name in enumerate(people)
            ],
        },
    )

    assert (only().count, only().attribute) == (2, "userName")
