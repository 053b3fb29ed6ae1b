"""The server is asked whether it answers as MongoDB can be, and what fails aside is logged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client

from django_scim_provider.importing.sources.tables import key_field, reading_model
from django_scim_provider.models import ProviderConnection
from django_scim_provider.storage.transactions.asides import write_aside
from tests.people import connect, host_user, make_user, post

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


def test_status_names_owners_by_such_keys(capsys: Any) -> None:
    connect("acme")
    owner = make_user("olga")
    ProviderConnection.objects.update(owner=owner)

    call_command("scim_status", "--json")

    assert json.loads(capsys.readouterr().out)[0]["owner"] == str(owner.pk)


def test_people_are_read_from_columns_that_a_package_left() -> None:
    ann = make_user("ann", email="ann@x.example")

    rows = reading_model("auth_user", "default", id=key_field(type(ann)))._base_manager

    assert [row.pk for row in rows.filter(pk__in=[ann.pk])] == [ann.pk]
