"""Rotating the tokens of many connections: the new ones are in one answer and nowhere else."""

from __future__ import annotations

import csv
import io
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.test import Client

from django_scim_provider.admin.bulk_actions import rotation
from django_scim_provider.admin.bulk_actions.rotation import key_for
from django_scim_provider.connections.decommission import decommission
from django_scim_provider.connections.recent_login import SESSION_KEY
from django_scim_provider.models import ProviderConnection, ProvisioningEvent, SCIMToken
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import utc, utc_now
from tests.administration import logged_in, staff
from tests.console.choosing import address, choose, confirm, fields, text_of
from tests.factories import make_connection, make_token
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db
MAY = ("view_providerconnection", "rotate_scimtoken")


@pytest.fixture
def old() -> dict[str, str]:
    """Return the tokens of three connections."""
    return {f"c{n}": make_token(provider_id=f"c{n}") for n in range(3)}


def rows(answer: Any) -> list[dict[str, str]]:
    assert answer["Content-Type"] == "text/csv; charset=utf-8", answer.content
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def rotate(client: Client, **answers: Any) -> Any:
    return confirm(
        client, "rotate", choose(client, "rotate"), **{"part": "0", "overlap": "24", **answers}
    )


def opens(token: str) -> int:
    return SCIMTestClient(token).request("GET", "/Users").status


def test_both_tokens_work_for_a_day(root: Client, old: dict[str, str]) -> None:
    found = rows(rotate(root))

    assert [row["provider_id"] for row in found] == ["c0", "c1", "c2"]
    for row in found:
        assert row["problem"] == ""
        assert row["base_url"] == "http://testserver/scim/v2"
        assert [opens(row["token"]), opens(old[row["provider_id"]])] == [200, 200]
    left = utc(SCIMToken.objects.order_by("pk")[0].expires_at) - utc_now()
    assert timedelta(hours=23) < left <= timedelta(hours=24)


def test_earlier_tokens_end_at_once_where_that_is_chosen(root: Client, old: dict[str, str]) -> None:
    found = rows(rotate(root, at_once="on"))

    assert {opens(row["token"]) for row in found} == {200}
    assert {opens(token) for token in old.values()} == {401}


def test_tokens_are_nowhere_but_in_the_answer(
    root: Client, old: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    answer = rotate(root)
    tokens = [row["token"] for row in rows(answer)]

    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "attachment" in answer["Content-Disposition"]
    kept = [
        *(str(each) for each in LogEntry.objects.values_list()),
        *(str(each) for each in ProvisioningEvent.objects.values_list()),
        *(str(each) for each in SCIMToken.objects.values_list()),
        *(str(each) for each in get_messages(answer.wsgi_request)),
        str(dict(root.session)),
        caplog.text,
    ]
    assert not [text for text in kept for token in tokens if token in text]
    assert LogEntry.objects.filter(change_message__startswith="Generated token").count() == 3


def test_same_form_makes_no_further_tokens(root: Client, old: dict[str, str]) -> None:
    page = choose(root, "rotate")
    first = rows(confirm(root, "rotate", page, part="0", overlap="24"))

    again = rows(confirm(root, "rotate", page, part="0", overlap="24"))

    assert [row["token"] for row in again] == ["", "", ""]
    assert {row["problem"] for row in again} == {"This token was already generated."}
    assert SCIMToken.objects.count() == 6
    assert {opens(row["token"]) for row in first} == {200}


def test_many_come_in_several_files(
    root: Client, old: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "PART", 2)
    page = choose(root, "rotate")
    assert "Rotate and download 1 to 2" in text_of(page)
    assert "Rotate and download 3 to 3" in text_of(page)

    files = [confirm(root, "rotate", page, part=part, overlap="24") for part in ("0", "1")]

    ids = [[row["provider_id"] for row in rows(each)] for each in files]
    assert ids == [["c0", "c1"], ["c2"]]
    for part in ("2", "x", "", "-1"):
        assert confirm(root, "rotate", page, part=part, overlap="24").status_code == 302


def test_log_in_of_long_ago_gets_no_tokens(old: dict[str, str]) -> None:
    joe = logged_in(staff("joe", *MAY))
    page = choose(joe, "rotate")
    session = joe.session
    session[SESSION_KEY] = utc_now().timestamp() - 601
    session.save()

    sent = confirm(joe, "rotate", page, part="0", overlap="24")
    asked = choose(joe, "rotate")
    again = joe.post(address("rotate"), {"part": "log_in"})

    assert sent.status_code == 403
    assert "Log in again" in text_of(sent)
    assert "Log in again" in text_of(asked)
    assert b'name="part" value="0"' not in asked.content
    assert again["Location"].startswith("/admin/login/?next=")
    assert SESSION_KEY not in joe.session
    assert SCIMToken.objects.count() == 3


def test_cells_are_no_formulas(root: Client) -> None:
    make_token(provider_id="=1+1")
    ProviderConnection.objects.update(name="@SUM(A1)")

    (row,) = rows(rotate(root))

    assert (row["provider_id"], row["name"]) == ("'=1+1", "'@SUM(A1)")
    assert opens(row["token"]) == 200


def test_what_cannot_be_rotated_is_told_in_its_line(
    root: Client, old: dict[str, str], scim_settings: Any
) -> None:
    scim_settings(MAX_LIVE_TOKENS=1, RESERVED_PROVIDER_IDS=["c1"])
    make_connection(provider_id="empty")
    decommission(ProviderConnection.objects.get(provider_id="c2"))
    joe = logged_in(staff("joe", *MAY))

    problems = {row["provider_id"]: row["problem"] for row in rows(rotate(joe))}

    assert problems == {
        "c0": "Too many tokens are live; revoke one first.",
        "c1": "is the operator's: only superusers manage it",
        "c2": "is decommissioned",
        "empty": "has no token that could be replaced",
    }


def test_connections_of_others_get_no_token(old: dict[str, str]) -> None:
    joe = logged_in(staff("joe", *MAY))
    page = choose(joe, "rotate")
    ProviderConnection.objects.filter(provider_id="c0").update(owner=staff("boss"))

    found = rows(confirm(joe, "rotate", page, part="0", overlap="24"))

    assert [row["provider_id"] for row in found] == ["", "c1", "c2"]
    assert SCIMToken.objects.filter(provider__provider_id="c0").count() == 1


def test_what_is_not_reached_in_time_is_told(
    root: Client, old: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(0, 1000, 11))
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))

    found = rows(rotate(root))

    assert [bool(row["token"]) for row in found] == [True, False, False]
    assert "was not reached in time" in found[2]["problem"]


def test_wrong_answer_is_asked_again(root: Client, old: dict[str, str]) -> None:
    page = rotate(root, overlap="x")

    assert page.status_code == 200
    assert "3 connections are chosen" in text_of(page)
    assert fields(page)["chosen"]
    assert SCIMToken.objects.count() == 3


def test_expiry_is_that_of_the_form(root: Client, old: dict[str, str]) -> None:
    found = rows(rotate(root, expires_in="30", label="yearly"))

    assert all(row["expires_at"] for row in found)
    assert SCIMToken.objects.filter(label="yearly").count() == 3


def test_key_of_a_token_is_of_version_7_and_follows_from_the_form() -> None:
    form, one, two = uuid7(), uuid7(), uuid7()

    key = key_for(form, one)

    assert key == key_for(form, one)
    assert len({key, key_for(form, two), key_for(uuid7(), one)}) == 3
    assert (key.version, key.variant) == (7, UUID(int=0x2 << 62).variant)
    assert key.bytes[:6] == form.bytes[:6]
