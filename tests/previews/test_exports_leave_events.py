"""Who takes out a file is in the events of the connections of which it tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import django_scim_provider
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisioningEvent,
    RoleMapping,
)
from tests.administration import logged_in, staff, url
from tests.people import connect, post
from tests.previews.conftest import Company, file_of

pytestmark = pytest.mark.django_db


def taken() -> list[tuple[str, str, str]]:
    """Return connection, action and person of the events of exports."""
    rows = ProvisioningEvent.objects.filter(action__startswith="export_").order_by("provider")
    return [(str(row.provider_id), row.action, str(row.actor)) for row in rows]


@pytest.mark.parametrize(
    ("page", "action"),
    [
        ("decommission", "export_consequences"),
        ("switch", "export_consequences"),
        ("drift", "export_drift"),
    ],
)
def test_file_of_a_page_of_a_connection(
    root: Client, company: Company, page: str, action: str
) -> None:
    address = url(ProviderConnection, page, company.connection.pk)

    root.get(address)
    assert taken() == []
    file_of(root.get(address, {"csv": ""}))

    assert taken() == [("acme", action, "root")]


def test_file_of_a_mapping(root: Client, company: Company) -> None:
    address = url(RoleMapping, "add")
    shown = root.post(address, company.answers()).context["effects"][0].fingerprint
    file_of(root.post(address, company.answers(_csv="yes", shown=shown)))
    assert taken() == [("acme", "export_roles", "root")]

    company.map(root)
    address = url(RoleMapping, "delete", RoleMapping.objects.get().pk)
    shown = root.get(address).context["effects"][0].fingerprint
    file_of(root.post(address, {"_csv": "yes", "shown": shown}))

    assert taken() == [("acme", "export_roles", "root")] * 2


def test_file_of_accounts_is_told_to_each_of_their_connections(
    root: Client, company: Company
) -> None:
    post(connect("corp"), "eve")
    chosen = [str(row.pk) for row in LinkedAccount.objects.all()]
    answers = {"action": "delete_selected", "_selected_action": chosen, "_csv": "yes"}

    file_of(root.post(url(LinkedAccount, "changelist"), answers))

    assert taken() == [(id, "export_consequences", "root") for id in ("acme", "corp")]


def test_events_of_a_connection_are_told_to_that_one(root: Client, company: Company) -> None:
    post(connect("corp"), "eve")
    address = url(ProvisioningEvent, "export")

    file_of(root.get(address, {"provider": "corp"}))
    assert taken() == [("corp", "export_events", "root")]
    file_of(root.get(address))

    assert taken() == [
        ("acme", "export_events", "root"),
        *[("corp", "export_events", "root")] * 2,
    ]


def test_who_gets_no_file_leaves_no_event(company: Company) -> None:
    own = ("view_providerconnection", "decommission_providerconnection")
    eve = logged_in(staff("eve", *own))

    eve.get(url(ProviderConnection, "decommission", company.connection.pk), {"csv": ""})

    assert taken() == []


def test_each_file_goes_this_way() -> None:
    """Nothing but this, and the file of new tokens, answers with a table."""
    package = Path(str(django_scim_provider.__file__)).parent
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "text/csv" in path.read_text()
    }

    assert found == {"insight/downloads.py", "admin/bulk_actions/rotation.py"}


def test_page_of_the_event_says_it_in_words(root: Client, company: Company) -> None:
    file_of(root.get(url(ProviderConnection, "decommission", company.connection.pk), {"csv": ""}))
    event = ProvisioningEvent.objects.get(action="export_consequences")

    page: Any = root.get(url(ProvisioningEvent, "change", event.pk))

    assert "Exported whom a change would touch" in page.content.decode()
