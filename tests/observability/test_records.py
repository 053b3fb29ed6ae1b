"""One log record for each request, of ids, at a level that means something."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from django_scim_provider.models import SCIMToken
from django_scim_provider.observability.logs import level_of
from tests.factories import make_token
from tests.observability.adapters import HERE as ADAPTERS
from tests.observability.conftest import Records
from tests.scim_client import CORE, SCIMTestClient

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
NOBODY = "01234567-89ab-7def-8123-456789abcdef"


def test_record_names_request_connection_token_and_resource(
    scim_client: SCIMTestClient, records: Records
) -> None:
    user = scim_client.create_user("ann@x.example")

    (record,) = records()
    assert record.levelno == logging.INFO
    assert record.operation == "users.create"
    assert record.path == "/Users"
    assert record.provider_id == "acme"
    assert record.token_id == str(SCIMToken.objects.get().pk)
    assert record.resource_id == user["id"]
    assert (record.status, record.scim_type, record.error_type) == (201, "", "")
    assert record.duration_ms > 0
    assert record.getMessage() == (
        f"SCIM users.create /Users of acme: 201 in {record.duration_ms} ms"
        f" (request {record.request_id})"
    )


@pytest.mark.parametrize(
    ("method", "path", "operation", "shown", "status"),
    [
        ("GET", "/Users?filter=userName+eq+%22x%22", "users.list", "/Users", 200),
        ("GET", f"/Users/{NOBODY}", "users.get", f"/Users/{NOBODY}", 404),
        ("HEAD", f"/Users/{NOBODY}/", "users.get", f"/Users/{NOBODY}", 404),
        ("GET", "/Users/ann@x.example", "users.get", "/Users/*", 404),
        ("PUT", f"/Groups/{NOBODY}", "groups.replace", f"/Groups/{NOBODY}", 404),
        ("PATCH", f"/Groups/{NOBODY}", "groups.patch", f"/Groups/{NOBODY}", 400),
        ("DELETE", f"/Groups/{NOBODY}", "groups.delete", f"/Groups/{NOBODY}", 404),
        ("POST", "/Groups/.search", "groups.search", "/Groups/.search", 200),
        ("DELETE", "/Users", "users.unsupported", "/Users", 405),
        ("GET", "/Schemas", "discovery", "/Schemas", 200),
        ("GET", "/Schemas/ann@x.example", "discovery", "/Schemas/*", 404),
        ("GET", "/ResourceTypes/User", "discovery", "/ResourceTypes/*", 200),
        ("GET", "/ServiceProviderConfig", "discovery", "/ServiceProviderConfig", 200),
        ("GET", "/", "root.list", "/", 200),
        ("POST", "/.search", "root.search", "/.search", 200),
        ("GET", "/Me", "me.get", "/Me", 501),
        ("POST", "/Bulk", "bulk", "/Bulk", 400),
        ("GET", "/scim/v2/users/ann@x.example", "unknown", "/scim/v2/Users/*", 404),
        ("GET", "/ann%0Aforged", "unknown", "/*", 404),
        ("OPTIONS", "/Users", "users.unsupported", "/Users", 405),
    ],
)
def test_operation_and_path_say_what_was_asked(
    scim_client: SCIMTestClient,
    records: Records,
    method: str,
    path: str,
    operation: str,
    shown: str,
    status: int,
) -> None:
    body: Any = {} if method in ("POST", "PUT", "PATCH") else None

    answer = scim_client.request(method, path, body)

    (record,) = records()
    assert (record.operation, record.path) == (operation, shown)
    assert record.status == answer.status == status


def test_error_is_recorded_with_its_scim_type(
    scim_client: SCIMTestClient, records: Records
) -> None:
    scim_client.find('userName foo "x"')

    (record,) = records()
    assert record.levelno == logging.WARNING
    assert (record.status, record.scim_type) == (400, "invalidFilter")


def test_failed_authentication_names_no_connection(db: None, records: Records) -> None:
    token = make_token(provider_id="acme")

    SCIMTestClient("x" + token[1:]).get("/Users", HTTP_X_REQUEST_ID="of-the-proxy")

    (record,) = records()
    assert record.levelno == logging.INFO
    assert (record.status, record.request_id) == (401, "of-the-proxy")
    assert (record.provider_id, record.token_id) == (None, None)


def test_public_discovery_is_recorded_of_nobody(
    db: None, scim_settings: Callable[..., None], records: Records
) -> None:
    scim_settings(PUBLIC_DISCOVERY=True)

    SCIMTestClient(None).get("/Schemas")

    (record,) = records()
    assert (record.operation, record.status, record.provider_id) == ("discovery", 200, None)


def test_missing_scope_names_the_connection_that_lacks_it(db: None, records: Records) -> None:
    client = SCIMTestClient(make_token(scopes=["scim.groups.read"]))

    client.get("/Users")

    (record,) = records()
    assert record.levelno == logging.WARNING
    assert (record.status, record.provider_id) == (403, "acme")


def test_fault_is_an_error_with_the_kind_of_the_exception(
    scim_client: SCIMTestClient,
    scim_settings: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
    records: Records,
) -> None:
    scim_settings(ADAPTER=f"{ADAPTERS}.Talking")
    body = {"schemas": [CORE], "userName": "ann", "name": {"familyName": "Lee"}}

    answer = scim_client.request("POST", "/Users", body)

    (record,) = records()
    assert record.levelno == logging.ERROR
    assert (record.status, record.error_type) == (500, "ValueError")
    (fault,) = [each for each in caplog.records if each.name == "django_scim_provider"]
    id = answer.headers["X-Request-ID"]
    assert fault.getMessage() == f"SCIM users.create /Users failed (request {id})"
    assert fault.__dict__["request_id"] == id


def test_request_that_ends_its_worker_is_recorded(
    scim_client: SCIMTestClient, scim_settings: Callable[..., None], records: Records
) -> None:
    scim_settings(ADAPTER=f"{ADAPTERS}.Leaving")

    with pytest.raises(SystemExit):
        scim_client.create_user("ann")

    (record,) = records()
    assert (record.status, record.error_type) == (500, "SystemExit")


def test_bulk_record_counts_operations(scim_client: SCIMTestClient, records: Records) -> None:
    operations = [
        {"method": "DELETE", "path": f"/Users/{NOBODY}"},
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "ann"}},
    ]

    scim_client.request("POST", "/Bulk", {"schemas": [BULK], "Operations": operations})

    (record,) = records()
    assert (record.operation, record.bulk_operations, record.bulk_failed) == ("bulk", 2, 1)


@pytest.mark.parametrize(
    ("status", "level"),
    [
        *((status, "INFO") for status in (200, 304, 401, 404, 409, 412)),
        *((status, "WARNING") for status in (400, 403, 413, 429, 501)),
        *((status, "ERROR") for status in (500, 503)),
    ],
)
def test_level_is(status: int, level: str) -> None:
    assert logging.getLevelName(level_of(status)) == level


def test_record_factory_of_the_project_may_have_request_ids(
    scim_client: SCIMTestClient, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    def factory(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = logging.LogRecord(*args, **kwargs)
        record.__dict__["request_id"] = "of the project"
        return record

    monkeypatch.setattr(logging, "_logRecordFactory", factory)

    answer = scim_client.get("/Users", HTTP_X_REQUEST_ID="r-1")

    (record,) = records()
    assert answer.status == 200
    assert record.request_id == "r-1"


def test_nothing_is_put_together_where_the_level_is_off(
    scim_client: SCIMTestClient, records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "django_scim_provider.requests")

    scim_client.get("/Users")
    scim_client.get("/Users?filter=x")

    assert [record.status for record in records()] == [400]
