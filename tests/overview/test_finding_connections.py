"""The list of connections is sorted, filtered and searched, and says so where it is empty."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import (
    Failure,
    ProviderConnection,
    SCIMToken,
)
from django_scim_provider.models.moments import utc_now
from tests.administration import logged_in, staff, url
from tests.factories import make_connection, make_token
from tests.overview.listed_rows import VIEW, cells, listed, make_busy, rows
from tests.people import connect, make_organization

pytestmark = pytest.mark.django_db


def places(page: str) -> dict[str, str]:
    """Return what sorts by each column that can be sorted."""
    heads = page[page.index('id="result_list"') :]
    heads = heads[: heads.index("</thead>")]
    found = re.findall(
        r'<th scope="col" class="sortable column-(\w+)[^>]*>(.*?)</th>', heads, re.DOTALL
    )
    return {name: re.findall(r'href="\?o=-?(\d+)', head)[0] for name, head in found}


def order(client: Client, column: str, sign: str = "") -> list[str]:
    page = listed(client, o=f"{sign}{places(listed(client))[column]}")
    return re.findall(r'<span class="scim-name">([^<]+)', page)


def test_sorting_by_a_figure_takes_no_more_statements(root: Client) -> None:
    make_busy("c0")
    make_busy("c1")
    listed(root)
    columns = places(listed(root))
    counts = []
    for place in ("", *columns.values()):
        with CaptureQueriesContext(database) as caught:
            listed(root, o=place)
        counts.append(len(caught))

    assert len(columns) == 8
    assert set(counts) == {counts[0]}


def test_connections_are_sorted_by_what_is_shown(root: Client) -> None:
    make_busy("busy")
    make_connection(provider_id="empty", enabled=False, drift_count=7, profile="okta")
    make_token(provider_id="token", expires_in=timedelta(days=3))
    columns = ("badge", "failing", "last_contact", "people", "group_count", "drift")

    firsts = {column: order(root, column, "-") for column in columns}

    assert firsts["badge"][0] == firsts["drift"][0] == "empty"
    assert {firsts[column][0] for column in ("failing", "people", "group_count")} == {"busy"}
    assert firsts["last_contact"][0] == "busy"
    assert order(root, "connection_name") == ["busy", "empty", "token"]


def test_connections_are_sorted_by_the_end_of_tokens_that_live(root: Client) -> None:
    for name, days in (("later", 9), ("sooner", 3), ("gone", 1)):
        make_token(provider_id=name, expires_in=timedelta(days=days))
    SCIMToken.objects.filter(provider__provider_id="gone").update(
        expires_at=utc_now() - timedelta(days=1)
    )

    assert order(root, "token_end") == ["sooner", "later", "gone"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, {"busy", "silent", "off", "ending", "drifted"}),
        ({"state": "disabled"}, {"off"}),
        ({"product": "okta"}, {"busy"}),
        ({"product": "nothing"}, {"busy", "silent", "off", "ending", "drifted"}),
        ({"attention": "failing"}, {"busy"}),
        ({"attention": "silent"}, {"silent", "ending", "drifted"}),
        ({"attention": "token"}, {"ending"}),
        ({"attention": "drift"}, {"drifted"}),
        ({"attention": "nonsense"}, {"busy", "silent", "off", "ending", "drifted"}),
        ({"attention": "failing", "product": "entra"}, set()),
    ],
)
def test_filters_find_what_they_say(root: Client, query: dict[str, str], names: set[str]) -> None:
    make_busy("busy", profile="okta")
    make_connection(provider_id="silent")
    make_connection(provider_id="off", enabled=False)
    make_token(provider_id="ending", expires_in=timedelta(days=13))
    make_connection(provider_id="drifted", drift_count=2)

    found = re.findall(r'<span class="scim-name">([^<]+)', listed(root, **query))

    assert set(found) == names


def test_connection_that_was_read_from_is_not_silent(root: Client) -> None:
    connect("reader").get("/Users")

    assert not rows(listed(root, attention="silent"))


def test_connection_whose_token_is_in_the_settings_is_not_silent_while_it_changes(
    root: Client,
) -> None:
    make_busy("acme")
    SCIMToken.objects.update(last_used_at=None)

    assert not rows(listed(root, attention="silent"))


def test_failures_that_are_settled_count_no_more(root: Client) -> None:
    make_busy()
    Failure.objects.update(state=Failure.State.IGNORED)

    assert cells(rows(listed(root))[0])["failing"] == "0"
    assert not rows(listed(root, attention="failing"))


def test_search_finds_ids_names_and_organizations(root: Client, scim_settings: Any) -> None:
    scim_settings(ORGANIZATION_BACKEND="tests.overview.backends.SearchingBackend")
    for id in ("corp-1", "corp-2"):
        make_organization(id)
    make_connection(provider_id="okta-1", organization_id="corp-1", name="First")
    make_connection(provider_id="okta-2", organization_id="corp-2")

    found = {
        text: re.findall(r'<span class="scim-name">([^<]+)', listed(root, q=text))
        for text in ("okta-1", "first", "corp-2", "Globex", "Nobody", "%")
    }

    assert found == {
        "okta-1": ["First"],
        "first": ["First"],
        "corp-2": ["okta-2"],
        "Globex": ["okta-2"],
        "Nobody": [],
        "%": [],
    }


def test_search_shows_no_personal_connection_of_others(scim_settings: Any) -> None:
    scim_settings(ORGANIZATION_BACKEND="tests.overview.backends.SearchingBackend")
    make_connection(provider_id="mine", owner=staff("boss"))
    make_connection(provider_id="theirs", organization_id="corp-2")

    page = listed(logged_in(staff("reader", VIEW)), q="Globex")

    assert re.findall(r'<span class="scim-name">([^<]+)', page) == ["theirs"]


def test_empty_list_says_what_to_do_next(root: Client) -> None:
    page = listed(root)

    assert "No directory is connected yet." in page
    assert f'class="button" href="{url(ProviderConnection, "add")}"' in page


def test_empty_list_offers_nothing_to_whom_may_not_add() -> None:
    page = listed(logged_in(staff("reader", VIEW)))

    assert "No directory is connected yet." in page
    assert url(ProviderConnection, "add") not in page
    assert "Somebody who may add connections" in page


def test_search_without_result_leads_back_to_all(root: Client) -> None:
    make_connection()

    page = listed(root, q="nothing")

    assert "No connection is like that." in page
    assert "No directory is connected yet." not in page
