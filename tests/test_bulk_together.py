"""People who are created by one bulk request share statements, and become what each would alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.core.stores import Stored
from django_scim_provider.models import AccountEmail, LinkedAccount, ProvisioningEvent
from django_scim_provider.signals import user_provisioned
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.users.store import UserStore
from tests.people import connect, host_user, make_user, post
from tests.scim_client import SCIMTestClient
from tests.tenancy.models import Invoice
from tests.test_bulk import bulk, create, patch, statuses

pytestmark = pytest.mark.django_db

Settings = Callable[..., None]


def person(number: int, **attributes: Any) -> dict[str, Any]:
    """Return the operation that creates one of many people."""
    name = f"user{number}@x.example"
    given = {"emails": [{"value": name, "type": "work"}], "externalId": f"e{number}"}
    return create(f"u{number}", name, **{**given, **attributes})


def statements_of(client: SCIMTestClient, count: int, first: int = 0) -> int:
    with CaptureQueriesContext(connection) as context:
        # Without an address, of which allauth keeps a row of its own for each.
        answer = bulk(client, *(create(f"u{n}", f"u{n}") for n in range(first, first + count)))
    assert statuses(answer) == ["201"] * count
    return len(context)


def test_a_further_person_costs_the_statement_that_saves_the_user(
    scim_client: SCIMTestClient,
) -> None:
    statements_of(scim_client, 2, 500)  # the first use of the token is noted

    few, many = statements_of(scim_client, 10), statements_of(scim_client, 60, 100)

    assert many - few == 50
    assert few < 10 + 30


def test_each_becomes_what_it_would_be_alone() -> None:
    alone, together = connect("alone"), connect("together")
    extra: list[dict[str, Any]] = [
        {},
        {"active": False},
        {"emails": []},
        {"displayName": "Ü"},
        {"title": "Boss"},
    ]
    for number, more in enumerate(extra):
        sent = person(number, **more)["data"]
        sent["userName"] = f"alone-{number}"
        sent["emails"] = [{"value": f"alone-{number}@x.example"}] if sent["emails"] else []
        assert alone.request("POST", "/Users", sent).status == 201
    answer = bulk(together, *(person(n, **more) for n, more in enumerate(extra)))

    assert statuses(answer) == ["201"] * len(extra)
    columns = ("external_id", "display_name", "display_key", "active", "version", "created_user")
    rows = LinkedAccount.objects.order_by("pk").values_list(*columns, "user__is_active")
    of_alone, of_together = (rows.filter(provider__provider_id=of) for of in ("alone", "together"))
    assert list(of_together) == list(of_alone)
    for result in answer.json["Operations"]:
        got = together.get(f"/Users/{result['location'].rpartition('/')[2]}")
        assert got.headers["ETag"] == result["version"]
    addresses = AccountEmail.objects.filter(account__provider__provider_id="together")
    assert addresses.count() == 4
    events = ProvisioningEvent.objects.filter(action="create").order_by("pk")
    told = [
        list(events.filter(provider__provider_id=p).values_list("changed", flat=True))
        for p in ("alone", "together")
    ]
    assert told[0] == told[1]


def test_each_is_signalled(
    scim_client: SCIMTestClient, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    heard: list[str] = []

    def hear(account: LinkedAccount, **rest: Any) -> None:
        heard.append(account.user_name)

    user_provisioned.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            bulk(scim_client, person(1), person(2))
    finally:
        user_provisioned.disconnect(hear)

    assert heard == ["user1@x.example", "user2@x.example"]


def _taken_name() -> dict[str, Any]:
    post(connect(), "USER5@x.example")
    return {}


def _taken_address_of_a_stranger() -> dict[str, Any]:
    make_user("stranger", email="User5@X.example")
    return {}


def _protected() -> dict[str, Any]:
    make_user("user5@x.example ", is_staff=True)
    return {}


def _body_that_is_none() -> dict[str, Any]:
    return {"emails": "no list"}


def _value_that_does_not_fit() -> dict[str, Any]:
    return {"externalId": "", "nickName": 5}


@pytest.mark.parametrize(
    "make",
    [
        _taken_name,
        _taken_address_of_a_stranger,
        _protected,
        _body_that_is_none,
        _value_that_does_not_fit,
    ],
)
def test_who_is_refused_alone_is_refused_among_others(make: Callable[[], dict[str, Any]]) -> None:
    more, client = make(), connect()
    alone = client.request("POST", "/Users", person(5, **more)["data"])

    answer = bulk(client, *(person(n, **(more if n == 5 else {})) for n in range(10)))

    assert alone.status in (400, 409)
    assert statuses(answer) == ["201"] * 5 + [str(alone.status)] + ["201"] * 4
    said = answer.json["Operations"][5]["response"]
    assert (said["detail"], said.get("scimType")) == (
        alone.json["detail"],
        alone.json.get("scimType"),
    )
    failed = ProvisioningEvent.objects.filter(outcome="refused", action="create")
    assert failed.count() == 2  # alone, and among the others


def test_of_two_who_want_the_same_the_first_gets_it(scim_client: SCIMTestClient) -> None:
    again = create("again", "USER3@x.example")

    answer = bulk(scim_client, person(1), person(3), person(2), again)

    assert statuses(answer) == ["201", "201", "201", "409"]


def test_people_who_share_a_mailbox_fare_as_they_do_alone() -> None:
    alone, together = connect("alone"), connect("together")
    for client, mailbox in ((alone, "shop"), (together, "office")):
        shared = [{"value": f"{mailbox}@x.example"}]
        operations = [person(n, emails=shared) for n in range(3)]
        for operation in operations:
            operation["data"]["userName"] = f"{mailbox}{operation['bulkId']}"
        if client is alone:
            expected = [str(client.request("POST", "/Users", o["data"]).status) for o in operations]
        else:
            assert statuses(bulk(client, *operations)) == expected


def test_address_that_a_company_shares_is_read_once() -> None:
    client, shared = connect(), [{"value": "office@x.example"}]
    for number in range(40):
        make_user(f"colleague{number}", email="office@x.example")
    rows: list[int] = []

    def count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        found = execute(sql, *rest)
        if sql.startswith("SELECT"):
            rows.append(rest[-1]["cursor"].rowcount)  # SQLite does not tell
        return found

    with connection.execute_wrapper(count):
        more: list[dict[str, Any]] = [{}, {}, {"emails": shared}, {}]
        answer = bulk(client, *(person(n, **each) for n, each in enumerate(more)))

    assert statuses(answer) == ["201", "201", "409", "201"]
    assert max(rows) < 40


def test_who_was_deleted_comes_back_among_others() -> None:
    client = connect()
    first = post(client, "user2@x.example", externalId="e2").json
    user = host_user(first)
    Invoice.objects.create(user=user)
    client.request("DELETE", f"/Users/{first['id']}")

    answer = bulk(client, *(person(n) for n in range(4)))

    assert statuses(answer) == ["201"] * 4
    assert LinkedAccount.objects.get(user_name="user2@x.example").user_id == user.pk


def test_error_that_ends_the_request_keeps_the_rest_from_being_done(
    scim_client: SCIMTestClient,
) -> None:
    post(scim_client, "user1@x.example")

    answer = bulk(scim_client, *(person(n) for n in range(4)), failOnErrors=1)

    assert statuses(answer) == ["201", "409"]
    assert LinkedAccount.objects.count() == 2


def test_what_fails_while_users_are_saved_undoes_that_person_alone(
    scim_client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_user = DefaultAdapter.create_user

    def clumsy(self: Any, resource: Any, fields: Any) -> Any:
        if fields["username"] == "user2@x.example":  # as a unique column of the project's does
            create_user(self, resource, {**fields, "username": "user1@x.example"})
        return create_user(self, resource, fields)

    monkeypatch.setattr(DefaultAdapter, "create_user", clumsy)

    answer = bulk(scim_client, person(1), person(2), person(3))

    # Nobody is in the way of what the client asked for: it is a fault of the project's.
    assert answer.status == 500
    assert not LinkedAccount.objects.exists()
    assert not get_user_model().objects.filter(username__startswith="user").exists()


class _Finding(DefaultAdapter):
    def find_users(self, fields: dict[str, Any], **offered: Any) -> Any:
        if fields.get("username") == "user2@x.example":
            return get_user_model().objects.filter(username="known")
        return super().find_users(fields, **offered)


def test_adapter_of_the_project_is_asked_about_each(scim_settings: Settings) -> None:
    scim_settings(ADAPTER=f"{__name__}._Finding")
    make_user("known")

    answer = bulk(connect(), *(person(n) for n in range(4)))

    assert statuses(answer) == ["201", "201", "409", "201"]


def test_store_that_creates_in_its_own_way_is_asked_for_each(
    monkeypatch: pytest.MonkeyPatch, scim_client: SCIMTestClient
) -> None:
    class Store(UserStore):
        def create(self, resource: Any, *, scim_id: str | None = None) -> tuple[Stored, bool]:
            resource["title"] = "by the project"
            return super().create(resource, scim_id=scim_id)

    store = Store.__new__(Store)

    assert list(store.create_together([{"userName": "a"}, {"userName": "b"}])) == [None, None]


def test_other_operations_between_keep_their_order(scim_client: SCIMTestClient) -> None:
    first = post(scim_client, "first").json
    rename = patch(f"/Users/{first['id']}", {"op": "replace", "path": "userName", "value": "gone"})

    answer = bulk(scim_client, person(1), person(2), rename, create("x", "first"), person(3))

    assert statuses(answer) == ["201", "201", "200", "201", "201"]


def test_vendor_writes_the_rows_of_all_at_once(scim_client: SCIMTestClient) -> None:
    with CaptureQueriesContext(connection) as context:
        bulk(scim_client, *(person(n) for n in range(30)))

    table = LinkedAccount._meta.db_table
    inserts = [
        q["sql"] for q in context if f'INTO "{table}"' in q["sql"] or f"INTO `{table}`" in q["sql"]
    ]
    assert len(inserts) == 1
    assert vendor_of(connection) is not None
