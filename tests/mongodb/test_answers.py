"""The server is asked whether it answers as MongoDB can be, and what fails aside is logged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client

from django_scim_provider.storage.transactions.asides import write_aside
from tests.people import connect, host_user, post

pytestmark = pytest.mark.django_db(transaction=True)


def test_health_is_known() -> None:
    assert Client().get("/scim/v2/health").status_code == 200


def test_record_that_cannot_be_written_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def write() -> None:
        raise DatabaseError("refused")

    write_aside("default", "The record", write)

    assert "The record was not written (DatabaseError" in caplog.text


def test_drift_names_users_by_keys_that_json_has_no_form_for(capsys: Any) -> None:
    ann = post(connect("acme"), "ann@x.example").json
    user = host_user(ann)
    user.is_active = False
    user.save()

    call_command("scim_drift", "--json")

    finding, _ = map(json.loads, capsys.readouterr().out.splitlines())
    assert finding["user"] == str(user.pk)
