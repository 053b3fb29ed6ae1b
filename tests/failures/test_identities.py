"""Who was refused: kept encrypted for some days, and nowhere else."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from django_scim_provider import ciphers
from django_scim_provider.checks import check_deployment, check_settings
from django_scim_provider.connections.lifecycle import close_connection
from django_scim_provider.models import Failure, ProviderConnection
from django_scim_provider.models.moments import utc_now
from django_scim_provider.storage.failures.identities import identity_of
from tests.failures.test_recording import only, post
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)
NAME, EXTERNAL_ID = "ann.kept@x.example", "00u1-kept"


@pytest.fixture
def refused(scim_client: SCIMTestClient) -> Failure:
    post(scim_client, NAME, externalId=EXTERNAL_ID, active="perhaps")
    return only()


def test_name_and_external_id_are_kept(refused: Failure) -> None:
    identity = identity_of(refused)

    assert identity is not None
    assert (identity.name, identity.external_id) == (NAME, EXTERNAL_ID)
    assert NAME not in repr(identity)


def test_no_column_has_them_in_clear(refused: Failure) -> None:
    row = Failure.objects.filter(pk=refused.pk).values().get()

    assert not {each for each in row.values() if "kept" in str(each)}


def test_no_log_line_has_them(scim_client: SCIMTestClient, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)

    post(scim_client, NAME, externalId=EXTERNAL_ID, active="perhaps")

    ours = [r.getMessage() for r in caplog.records if r.name.startswith("django_scim_provider")]
    assert not any("kept" in line for line in ours)


def test_long_ones_are_cut(scim_client: SCIMTestClient) -> None:
    post(scim_client, "u" * 300)

    identity = identity_of(only())
    assert identity is not None
    assert identity.name == "u" * 128
    assert not identity.is_whole


def test_they_are_not_shown_when_the_days_are_over(refused: Failure) -> None:
    assert refused.identity_until is not None
    assert timedelta(days=6) < refused.identity_until - utc_now() <= timedelta(days=7)

    refused.identity_until = utc_now()

    assert identity_of(refused) is None


def test_shorter_time_holds_for_those_that_are_kept(
    refused: Failure, scim_settings: Callable[..., None]
) -> None:
    refused.last_at = utc_now() - timedelta(days=2)
    assert identity_of(refused) is not None

    scim_settings(FAILED_IDENTITIES=1)

    assert identity_of(refused) is None


def test_pruning_deletes_those_whose_days_are_over(refused: Failure) -> None:
    call_command("scim_prune_events", older_than=30, verbosity=0)
    assert only().identity != ""

    Failure.objects.update(identity_until=utc_now())
    call_command("scim_prune_events", older_than=30, verbosity=0)

    assert (only().identity, only().identity_until) == ("", None)


def test_pruning_deletes_failures_that_are_long_over(refused: Failure, capsys: Any) -> None:
    Failure.objects.update(last_at=utc_now() - timedelta(days=31))

    call_command("scim_prune_events", older_than=30, verbosity=0)

    assert not Failure.objects.exists()
    assert "Deleted 1 failures as well." in capsys.readouterr().out


def test_they_go_with_the_connection(refused: Failure) -> None:
    close_connection(ProviderConnection.objects.get())

    assert only().identity == ""


@pytest.mark.parametrize("days", [0, 7])
def test_nothing_is_kept_where_it_may_not_or_cannot_be(
    scim_client: SCIMTestClient,
    scim_settings: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    days: int,
) -> None:
    scim_settings(FAILED_IDENTITIES=days)
    monkeypatch.setattr(ciphers, "ENCRYPTION_AVAILABLE", days == 0)

    post(scim_client, NAME, externalId=EXTERNAL_ID, active="perhaps")

    assert (only().identity, only().identity_until) == ("", None)


def test_other_secret_key_opens_nothing(refused: Failure, settings: Any) -> None:
    settings.SECRET_KEY = "another key, which is as long as keys are supposed to be"

    assert identity_of(refused) is None


@pytest.mark.parametrize(("days", "right"), [(0, True), (30, True), (31, False), (-1, False)])
def test_number_of_days_is_checked(
    scim_settings: Callable[..., None], days: int, right: bool
) -> None:
    scim_settings(FAILED_IDENTITIES=days)

    found = [each for each in check_settings() if "FAILED_IDENTITIES" in each.msg]
    assert (found == []) is right


def test_missing_package_is_told(
    scim_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_scim_provider.checks.ENCRYPTION_AVAILABLE", False)
    monkeypatch.setattr(ciphers, "ENCRYPTION_AVAILABLE", False)
    assert "scim_provider.I023" in {each.id for each in check_deployment()}

    scim_settings(FAILED_IDENTITIES=7)
    assert "scim_provider.W023" in {each.id for each in check_settings()}

    scim_settings(FAILED_IDENTITIES=0)
    assert not {"scim_provider.W023", "scim_provider.I023"} & {
        each.id for each in (*check_settings(), *check_deployment())
    }
