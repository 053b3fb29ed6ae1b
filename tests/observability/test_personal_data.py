"""Nothing of people, and no secret, in what operators see."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.db import DataError
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry, generate_latest

from django_scim_provider.insight.drift.repair import attempt
from django_scim_provider.storage.transactions import in_transaction
from django_scim_provider.tokens.wire import decode
from tests.factories import make_token
from tests.observability.adapters import HERE as ADAPTERS
from tests.observability.instruments import HERE
from tests.scim_client import CORE, SCIMTestClient

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
ADDRESS = "zaphod.quuxworth@vogsphere.example"
PERSON: dict[str, Any] = {
    "schemas": [CORE],
    "userName": ADDRESS,
    "externalId": "xyzzy-4711",
    "name": {"givenName": "Zaphod", "familyName": "Quuxworth"},
    "displayName": "Zaphod Quuxworth",
    "emails": [{"value": ADDRESS, "type": "work", "primary": True}],
    "phoneNumbers": [{"value": "+49 170 5550123"}],
    "password": "pl0ugh-Secret",
}
MARKS = ("zaphod", "quuxworth", "vogsphere", "xyzzy", "5550123", "pl0ugh", "galumphing")
"""In lower case; no endpoint, operation or class has a word like these."""


def play(client: SCIMTestClient) -> None:
    """Send what an identity provider sends, and what goes wrong, with the person in all of it."""
    user = client.create_user(**{"user_name": ADDRESS, **without(PERSON, "schemas", "userName")})
    path = f"/Users/{user['id']}"
    client.request("POST", "/Users", PERSON)
    client.find(f'userName eq "{ADDRESS}"')
    client.find(f'galumphing eq "{ADDRESS}"')
    client.find(f'emails[value eq "{ADDRESS}"')
    client.get(f"{path}?attributes=galumphing&excludedAttributes={quote(ADDRESS)}")
    client.get(f"/Users/{ADDRESS}")
    client.get(f"/{ADDRESS}/galumphing?{ADDRESS}", HTTP_X_REQUEST_ID=ADDRESS)
    client.get(f"/Schemas/{ADDRESS}")
    client.patch(path, {"op": "replace", "path": "displayName", "value": "Zaphod"})
    client.patch(path, {"op": "replace", "path": f'emails[value eq "{ADDRESS}"].nope', "value": 1})
    client.patch(path, {"op": "galumphing", "path": ADDRESS, "value": ADDRESS})
    client.request("PUT", path, {**PERSON, "galumphing": ADDRESS}, HTTP_IF_MATCH="galumphing")
    client.request("POST", "/Users", b'{"userName": "' + ADDRESS.encode())
    client.request("GALUMPHING", "/Users", PERSON)
    operations: list[dict[str, Any]] = [
        {"method": "POST", "path": "/Users", "bulkId": "galumphing", "data": PERSON},
        {"method": "PATCH", "path": f"/{ADDRESS}/galumphing", "data": PERSON},
        {"method": "GALUMPHING", "path": f"/{ADDRESS}/galumphing", "data": PERSON},
    ]
    client.request("POST", "/Bulk", {"schemas": [BULK], "Operations": operations})
    client.request("DELETE", path)


def without(resource: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if name not in names}


@pytest.fixture
def instruments(
    registry: CollectorRegistry, spans: InMemorySpanExporter, scim_settings: Callable[..., None]
) -> Callable[[], list[str]]:
    """Use both kinds of instruments; return a function that returns all they hold as texts."""
    scim_settings(INSTRUMENTS=[f"{HERE}.counting", f"{HERE}.tracing"])

    def held() -> list[str]:
        page = generate_latest(registry).decode()
        return [page, *(span.to_json() for span in spans.get_finished_spans())]

    return held


def texts(records: list[logging.LogRecord]) -> list[str]:
    """Return all that handlers of any kind could write of the app's records."""
    formatter, found = logging.Formatter(), []
    for record in records:
        if not record.name.startswith("django_scim_provider"):
            continue
        found += [formatter.format(record), repr(record.args), repr(vars(record))]
        if record.exc_info:
            found += traceback.format_exception(record.exc_info[1])
    return found


def marks_in(told: list[str], *more: str) -> set[str]:
    return {mark for mark in (*MARKS, *more) for text in told if mark.lower() in text.lower()}


def test_requests_leave_nothing_of_people_or_tokens(
    db: None, instruments: Callable[[], list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = make_token()
    parts = decode(token)
    assert parts is not None

    play(SCIMTestClient(token))
    play_stranger(token)

    told = [*texts(caplog.records), *instruments()]
    assert len(told) > 60
    assert any("users.patch" in text for text in told)
    assert marks_in(told, token, token[:-2], parts.secret, "stranger-id") == set()


def play_stranger(token: str) -> None:
    """Send requests whose token opens nothing, or that have none."""
    for wrong in (token[:-2], "x" + token, "c2VjcmV0OnN0cmFuZ2VyLWlk", "galumphing", ADDRESS):
        SCIMTestClient(wrong).find(f'userName eq "{ADDRESS}"')
        SCIMTestClient(wrong).request("POST", "/Users", PERSON)
    SCIMTestClient(None).get(f"/{ADDRESS}?access_token={token}")


@pytest.mark.parametrize("adapter", ["Talking", "Doubling"])
def test_faults_leave_nothing_of_people(
    scim_client: SCIMTestClient,
    scim_settings: Callable[..., None],
    instruments: Callable[[], list[str]],
    caplog: pytest.LogCaptureFixture,
    adapter: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    scim_settings(ADAPTER=f"{ADAPTERS}.{adapter}")

    answer = scim_client.request("POST", "/Users", PERSON)

    assert answer.status == 500
    told = [*texts(caplog.records), *instruments()]
    assert any("text withheld" in text and "adapters.py" in text for text in told)
    assert marks_in(told) == set()


@pytest.mark.parametrize("kind", [ValueError, DataError])
def test_repair_that_fails_leaves_nothing_of_people(
    transactional_db: None, caplog: pytest.LogCaptureFixture, kind: type[Exception]
) -> None:
    def work() -> None:
        raise kind("".join(["zap", "hod"]))

    told = in_transaction("default", "", lambda: attempt("default", "key-1", work))

    assert told is not None

    assert "SCIM repair of key-1 failed" in caplog.messages
    assert "text withheld" in caplog.text
    assert marks_in(texts(caplog.records)) == set()
