"""The page: who sees it, and what stands on it."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from django_scim_provider.admin.connections import PAGES
from django_scim_provider.admin.health_page import HealthPage
from django_scim_provider.models import ProviderConnection, SCIMToken
from tests.factories import make_account, make_connection
from tests.health.conftest import Note
from tests.health.moments import NOON
from tests.scim_client import CORE

pytestmark = pytest.mark.django_db

VIEW = "view_providerconnection"
HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>'


class Elements(HTMLParser):
    """Collects the elements of a page with their attributes, and text by element."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag == name]


def staff(name: str, *permissions: str, **fields: Any) -> Client:
    user = get_user_model()._default_manager.create(username=name, is_staff=True, **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def root() -> Client:
    return staff("root", is_superuser=True)


def address(connection: ProviderConnection) -> str:
    return reverse("admin:scim_provider_providerconnection_health", args=[connection.pk])


def page(client: Client, connection: ProviderConnection) -> str:
    """Return the part of the page that is ours."""
    response = client.get(address(connection))
    assert response.status_code == 200
    content: str = response.content.decode()
    return content[content.index('<div class="scim-health">') :]


def now_noted(note: Note, connection: ProviderConnection, **fields: Any) -> None:
    note(connection, at=timezone.now() - timedelta(minutes=1), **fields)


def test_page_comes_first_and_is_linked(root: Client, connection: ProviderConnection) -> None:
    change = reverse("admin:scim_provider_providerconnection_change", args=[connection.pk])

    assert PAGES[0] is HealthPage
    assert address(connection) in root.get(change).content.decode()


def test_other_pages_are_linked_to_those_who_may_open_them(connection: ProviderConnection) -> None:
    other = reverse("admin:scim_provider_providerconnection_generate_token", args=[connection.pk])
    reader, maker = staff("reader", VIEW), staff("maker", VIEW, "add_scimtoken")

    seen = [other in client.get(address(connection)).content.decode() for client in (reader, maker)]

    assert seen == [False, True]


def test_permission_to_view_connections_is_needed(connection: ProviderConnection) -> None:
    answers = [
        staff(name, *permissions).get(address(connection)).status_code
        for name, permissions in (
            ("none", ()),
            ("other", ("view_scimtoken", "view_linkedaccount")),
            ("reader", (VIEW,)),
        )
    ]

    assert answers == [403, 403, 200]
    assert Client().get(address(connection)).status_code == 302


def test_personal_connection_of_somebody_else_is_not_there() -> None:
    me, owner = staff("me", VIEW), staff("owner", VIEW)
    theirs = make_connection(
        provider_id="theirs", owner=get_user_model()._default_manager.get(username="owner")
    )

    answers = [client.get(address(theirs)).status_code for client in (me, owner)]

    assert answers == [404, 200]


def test_empty_connection_has_no_broken_chart(root: Client, connection: ProviderConnection) -> None:
    shown = page(root, connection)

    assert "no live token" in shown
    assert "No request that changes something has come" in shown
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
    assert shown.count("scim_link_users") == 1
    assert all(f"<code>request-{number}</code>" in shown for number in range(3))
    assert "docs/how-to/link-existing-users.rst" in shown


def test_advice_links_to_where_the_documentation_is(
    root: Client, connection: ProviderConnection, note: Note, scim_settings: Any
) -> None:
    scim_settings(DOCS_URL="https://docs.example.com")
    now_noted(note, connection, outcome="refused", status=429)

    shown = page(root, connection)

    assert 'href="https://docs.example.com/how-to/limit-requests.html"' in shown


def test_account_of_a_failure_is_named_to_those_who_may_see_it(
    connection: ProviderConnection, note: Note
) -> None:
    key = make_account("acme", {"schemas": [CORE], "userName": "ann@x.example"}, 1)
    now_noted(note, connection, outcome="refused", status=403, resource_id=key)
    account = reverse("admin:scim_provider_linkedaccount_change", args=[key])

    reader = page(staff("reader", VIEW), connection)
    helper = page(staff("helper", VIEW, "view_linkedaccount"), connection)

    assert "ann@x.example" not in reader
    assert key in reader
    assert account not in reader
    assert f'<a href="{account}">ann@x.example</a>' in helper


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

    assert shown.count("scim-warning") == 1
    assert shown.index("aaaaaaaa") < shown.index("scim-warning") < shown.index("bbbbbbbb")
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
    taken = []
    for start, number in ((0, 1), (1, 199)):
        for each in range(start, start + number):
            SCIMToken.objects.create(provider=connection, lookup=f"{each:08}", secret="s")
            key = make_account("acme", {"schemas": [CORE], "userName": f"u{each}"}, each)
            now_noted(note, connection, outcome="refused", status=409, resource_id=key)
        with CaptureQueriesContext(database) as queries:
            page(root, connection)
        taken.append(len(queries))

    assert taken[0] == taken[1] <= 18


def test_page_can_be_read_in_another_time_zone(
    root: Client, connection: ProviderConnection, note: Note, settings: Any
) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"
    now_noted(note, connection)

    with timezone.override("Asia/Kolkata"):
        assert "Day (Asia/Kolkata)" in page(root, connection)
