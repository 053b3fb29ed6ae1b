"""Connections whose profile or switch does not exist: nothing else takes its place."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core import checks
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from django_scim_provider.api import list_scim_users
from django_scim_provider.checks.data import check_data
from django_scim_provider.models import ProviderConnection, ProvisioningEvent
from django_scim_provider.models.connection_profiles import UnknownProfile
from django_scim_provider.rest.management_api.serializers import ConnectionResponse
from tests.factories import make_connection
from tests.people import connect, post


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields", [{"profile": "gone"}, {"profile_switches": {"gone": True}}], ids=["name", "switch"]
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/Users"),
        ("POST", "/Users"),
        ("GET", "/ServiceProviderConfig"),
        ("POST", "/Bulk"),
        ("GET", "/Me"),
        ("GET", "/nowhere"),
    ],
)
def test_every_request_of_a_profile_that_is_gone_fails_and_says_so_in_the_log(
    caplog: pytest.LogCaptureFixture, fields: dict[str, Any], method: str, path: str
) -> None:
    client = connect(**fields)

    with caplog.at_level(logging.ERROR, "django_scim_provider"):
        answer = client.request(method, path, {"userName": "ann"} if method == "POST" else None)

    told = [record.getMessage() for record in caplog.records if "acme" in record.getMessage()]
    assert (answer.status, answer.json["status"]) == (500, "500")
    assert "profile" in answer.json["detail"]
    assert "gone" not in answer.text
    assert any("'gone'" in text for text in told)


@pytest.mark.django_db
def test_failed_change_under_a_profile_that_is_gone_leaves_an_event() -> None:
    post(connect(profile="gone"), "ann")

    event = ProvisioningEvent.objects.get(action="create")
    assert (event.status, event.outcome) == (500, ProvisioningEvent.Outcome.FAILED)


@pytest.mark.django_db
def test_declared_profile_that_goes_is_not_replaced_by_another(
    scim_settings: Callable[..., None],
) -> None:
    scim_settings(PROFILES={"acme": {"base": "okta"}})
    client = connect(profile="acme")
    before = client.get("/Users").status
    scim_settings(PROFILES={})

    assert (before, client.get("/Users").status) == (200, 500)


@pytest.mark.django_db
def test_functions_refuse_a_profile_that_is_gone() -> None:
    make_connection(profile="gone")

    with pytest.raises(UnknownProfile, match="'gone'"):
        list_scim_users("acme")


@pytest.mark.django_db
def test_database_check_finds_rows_whose_profile_or_switch_is_gone() -> None:
    make_connection(provider_id="a", profile="gone")
    make_connection(provider_id="b", profile_switches={"gone": True})
    make_connection(provider_id="c", profile="okta", profile_switches={"dotted_keys": False})

    told = [message for message in check_data(["default"]) if message.id == "scim_provider.W013"]

    assert ["'a'" in told[0].msg, "'b'" in told[1].msg, len(told)] == [True, True, 2]
    assert all(isinstance(message, checks.Warning) for message in told)


@pytest.mark.parametrize(
    "fields",
    [
        {"profile": "gone"},
        {"profile_switches": {"gone": True}},
        {"profile_switches": {"dotted_keys": "yes"}},
        {"profile_switches": ["dotted_keys"]},
    ],
)
@pytest.mark.django_db
def test_model_refuses_what_does_not_exist(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ProviderConnection(provider_id="acme", **fields).full_clean()


@pytest.mark.parametrize("stored", [["dotted_keys"], [], "dotted_keys", 5], ids=repr)
def test_row_whose_switches_are_no_dict_is_shown_and_told_of(root: Client, stored: Any) -> None:
    client = connect(profile_switches=stored)
    connection, out = ProviderConnection.objects.get(), StringIO()

    page = root.get(reverse("admin:scim_provider_providerconnection_change", args=[connection.pk]))
    call_command("scim_status", "--json", stdout=out)

    assert (client.get("/Users").status, page.status_code) == (500, 200)
    assert "must be a dict" in json.loads(out.getvalue())[0]["profile_problem"]
    assert ConnectionResponse(connection).data["profileSwitches"] == {}
