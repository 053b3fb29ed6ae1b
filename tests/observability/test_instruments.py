"""The seam for instruments of the project's own, and what becomes of broken ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError

from django_scim_provider.observability import BulkOutcome
from django_scim_provider.tokens import verification
from tests.observability.instruments import HERE
from tests.parallel import in_parallel
from tests.scim_client import SCIMTestClient

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


def test_instrument_of_the_project_is_told_of_requests(
    scim_client: SCIMTestClient, scim_settings: Callable[..., None], seen: list[Any]
) -> None:
    scim_settings(INSTRUMENTS=[f"{HERE}.Noting"])

    user = scim_client.create_user("ann")
    scim_client.get(f"/Users/{user['id']}")

    assert [(each.operation, each.status) for each in seen] == [
        ("users.create", 201),
        ("users.get", 200),
    ]
    assert {each.resource_id for each in seen} == {user["id"]}
    assert {each.provider_id for each in seen} == {"acme"}


def test_nothing_is_told_unless_the_setting_says_so(
    scim_client: SCIMTestClient, seen: list[Any]
) -> None:
    scim_client.get("/Users")

    assert seen == []


def test_broken_instrument_is_logged_and_stops_neither_requests_nor_others(
    scim_client: SCIMTestClient,
    scim_settings: Callable[..., None],
    seen: list[Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    scim_settings(INSTRUMENTS=[f"{HERE}.Failing", f"{HERE}.Noting", f"{HERE}.Failing"])

    answer = scim_client.get("/Users")

    assert answer.status == 200
    assert len(seen) == 1
    assert caplog.messages.count("A SCIM instrument failed: Failing.begin: RuntimeError") == 2
    assert caplog.messages.count("A SCIM instrument failed: Failing.end: RuntimeError") == 2


@pytest.mark.parametrize("path", ["Unmakeable", "Missing"])
def test_instrument_that_cannot_be_made_is_logged_once_and_left_out(
    scim_client: SCIMTestClient,
    scim_settings: Callable[..., None],
    seen: list[Any],
    caplog: pytest.LogCaptureFixture,
    path: str,
) -> None:
    scim_settings(INSTRUMENTS=[f"{HERE}.{path}", f"{HERE}.Noting"])

    answers = [scim_client.get("/Users").status for _ in range(2)]

    assert answers == [200, 200]
    assert len(seen) == 2
    assert caplog.messages.count(f"The SCIM instrument {HERE}.{path} cannot be used") == 1


@pytest.mark.django_db(transaction=True)
def test_first_requests_at_once_make_one_instrument(
    scim_settings: Callable[..., None], registry: Any
) -> None:
    scim_settings(INSTRUMENTS=[f"{HERE}.counting"])

    in_parallel(8, lambda number: SCIMTestClient(None).get("/Users"))

    sample = {"connection": "", "operation": "users.list", "status": "401"}
    assert registry.get_sample_value("scim_requests_total", sample) == 8


def test_bulk_that_stops_tells_only_what_was_tried(
    scim_client: SCIMTestClient, scim_settings: Callable[..., None], seen: list[Any]
) -> None:
    scim_settings(INSTRUMENTS=[f"{HERE}.Noting"])
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "ann"}},
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": {"userName": "ann"}},
        {"method": "POST", "path": "/Users", "bulkId": "c", "data": {"userName": "bob"}},
    ]
    body = {"schemas": [BULK], "Operations": operations, "failOnErrors": 1}

    scim_client.request("POST", "/Bulk", body)

    create = "users.create"
    assert seen[0].bulk == [BulkOutcome(create, 201), BulkOutcome(create, 409)]


def test_database_that_is_away_while_authenticating_is_503_of_nobody(
    scim_client: SCIMTestClient,
    scim_settings: Callable[..., None],
    seen: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the server closed the connection")

    scim_settings(INSTRUMENTS=[f"{HERE}.Noting"])
    monkeypatch.setattr(verification, "read_token_row", away)

    answer = scim_client.request("POST", "/Users", {"userName": "ann"})

    assert answer.status == 503
    assert answer.headers["X-Request-ID"] == seen[0].request_id
    assert (seen[0].provider_id, seen[0].error_type) == (None, "OperationalError")
