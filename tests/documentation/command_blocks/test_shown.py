"""What pages show of lines, messages, statements and style sheets is what there is."""

from __future__ import annotations

import base64
import email
import json
import logging
import re
from datetime import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection as database

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import LinkedAccount, OutboxMessage, ProviderConnection
from django_scim_provider.webhooks import endpoint_service
from django_scim_provider.webhooks.signatures import signed_headers
from tests.documentation.blocks import PACKAGE
from tests.documentation.command_blocks.pieces import PIECES, alike
from tests.documentation.command_blocks.reasons import SHOWN
from tests.factories import make_token
from tests.people import post
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db
LOCK_AND_ENDS = re.compile(r"^(?:BEGIN|LOCK TABLE .*|COMMIT)$")
"""A test is in a transaction already, and nobody writes beside it."""
COUNTS = "scim_provider_resource_count"


def shown(name: str) -> str:
    """Return the text of a block by what ``SHOWN`` calls it."""
    (key,) = (key for key, value in SHOWN.items() if value == name)
    (text,) = (piece.text for piece in PIECES if piece.key == key)
    return text


def test_line_of_a_request(scim_client: SCIMTestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="django_scim_provider.requests")
    id = scim_client.create_user("ann")["id"]
    scim_client.patch(f"/Users/{id}", {"op": "replace", "path": "title", "value": "T"})

    assert alike(caplog.messages[-1]) == alike(shown("line of a request"))


def test_message_of_a_webhook(
    scim_client: SCIMTestClient,
    scim_connection: ProviderConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(endpoint_service, "resolved", lambda target: ["93.184.215.14"])
    _, secret = endpoint_service.add_endpoint(scim_connection, "https://hooks.example.com/scim")
    id = scim_client.create_user("ann")["id"]
    scim_client.patch(f"/Users/{id}", {"op": "replace", "path": "title", "value": "T"})
    sent = OutboxMessage.objects.latest("pk")
    signed = signed_headers(f"msg_{sent.pk.hex}", 0, sent.payload.encode(), [secret])

    first, _, rest = shown("message of a webhook").partition("\n")
    message = email.message_from_string(rest)
    body = json.loads(str(message.get_payload()))

    assert first == "POST /scim HTTP/1.1"
    assert set(signed) <= set(message)
    assert [len(message[name]) for name in ("webhook-id", "webhook-signature")] == [
        len(signed[name]) for name in ("webhook-id", "webhook-signature")
    ]
    assert len(base64.b64decode(message["webhook-signature"].removeprefix("v1,"))) == 32
    assert kinds(body) == kinds(json.loads(sent.payload))
    assert (body["type"], body["data"]["changed"]) == ("user.updated", ["title"])
    at = datetime.fromisoformat(body["timestamp"])
    assert int(message["webhook-timestamp"]) == at.timestamp()


def kinds(found: Any) -> Any:
    """Return the keys of an object, with the types of what they hold."""
    if isinstance(found, dict):
        return {key: kinds(value) for key, value in found.items()}
    return type(found)


def test_statements_that_count_anew() -> None:
    post(SCIMTestClient(make_token()), "ann")
    with database.cursor() as cursor:
        if database.vendor != "postgresql":  # where the migration makes no such table
            columns = "provider_id varchar(255), counted varchar(63), change integer"
            cursor.execute(f"CREATE TEMPORARY TABLE {COUNTS} ({columns})")
        for statement in shown("statements that count anew").split(";"):
            if statement.strip() and not LOCK_AND_ENDS.match(statement.strip()):
                cursor.execute(statement)
        cursor.execute(f"SELECT provider_id, counted, change FROM {COUNTS}")

        assert cursor.fetchall() == [("acme", LinkedAccount._meta.db_table, 1)]


def test_variables_of_the_style_sheet() -> None:
    sheet = (PACKAGE / "static/django_scim_provider/portal.css").read_text()
    named = re.findall(r"--scim-[\w-]+(?=:)", shown("variables of the style sheet"))

    assert len(named) == 3
    assert all(f"var({name}" in sheet or f"{name}:" in sheet for name in named)


class DropsLastNames(DefaultAdapter):
    """Writes no other last name than the first one."""

    def update_user(self, user: Any, resource: Any, fields: Any, **more: Any) -> None:
        kept = {name: value for name, value in fields.items() if name != "last_name"}
        super().update_user(user, resource, kept, **more)


def test_faults_that_the_check_prints(
    scim_settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    scim_settings(ADAPTER=f"{__name__}.DropsLastNames")
    with pytest.raises(SystemExit):
        call_command("scim_selfcheck")
    printed = capsys.readouterr().out.replace(f"{__name__}.DropsLastNames", "accounts.scim.Adapter")

    *lines, _, end = shown("faults that the check prints").splitlines()
    text = "\n".join(lines)
    fault, passed = text.split("\npassed", 1)
    assert alike(fault) in alike(printed)
    assert alike(f"passed{passed}") in alike(printed)
    assert re.fullmatch(r".* passed, .* failed, .* skipped\. Nothing of it stays\.", end)
    assert end.endswith(printed.strip().rpartition(". ")[2])
