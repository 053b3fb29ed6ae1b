"""What stands on the health page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from django_scim_provider.models import ProviderConnection, SCIMToken
from tests.factories import make_account
from tests.health.conftest import Note
from tests.health.moments import NOON
from tests.health.pages import Elements, address, now_noted, page, staff
from tests.scim_client import CORE

pytestmark = pytest.mark.django_db

HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>'


@pytest.fixture
def root() -> Client:
    return staff("root", is_superuser=True)


def test_empty_connection_has_no_broken_chart(root: Client, connection: ProviderConnection) -> None:
    shown = page(root, connection)

    assert "no live token" in shown
    assert "No request to change anything has arrived" in shown
    assert "None in the last 30 days" in shown
    assert "not compared yet" in shown
    assert 'class="scim-chart' not in shown


def test_charts_have_their_numbers_in_tables(
    root: Client, connection: ProviderConnection, note: Note
) -> None:
    for _ in range(3):
        now_noted(note, connection)
    now_noted(note, connection, outcome="refused", status=409, scim_type="uniqueness")

    shown = page(root, connection)
    elements = Elements(shown)

    charts = [each for each in elements.named("svg") if each.get("role") == "img"]
    labels = {label for each in charts for label in (each["aria-labelledby"] or "").split()}
    ids = {each.get("id") for tag, each in elements.found if tag in ("title", "desc")}
    assert len(charts) == 3
    assert labels == ids - {None}
    assert all("scope" in each for each in elements.named("th"))
    assert len(elements.named("caption")) == len(elements.named("table"))
    numbers = r'<th scope="row">update User</th>(<td class="scim-cell">\d</td>){4}'
    row = re.search(numbers, shown)
    assert row is not None
    assert re.findall(r">(\d)<", row.group()) == ["3", "1", "0", "4"]


def test_page_needs_no_script_and_no_style_of_its_own(
    root: Client, connection: ProviderConnection, note: Note
) -> None:
    now_noted(note, connection, outcome="failed", status=503)

    elements = Elements(page(root, connection).partition("</main>")[0])

    assert not elements.named("script")
    assert not elements.named("style")
    for _, attributes in elements.found:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]


def test_numbers_of_shapes_are_plain_in_every_language(
    root: Client, connection: ProviderConnection, note: Note, settings: Any
) -> None:
    settings.USE_THOUSAND_SEPARATOR = True
    for _ in range(3):
        now_noted(note, connection)

    with translation.override("de"):
        settings.LANGUAGE_CODE = "de"
        elements = Elements(page(root, connection))

    shapes = elements.named("rect") + elements.named("text")
    lengths = [
        each[name] for each in shapes for name in ("x", "y", "width", "height") if each.get(name)
    ]
    assert lengths
    assert all(re.fullmatch(r"\d+(\.\d+)?", length or "") for length in lengths)


def test_failures_of_a_kind_have_one_advice(
    root: Client, connection: ProviderConnection, note: Note
) -> None:
    for number in range(3):
        now_noted(
            note,
            connection,
            action="create",
            outcome="refused",
            status=409,
            scim_type="uniqueness",
            request_id=f"request-{number}",
        )
    now_noted(note, connection, outcome="failed", status=503)

    shown = page(root, connection)

    assert shown.count('<article class="scim-problem">') == 2
    assert shown.count("link the user on the page of failures") == 1
    assert all(f"?q=request-{number}" in shown for number in range(3))
    assert "Documentation: Link existing users" in shown
    assert ".rst" not in shown


def test_advice_links_to_where_the_documentation_is(
    root: Client, connection: ProviderConnection, note: Note, scim_settings: Any
) -> None:
    scim_settings(DOCS_URL="https://docs.example.com")
    now_noted(note, connection, outcome="refused", status=429)

    shown = page(root, connection)

    assert 'href="https://docs.example.com/how-to/limit-requests.html"' in shown


def test_token_that_ends_soon_is_marked(root: Client, connection: ProviderConnection) -> None:
    for lookup, days in (("aaaaaaaa", 13), ("bbbbbbbb", 15)):
        SCIMToken.objects.create(
            provider=connection,
            lookup=lookup,
            secret="stored-secret",
            label=f"label {lookup}",
            scopes=["scim.users.read"],
            expires_at=timezone.now() + timedelta(days=days, minutes=5),
        )

    shown = page(root, connection)

    assert shown.count("scim-soon") == 1
    assert shown.index("aaaaaaaa") < shown.index("scim-soon") < shown.index("bbbbbbbb")
    assert "label aaaaaaaa" in shown
    assert "scim.users.read" in shown
    assert "stored-secret" not in shown


def test_drift_is_shown_with_when_it_was_checked(
    root: Client, connection: ProviderConnection
) -> None:
    ProviderConnection.objects.update(drift_count=0, drift_checked_at=NOON)

    shown = page(root, connection)

    assert re.search(
        r'scim-number"><a href="[^"]+/drift/">0</a></dd>\n.*Users and groups that', shown
    )
    assert "2026-11-25T" in shown


def test_hostile_texts_are_escaped(
    root: Client, connection: ProviderConnection, note: Note
) -> None:
    ProviderConnection.objects.update(name=HOSTILE)
    SCIMToken.objects.create(
        provider=connection, lookup="aaaaaaaa", secret="s", label=HOSTILE, scopes=[HOSTILE]
    )
    key = make_account("acme", {"schemas": [CORE], "userName": HOSTILE}, 1)
    now_noted(
        note,
        connection,
        action=HOSTILE[:32],
        resource_type=HOSTILE[:64],
        scim_type=HOSTILE[:32],
        request_id=HOSTILE[:64],
        resource_id=key,
        outcome="refused",
        status=400,
    )

    content = root.get(address(connection)).content.decode()

    assert HOSTILE not in content
    assert "<img src=x" not in content
    assert "&lt;img src=x" in content


def test_queries_of_the_page_are_the_same_for_any_number_of_rows(
    root: Client, connection: ProviderConnection, note: Note
) -> None:
    page(root, connection)  # keeps the days that are over
    taken = []
    for start, number in ((0, 1), (1, 199)):
        for each in range(start, start + number):
            SCIMToken.objects.create(provider=connection, lookup=f"{each:08}", secret="s")
            key = make_account("acme", {"schemas": [CORE], "userName": f"u{each}"}, each)
            now_noted(note, connection, outcome="refused", status=409, resource_id=key)
        with CaptureQueriesContext(database) as queries:
            page(root, connection)
        taken.append(len(queries))

    assert taken[0] == taken[1] <= 20


def test_days_are_those_of_utc_and_the_page_says_so(
    root: Client, connection: ProviderConnection, note: Note, settings: Any
) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"
    now_noted(note, connection)

    with timezone.override("Asia/Kolkata"):
        shown = page(root, connection)

    assert shown.count("Day (UTC)") == 2  # the axis, and the table
    assert "Days begin and end at midnight UTC." in shown
