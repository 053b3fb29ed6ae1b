"""The list of connections: what a row says, what it links to, and for whom."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    SCIMToken,
)
from django_scim_provider.models.moments import utc_now
from tests.administration import logged_in, staff, url
from tests.factories import make_connection, make_token
from tests.overview.listed_rows import VIEW, cells, listed, make_busy, rows
from tests.people import make_organization

pytestmark = pytest.mark.django_db


def links(row: str) -> list[str]:
    return [unquote(address) for address in re.findall(r'href="([^"]+)"', row)]


def test_row_says_how_a_connection_is(root: Client) -> None:
    make_organization("corp")
    make_busy(organization_id="corp", profile="entra", name="Acme")
    ProviderConnection.objects.update(drift_count=3)

    (row,) = rows(listed(root))

    found = cells(row)
    assert found["connection_name"] == "Acme acme Microsoft Entra ID · corp"
    assert found["badge"] == "▲ failing"
    assert found["failing"] == "1"
    assert found["last_contact"] == "just now"
    assert (found["people"], found["group_count"], found["drift"]) == ("2", "1", "3")
    assert found["token_end"] == "never ends"
    assert found["requests"].startswith("4 changes in 30 days, 1 refused or failed; most on ")
    assert "<svg" in row


def test_last_contact_is_told_in_words_and_to_the_minute_on_hover(root: Client) -> None:
    make_token(provider_id="acme")
    SCIMToken.objects.update(last_used_at=utc_now() - timedelta(hours=4))

    (row,) = rows(listed(root))

    assert cells(row)["last_contact"] == "4 hours ago"
    moment = re.search(r'<time datetime="([^"]+)" title="([^"]+)"', row)
    assert moment is not None
    assert datetime.fromisoformat(moment[1]) < utc_now()


def test_empty_connection_says_so(root: Client) -> None:
    make_connection(owner=staff("olga"))

    found = cells(rows(listed(root))[0])

    assert found["connection_name"] == "acme Any identity provider · olga"
    assert found["badge"] == "✕ no live token"
    assert (found["last_contact"], found["token_end"]) == ("never", "none")
    assert (found["drift"], found["requests"]) == ("not compared", "No changes in 30 days")


def test_connection_without_organization_and_owner_names_its_product_alone(root: Client) -> None:
    make_connection()

    assert cells(rows(listed(root))[0])["connection_name"] == "acme Any identity provider"


@pytest.mark.parametrize(
    ("fields", "badge"),
    [
        ({"enabled": False}, "‖ disabled"),
        ({"decommissioned_at": "2026-01-01T00:00Z"}, "■ decommissioned"),
    ],
)
def test_closed_connections_are_listed_with_their_state(
    root: Client, fields: dict[str, Any], badge: str
) -> None:
    make_connection(**fields)

    assert cells(rows(listed(root))[0])["badge"] == badge


def test_token_that_ends_first_is_told_and_marked_when_that_is_soon(root: Client) -> None:
    make_token(provider_id="soon", expires_in=timedelta(days=6, hours=1))
    make_token(provider_id="later", expires_in=timedelta(days=60))

    later, soon = rows(listed(root))

    assert cells(soon)["token_end"] == "ends in 6 days"
    assert cells(later)["token_end"].startswith("ends in")
    assert ("scim-warning" in soon, "scim-warning" in later) == (True, False)
    assert 'title="' in soon[soon.index("<time") :]


def test_token_of_the_settings_is_told(root: Client, scim_settings: Any) -> None:
    scim_settings(DEFAULT_SCIM=[{"provider_id": "acme", "scim_token": "s" * 32}])
    make_connection()

    assert cells(rows(listed(root))[0])["token_end"] == "in the settings"


def test_figures_link_to_their_rows(root: Client) -> None:
    connection = make_busy()
    (row,) = rows(listed(root))
    addresses = links(row)

    for page in ("failures", "drift", "health"):
        assert url(ProviderConnection, page, connection.pk) in addresses
    for model in (LinkedAccount, ProvisionedGroup, SCIMToken):
        start = url(model, "changelist") + "?provider=acme"
        (address,) = [each for each in addresses if each.startswith(start)]
        shown = root.get(address.replace("&amp;", "&")).content.decode()
        number = "2" if model is LinkedAccount else "1"
        assert f"{number} {model._meta.verbose_name}" in shown


def test_reader_without_permissions_gets_figures_and_no_links() -> None:
    connection = make_busy()
    reader = logged_in(staff("reader", VIEW))

    (row,) = rows(listed(reader))

    assert cells(row)["people"] == "2"
    of_connection = f"/providerconnection/{connection.pk}/"
    assert {each for each in links(row) if of_connection not in each} == set()
    assert not any("failures" in each for each in links(row))


def test_names_are_escaped(root: Client) -> None:
    make_connection(name="<script>alert(1)</script>", provider_id="a'\"<b>")

    page = listed(root)

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_list_takes_as_many_statements_for_any_number_of_connections(root: Client) -> None:
    make_busy("c0")
    listed(root)  # counts the days that are over
    with CaptureQueriesContext(database) as few:
        listed(root)
    for number in range(1, 5):
        make_busy(f"c{number}")
    listed(root)
    with CaptureQueriesContext(database) as many:
        listed(root)

    assert len(many) == len(few) <= 15
