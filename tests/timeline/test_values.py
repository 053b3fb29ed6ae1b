"""Values before and after a change: off by default, encrypted, for some days, for a permission."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_scim_provider import ciphers
from django_scim_provider.checks import check_settings
from django_scim_provider.models import (
    EventValues,
    LinkedAccount,
    OutboxMessage,
    ProvisioningEvent,
)
from django_scim_provider.storage.history.value_rows import values_of
from tests.administration import logged_in, staff, url
from tests.events.listing import EXPORT
from tests.people import connect, post
from tests.scim_client import ENTERPRISE, SCIMTestClient
from tests.test_bulk import bulk
from tests.test_bulk import patch as bulk_patch
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db

OLD, NEW = "zq7-before", "zq7-after"


def title(value: str) -> dict[str, Any]:
    """Return an operation that sets the title."""
    return {"op": "replace", "path": "title", "value": value}


@pytest.fixture
def client(scim_settings: Any) -> SCIMTestClient:
    """Return a client of a project that keeps values."""
    scim_settings(EVENT_VALUES=7, ALLOW_PASSWORD=True)
    return connect()


@pytest.fixture
def ann(client: SCIMTestClient) -> dict[str, Any]:
    """Return somebody whose title has changed."""
    made: dict[str, Any] = post(client, "ann", title=OLD).json
    assert client.patch(f"/Users/{made['id']}", title(NEW)).status == 200
    return made


def kept() -> list[tuple[str, str | None, str | None]]:
    """Return all that can be read."""
    rows = EventValues.objects.order_by("pk")
    return [(v.name, v.before, v.after) for each in rows for v in values_of(each)]


def test_nothing_is_kept_by_default(scim_client: SCIMTestClient) -> None:
    ann = post(scim_client, "ann", title=OLD).json

    with CaptureQueriesContext(connection) as made:
        scim_client.patch(f"/Users/{ann['id']}", title(NEW))
        scim_client.request("DELETE", f"/Users/{ann['id']}")

    table = EventValues._meta.db_table
    assert not any(table in query["sql"] for query in made)
    assert not EventValues.objects.exists()


def test_values_are_kept_encrypted(ann: dict[str, Any]) -> None:
    row = EventValues.objects.get()

    assert kept() == [("title", OLD, NEW)]
    assert "zq7" not in row.text
    assert timedelta(days=6) < row.until - timezone.now() < timedelta(days=7, seconds=1)


def test_they_are_written_together_with_the_event(client: SCIMTestClient, settings: Any) -> None:
    ann = post(client, "ann", title=OLD).json
    with CaptureQueriesContext(connection) as with_values:
        client.patch(f"/Users/{ann['id']}", title(NEW))
    settings.SCIM_PROVIDER = {**settings.SCIM_PROVIDER, "EVENT_VALUES": 0}
    with CaptureQueriesContext(connection) as without:
        client.patch(f"/Users/{ann['id']}", title("third"))

    apart = connection.vendor == "sqlite"
    assert len(with_values) - len(without) <= (1 if apart else 0)


def test_complex_and_extended_attributes(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    extension = f"{ENTERPRISE}:department"

    client.patch(f"/Users/{ann['id']}", {"op": "add", "path": extension, "value": "d"})
    client.patch(f"/Users/{ann['id']}", {"op": "add", "path": "name.givenName", "value": "Ä"})
    client.patch(f"/Users/{ann['id']}", {"op": "add", "path": "title", "value": "x" * 2000})

    department, name, long = kept()
    assert department == (extension, None, "d")
    assert name[0] == "name"
    assert '"givenName": "Ä"' in str(name[2])
    assert long == ("title", None, "x" * 500 + "…")


def test_passwords_never_are(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json

    client.patch(
        f"/Users/{ann['id']}", {"op": "replace", "path": "password", "value": "zq7-Secret-1"}
    )
    client.patch(
        f"/Users/{ann['id']}",
        {"op": "replace", "value": {"password": "zq7-Secret-2", "title": NEW}},
    )

    assert {name for name, *_ in kept()} == {"title"}
    assert "Secret" not in str(kept())


def test_groups_and_bulk_requests(client: SCIMTestClient, ann: dict[str, Any]) -> None:
    group = make_group(client, OLD)
    operation = {"op": "replace", "path": "displayName", "value": NEW}
    client.patch(f"/Groups/{group['id']}", operation)
    bulk(client, bulk_patch(f"/Users/{ann['id']}", title("third")))

    assert kept()[1:] == [("displayName", OLD, NEW), ("title", NEW, "third")]

    client.request("DELETE", f"/Groups/{group['id']}")
    assert "displayName" not in {name for name, *_ in kept()}


def test_they_go_with_the_account(client: SCIMTestClient, ann: dict[str, Any]) -> None:
    client.request("DELETE", f"/Users/{ann['id']}")

    assert not EventValues.objects.exists()


def test_they_go_where_an_account_is_unlinked(root: Any, ann: dict[str, Any]) -> None:
    account = LinkedAccount.objects.get()

    root.post(url(LinkedAccount, "delete", account.pk), {"post": "yes"})

    assert not LinkedAccount.objects.exists()
    assert not EventValues.objects.exists()


def prune() -> None:
    call_command("scim_prune_events", "--older-than", 999, stdout=StringIO(), stderr=StringIO())


def test_they_go_when_their_days_are_over(ann: dict[str, Any], settings: Any) -> None:
    prune()
    assert EventValues.objects.exists()

    EventValues.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert kept() == []
    prune()
    assert not EventValues.objects.exists()


def test_who_switches_them_off_means_those_there_are(ann: dict[str, Any], settings: Any) -> None:
    settings.SCIM_PROVIDER = {**settings.SCIM_PROVIDER, "EVENT_VALUES": 0}

    assert kept() == []
    call_command(
        "scim_prune_events",
        "--older-than",
        999,
        "--provider",
        "acme",
        stdout=StringIO(),
        stderr=StringIO(),
    )
    assert not EventValues.objects.exists()


def test_another_key_reads_nothing(ann: dict[str, Any], settings: Any) -> None:
    settings.SECRET_KEY = "another"

    assert kept() == []


def test_they_are_in_no_export_webhook_or_log(
    ann: dict[str, Any], root: Any, caplog: pytest.LogCaptureFixture
) -> None:
    export = b"".join(root.get(EXPORT).streaming_content).decode()

    assert "zq7" not in export
    assert "zq7" not in str(list(OutboxMessage.objects.values()))
    assert "zq7" not in str(list(ProvisioningEvent.objects.values()))
    assert "zq7" not in caplog.text
    assert "zq7" not in repr(EventValues.objects.get())


def test_they_are_for_a_permission_of_its_own(ann: dict[str, Any]) -> None:
    page = url(LinkedAccount, "history", LinkedAccount.objects.get().pk)
    may = "view_linkedaccount", "view_provisioningevent"

    seeing = logged_in(staff("seeing", *may, "view_event_values")).get(page).content.decode()
    blind = logged_in(staff("blind", *may)).get(page).content.decode()

    assert OLD in seeing
    assert NEW in seeing
    assert "kept for 7 days, encrypted" in seeing
    assert "zq7" not in blind
    assert "encrypted" not in blind


def test_page_says_that_they_are_off(root: Any, scim_client: SCIMTestClient) -> None:
    post(scim_client, "ann")

    page = root.get(url(LinkedAccount, "history", LinkedAccount.objects.get().pk))

    assert "switched it off" in page.content.decode()


def test_without_the_extra_nothing_is_kept(
    client: SCIMTestClient, root: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django_scim_provider import checks
    from django_scim_provider.admin.event_pages import timelines

    for module in (ciphers, checks, timelines):
        monkeypatch.setattr(module, "ENCRYPTION_AVAILABLE", False)
    ann = post(client, "ann", title=OLD).json
    assert client.patch(f"/Users/{ann['id']}", title(NEW)).status == 200

    page = root.get(url(LinkedAccount, "history", LinkedAccount.objects.get().pk))

    assert not EventValues.objects.exists()
    assert "scim_provider.W027" in {each.id for each in check_settings()}
    assert "Its operator can install" in page.content.decode()


@pytest.mark.parametrize(
    ("days", "ids"), [(90, []), (91, ["scim_provider.E002"]), (-1, ["scim_provider.E002"])]
)
def test_days_have_bounds(scim_settings: Any, days: int, ids: list[str]) -> None:
    scim_settings(EVENT_VALUES=days)

    assert [each.id for each in check_settings()] == ids
