"""What is kept of requests, and what that costs."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import IntegrityError, OperationalError
from django.db import connection as database
from django.test import AsyncClient
from django.test.utils import CaptureQueriesContext

from django_scim_provider.connections.recordings.recording_switch import (
    start_recording,
    stop_recording,
)
from django_scim_provider.models import ProviderConnection, RecordedExchange
from django_scim_provider.rest.content import recorded as recording
from django_scim_provider.storage.recorder.keeping import TRIES, Recorded, unsealed
from django_scim_provider.storage.recorder.numbered import NumberedInsert
from tests import large_content
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db
PLANTED = "hunter2-planted"


def told(number: int = 1) -> Recorded:
    found = unsealed(RecordedExchange.objects.get(number=number))
    assert found is not None
    return found


def test_request_and_answer_are_kept(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    made = scim_client.create_user("ann@x.example", title="Engineer")

    row = RecordedExchange.objects.get()
    found = told()
    assert (row.number, row.operation, row.status) == (1, "users.create", 201)
    assert (found.method, found.path) == ("POST", "/Users")
    assert '"title": "Engineer"' in found.body
    assert made["id"] in found.answer
    assert found.answer_headers["Location"] == made["meta"]["location"]
    assert found.answer_headers["Content-Type"] == "application/scim+json"
    assert "scim.users.write" in found.scopes


def test_answer_without_a_body_has_no_type(
    scim_client: SCIMTestClient, acme: ProviderConnection
) -> None:
    made = scim_client.create_user("ann@x.example")
    start_recording(acme, hours=1, most=100)
    answer = scim_client.request("DELETE", f"/Users/{made['id']}")

    assert told().answer_headers.get("Content-Type") == answer.headers.get("Content-Type") is None


def test_query_and_refusal_are_kept(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    scim_client.find('userName zz "ann"')

    found = told()
    assert found.query == {"filter": 'userName zz "ann"'}
    assert RecordedExchange.objects.get().status == 400
    assert "invalidFilter" in found.answer


def test_nothing_is_readable_in_the_table(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    scim_client.create_user("ann@x.example")
    scim_client.find('userName eq "ann@x.example"')

    assert "ann@x.example" not in str(list(RecordedExchange.objects.values()))


def test_no_secret_is_kept_anywhere(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    body = {"schemas": [CORE], "userName": "ann", "password": PLANTED}
    made = scim_client.request("POST", "/Users", body, HTTP_X_API_KEY=PLANTED).json
    path = f"/Users/{made['id']}"
    scim_client.patch(path, {"op": "replace", "path": "password", "value": PLANTED})
    scim_client.patch(path, {"op": "replace", "value": {"password": PLANTED}})
    scim_client.find(f'password eq "{PLANTED}"')
    scim_client.request("POST", "/Users", f'{{"password": "{PLANTED}", '.encode())
    operation = {"method": "POST", "path": "/Users", "bulkId": "a", "data": body}
    scim_client.request("POST", "/Bulk", {"Operations": [operation]})

    rows = list(RecordedExchange.objects.all())
    kept = [
        repr({name: getattr(told(row.number), name) for name in Recorded.__slots__}) for row in rows
    ]
    assert len(kept) == 6
    assert scim_client.token is not None
    for text in (PLANTED, scim_client.token):
        assert not [each for each in kept if text in each]


def test_body_that_is_no_json_is_not_kept(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    scim_client.request("POST", "/Users", b"{broken")

    scim_client.request("POST", "/Users", b"{}")

    assert (told().body, told().note) == ("", "unread")
    assert (told(2).body, told(2).note) == ("{}", "")


def test_long_body_is_cut(scim_client: SCIMTestClient, recorded: ProviderConnection) -> None:
    scim_client.create_user("ann", nickName="n" * 100_000)

    assert (len(told().body), told().note) == (64 * 1024, "cut")


def test_answer_in_pieces_is_kept(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    names = large_content.people(3)

    b"".join(large_content.pieces_of(str(scim_client.token), "/Users?count=3"))

    assert names[0] in told().answer
    assert told().answer_note == "cut"


def test_head_of_an_answer_in_pieces(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    large_content.people(3)

    scim_client.request("HEAD", "/Users?count=3")

    assert (told().method, told().answer, told().answer_note) == ("HEAD", "", "")


def test_answers_under_asgi_are_kept(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    names = large_content.people(3)

    async def ask(path: str) -> bool:
        sent = {"Authorization": f"Bearer {scim_client.token}"}
        response: Any = await AsyncClient().get(f"/scim/v2{path}", headers=sent)
        if response.streaming:
            async for _ in response:
                pass
        return bool(response.streaming)

    assert async_to_sync(ask)("/Users?count=3")
    assert not async_to_sync(ask)("/Users?count=1&attributes=userName")

    assert names[0] in told(1).answer
    assert names[0] in told(2).answer


def test_answer_that_is_too_large_is_told(
    scim_client: SCIMTestClient, recorded: ProviderConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    large_content.people(12)
    monkeypatch.setattr(recording, "LOOKED_AT", 10)

    scim_client.get("/Users?count=12")
    scim_client.get("/Users?count=1")

    for number in (1, 2):
        assert (told(number).answer, told(number).answer_note) == ("", "large")


def test_failing_to_record_what_was_sent_is_logged(
    scim_client: SCIMTestClient,
    recorded: ProviderConnection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(PLANTED)

    large_content.people(12)
    monkeypatch.setattr(recording, "keep", fail)

    assert scim_client.get("/Users?count=12").status == 200

    assert "A SCIM request could not be recorded (RuntimeError)" in caplog.text


@pytest.mark.parametrize(
    ("problems", "kept"),
    [
        pytest.param([IntegrityError()] * 2, True, id="number-taken"),
        pytest.param([IntegrityError()] * TRIES, False, id="number-taken-always"),
        pytest.param([OperationalError()], False, id="fault"),
    ],
)
def test_number_that_is_taken_is_asked_for_again(
    scim_client: SCIMTestClient,
    recorded: ProviderConnection,
    monkeypatch: pytest.MonkeyPatch,
    problems: list[Exception],
    kept: bool,
) -> None:
    run, left = NumberedInsert.run_numbered, list(problems)

    def refused(*arguments: Any, **options: Any) -> int:
        if left:
            raise left.pop()
        return run(*arguments, **options)

    monkeypatch.setattr(NumberedInsert, "run_numbered", refused)

    assert scim_client.get("/Users").status == 200
    assert RecordedExchange.objects.exists() == kept


def test_empty_answer(scim_client: SCIMTestClient, recorded: ProviderConnection) -> None:
    made = scim_client.create_user("ann")
    scim_client.request("DELETE", f"/Users/{made['id']}")

    assert (told(2).answer, told(2).answer_note, told(2).path) == ("", "", f"/Users/{made['id']}")


def test_it_costs_one_statement_and_nothing_when_it_is_off(
    scim_client: SCIMTestClient, acme: ProviderConnection
) -> None:
    made = scim_client.create_user("ann")

    def statements() -> int:
        with CaptureQueriesContext(database) as seen:
            scim_client.get(f"/Users/{made['id']}")
        return len([each for each in seen if "SAVEPOINT" not in each["sql"]])

    off = statements()
    start_recording(acme, hours=1, most=100)
    on = statements()
    stop_recording(acme)

    assert (off, on, statements()) == (2, 3, 2)


def test_failing_to_record_fails_nothing(
    scim_client: SCIMTestClient,
    recorded: ProviderConnection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(PLANTED)

    monkeypatch.setattr(recording, "keep", fail)

    scim_client.create_user("ann")
    assert scim_client.get("/Users").status == 200

    assert "A SCIM request could not be recorded (RuntimeError)" in caplog.text
    assert PLANTED not in caplog.text
