"""Whatever SCIM changes, or is refused to, leaves one event; what only reads leaves none."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.api import create_scim_user
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.models import (
    LinkedAccount,
    ProvisioningEvent,
)
from django_scim_provider.models.keys import uuid7
from tests.extensions import BADGE_URN
from tests.factories import make_connection, make_token
from tests.people import post, set_active
from tests.scim_client import CORE, ENTERPRISE, GROUP, SEARCH, SCIMTestClient

pytestmark = pytest.mark.django_db


class Trouble(DefaultAdapter):
    """An adapter of the project that fails in several ways, and knows who the caller is."""

    def create_user(self, resource: Resource, fields: dict[str, Any]) -> Any:
        if resource["userName"] == "broken":
            raise RuntimeError("the adapter of the project is broken")
        if resource["userName"] == "away":
            raise OperationalError("the server is gone")
        return super().create_user(resource, fields)

    def me(self) -> str | None:
        account = LinkedAccount.objects.of(self.context.provider_id).order_by("pk").first()
        return None if account is None else str(account.pk)


TROUBLE = f"{__name__}.Trouble"


def told() -> list[tuple[str, str, str, int | None]]:
    """Return the events but those of the token of the test, in the order of their keys."""
    events = ProvisioningEvent.objects.exclude(action="generate_token").order_by("pk")
    return [(e.action, e.resource_type, e.outcome, e.status) for e in events]


SEARCH_BODY = {"schemas": [SEARCH], "filter": "("}
USER = {"schemas": [CORE], "userName": "ann"}


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "event"),
    [
        pytest.param("POST", "/Users", b"{", {}, 400, ("create", "User"), id="no-json"),
        pytest.param("POST", "/Users", {}, {}, 400, ("create", "User"), id="no-user"),
        pytest.param("PATCH", "/Users/1", {}, {}, 400, ("update", "User"), id="no-patch"),
        pytest.param("PUT", "/Users/1", USER, {}, 404, ("update", "User"), id="no-such-user"),
        pytest.param("PUT", "/Me", USER, {}, 501, ("update", "User"), id="nobody-is-me"),
        pytest.param("DELETE", "/Users/1", None, {}, 404, ("delete", "User"), id="not-there"),
        pytest.param("POST", "/Users/1", USER, {}, 405, ("create", "User"), id="no-such-method"),
        pytest.param("PUT", "/", {}, {}, 405, ("update", ""), id="at-the-root"),
        pytest.param("POST", "/Schemas", {}, {}, 405, ("create", ""), id="at-discovery"),
        pytest.param("POST", "/Nothing", {}, {}, 404, ("create", ""), id="at-nothing"),
        pytest.param("PUT", "/Bulk", {}, {}, 405, None, id="no-bulk-request"),
        pytest.param("POST", "/Users/.search", SEARCH_BODY, {}, 400, None, id="search"),
        pytest.param("POST", "/.search", SEARCH_BODY, {}, 400, None, id="search-of-all"),
        pytest.param("GET", "/Users/1", None, {}, 404, None, id="read"),
        pytest.param(
            "POST", "/Users", USER, {"HTTP_ACCEPT": "text/html"}, 406, ("create", "User"), id="html"
        ),
        pytest.param(
            "POST", "/Users", USER, {"CONTENT_TYPE": "text/xml"}, 415, ("create", "User"), id="xml"
        ),
        pytest.param("POST", "/Users", b" " * 999, {}, 413, ("create", "User"), id="too-large"),
        pytest.param("POST", "/Groups", {}, {}, 403, ("create", "Group"), id="no-scope"),
    ],
)
def test_request_that_is_refused_leaves_one_event(
    scim_settings: Any,
    method: str,
    path: str,
    body: Any,
    headers: dict[str, Any],
    status: int,
    event: tuple[str, str] | None,
) -> None:
    scim_settings(MAX_BODY_BYTES=900)
    client = SCIMTestClient(make_token(scopes=["scim.users.read", "scim.users.write"]))

    answer = client.request(method, path, body, **headers)

    assert answer.status == status
    assert told() == ([] if event is None else [(*event, "refused", status)])
    assert set(ProvisioningEvent.objects.values_list("provider", flat=True)) == {"acme"}
    assert all(ProvisioningEvent.objects.values_list("token_id", flat=True))


@pytest.mark.parametrize(
    ("name", "status", "events"),
    [
        pytest.param("broken", 500, [("create", "User", "failed", 500)], id="broken"),
        # The database that is away has no place for it, or has it wait once more; the log has it.
        pytest.param("away", 503, [], id="away"),
    ],
)
def test_change_that_fails_leaves_one_event_where_there_is_a_database(
    scim_client: SCIMTestClient, scim_settings: Any, name: str, status: int, events: list[Any]
) -> None:
    scim_settings(ADAPTER=TROUBLE)

    assert post(scim_client, name).status == status
    assert told() == events


def test_what_stands_in_the_way_is_told(scim_client: SCIMTestClient) -> None:
    ann = post(scim_client, "ann").json
    stale: dict[str, Any] = {"HTTP_IF_MATCH": 'W/"7"'}

    post(scim_client, "ann")
    scim_client.request("PUT", f"/Users/{ann['id']}", USER, **stale)

    events = ProvisioningEvent.objects.filter(outcome="refused").order_by("pk")
    assert [(e.status, e.scim_type, e.resource_id) for e in events] == [
        (409, "uniqueness", ""),
        (412, "", ann["id"]),
    ]


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(None, id="none"),
        pytest.param("nonsense", id="nonsense"),
        pytest.param("revoked", id="revoked"),
        pytest.param("forged", id="right-lookup-wrong-secret"),
    ],
)
@pytest.mark.parametrize("path", ["/Users", "/Bulk", "/Nothing"])
def test_token_that_proves_nothing_leaves_no_event(token: str | None, path: str) -> None:
    old = make_token()
    live = make_token()
    tokens = {"revoked": old, "forged": live[:-6] + "AAAAAA"}
    before = ProvisioningEvent.objects.count()

    answer = SCIMTestClient(tokens.get(str(token), token)).request("POST", path, USER)

    assert answer.status == 401
    assert ProvisioningEvent.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_database_that_is_away_while_the_token_is_asked_for_is_503(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = SCIMTestClient(make_token())

    def away(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("the server is gone")

    monkeypatch.setattr("django_scim_provider.rest.authentication.verify_token", away)
    answer = post(client, "ann")

    assert (answer.status, told()) == (503, [])


def test_request_that_comes_too_soon_leaves_no_event(
    scim_client: SCIMTestClient, scim_settings: Any
) -> None:
    scim_settings(THROTTLE_RATES={"connection": "1/hour"})

    answers = [post(scim_client, name).status for name in ("ann", "bob", "eve")]

    assert answers == [201, 429, 429]
    assert told() == [("create", "User", "done", 201)]


def test_me_is_changed_with_one_event(scim_client: SCIMTestClient, scim_settings: Any) -> None:
    scim_settings(ADAPTER=TROUBLE)
    ann = scim_client.create_user("ann")
    scim_client.patch("/Me", {"op": "add", "path": "title", "value": "T"})
    scim_client.patch("/Me", {"op": "remove", "path": "userName"})
    scim_client.request("DELETE", "/Me")

    assert told() == [
        ("create", "User", "done", 201),
        ("update", "User", "done", 200),
        ("update", "User", "refused", 400),
        ("delete", "User", "done", 204),
    ]
    events = ProvisioningEvent.objects.exclude(action="generate_token")
    assert set(events.values_list("resource_id", flat=True)) == {ann["id"]}


def test_life_of_a_user_and_a_group(scim_client: SCIMTestClient) -> None:
    ann = scim_client.create_user("ann")
    group = {"schemas": [GROUP], "displayName": "g"}
    made = scim_client.request("POST", "/Groups", group).json
    scim_client.patch(
        f"/Groups/{made['id']}", {"op": "add", "path": "members", "value": [{"value": ann["id"]}]}
    )
    set_active(scim_client, ann, False)
    set_active(scim_client, ann, True)
    scim_client.request("DELETE", f"/Groups/{made['id']}")
    scim_client.request("DELETE", f"/Users/{ann['id']}")

    events = ProvisioningEvent.objects.exclude(action="generate_token").order_by("pk")
    assert [(e.action, e.resource_type, e.changed) for e in events] == [
        ("create", "User", "active,userName"),
        ("create", "Group", "displayName"),
        ("update", "Group", "members"),
        ("deactivate", "User", "active"),
        ("activate", "User", "active"),
        ("delete", "Group", ""),
        ("delete", "User", ""),
    ]


def test_attributes_of_extensions_are_named_in_full(scim_settings: Any) -> None:
    scim_settings(EXTENSIONS={"User": ["tests.extensions.BADGE"]})
    client = SCIMTestClient(make_token())
    user = client.create_user(
        "ann", **{ENTERPRISE: {"department": "D", "costCenter": "C"}, BADGE_URN: {"level": 1}}
    )
    path = f"/Users/{user['id']}"
    client.patch(path, {"op": "replace", "path": f"{ENTERPRISE}:department", "value": "E"})
    client.patch(path, {"op": "remove", "path": ENTERPRISE})

    events = ProvisioningEvent.objects.filter(resource_type="User").order_by("pk")

    assert [event.changed.split(",") for event in events] == [
        [
            "active",
            f"{BADGE_URN}:level",
            f"{ENTERPRISE}:costCenter",
            f"{ENTERPRISE}:department",
            "userName",
        ],
        [f"{ENTERPRISE}:department"],
        [f"{ENTERPRISE}:costCenter", f"{ENTERPRISE}:department"],
    ]


def test_code_of_the_project_leaves_an_event_without_a_token() -> None:
    make_connection()

    create_scim_user("acme", {"schemas": [CORE], "userName": "ann"})

    event = ProvisioningEvent.objects.get()
    assert (event.action, event.token_id, event.actor) == ("create", None, None)


def test_unknown_id_is_kept_only_in_the_form_of_an_id(scim_client: SCIMTestClient) -> None:
    key = uuid7()

    for id in (str(key), "ann@x.example", "1'--"):
        scim_client.request("DELETE", f"/Users/{id}")

    ids = ProvisioningEvent.objects.filter(action="delete").values_list("resource_id", flat=True)
    assert sorted(ids) == ["", "", str(key)]
