"""The first page of a connection: what to enter, and ticks as things arrive."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.connections.instructions import INSTRUCTIONS
from django_scim_provider.connections.products.attribute_maps import MAPS, PATHS
from django_scim_provider.models import LinkedAccount, ProviderConnection, SCIMToken
from tests.administration import generate, logged_in, shown_token, staff, url
from tests.factories import make_connection, make_token
from tests.people import connect, post, set_active
from tests.scim_client import GROUP, SCIMTestClient

pytestmark = pytest.mark.django_db
VIEW = "view_providerconnection"


def address(connection: ProviderConnection) -> str:
    return url(ProviderConnection, "setup", connection.pk)


def page(client: Client, connection: ProviderConnection, **query: Any) -> str:
    answer = client.get(address(connection), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def text(content: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content))


def ticks(content: str) -> list[bool]:
    steps = content[content.index('<ol class="scim-steps">') :]
    steps = steps[: steps.index("</ol>")]
    return [": seen" in text(each).replace(" :", ":") for each in steps.split("<li")[1:]]


def test_steps_are_ticked_with_their_times_as_they_come(root: Client) -> None:
    scim = connect(profile="okta")
    connection = ProviderConnection.objects.get()
    seen = [ticks(page(root, connection))]

    scim.get("/Users")
    seen.append(ticks(page(root, connection)))
    ann = post(scim, "ann@x.example").json
    seen.append(ticks(page(root, connection)))
    scim.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "g"})
    seen.append(ticks(page(root, connection)))
    set_active(scim, ann, False)
    last = page(root, connection)

    assert seen == [[place <= step for place in range(5)] for step in range(4)]
    assert ticks(last) == [True] * 5
    assert last.count("<time") >= 5
    set_active(scim, ann, True)
    assert ticks(page(root, connection)) == [True] * 5


def test_page_waits_until_people_arrive(root: Client) -> None:
    scim = connect()
    connection = ProviderConnection.objects.get()

    before = page(root, connection)
    post(scim, "ann@x.example")
    after = page(root, connection)

    assert "Waiting for the identity provider" in before
    assert "data-scim-settled" not in before
    assert "Look again" in before
    assert "The directory is connected" in after
    assert "data-scim-settled" in after
    assert "scim-is-healthy" in after


def test_script_is_answered_with_what_changes_alone(root: Client) -> None:
    connect()
    connection = ProviderConnection.objects.get()
    whole = page(root, connection)
    (live,) = re.findall(r'data-scim-live="([^"]+)"', whole)

    answer = root.get(live)
    part = answer.content.decode()

    assert "no-store" in answer["Cache-Control"]
    assert part.strip().startswith('<div id="scim-progress"')
    assert "<html" not in part
    assert ticks(part) == ticks(whole)


def test_steps_link_to_their_rows(root: Client) -> None:
    scim = connect()
    set_active(scim, post(scim, "ann@x.example").json, False)
    connection = ProviderConnection.objects.get()

    content = page(root, connection)

    gone = url(LinkedAccount, "changelist") + "?provider=acme&amp;active__exact=0"
    assert gone in content
    shown = root.get(gone.replace("&amp;", "&")).content.decode()
    assert "1 linked account" in shown


def test_reader_is_linked_to_nothing_that_is_closed_to_them() -> None:
    scim = connect()
    post(scim, "ann@x.example")
    reader = logged_in(staff("reader", VIEW))

    content = page(reader, ProviderConnection.objects.get())

    assert url(LinkedAccount, "changelist") not in content
    assert url(SCIMToken, "changelist") not in content
    assert "generate-token" not in content
    assert "ann@" not in content


@pytest.mark.parametrize("profile", [*INSTRUCTIONS, "generic", "strict"])
def test_each_product_has_its_fields_and_its_attributes(root: Client, profile: str) -> None:
    content = page(root, make_connection(profile=profile))

    own = INSTRUCTIONS.get(profile)
    assert all(field.label in content for field in (own.fields if own else ()))
    assert 'value="http://testserver/scim/v2"' in content
    assert 'data-copies="scim-base-url"' in content
    table = content[content.index('id="scim-attributes"') :]
    for target in ("userName", "name.givenName", "active"):
        assert f"<code>{target}</code>" in table
    assert "“Username” of the user" in table or "of the user; nobody else" in table


def test_product_that_sends_no_groups_has_no_line_for_them(root: Client) -> None:
    found = {
        profile: "groups and their members"
        in page(root, make_connection(provider_id=profile, profile=profile))
        for profile in ("google", "okta")
    }

    assert found == {"google": False, "okta": True}


def test_products_with_steps_have_a_table_of_attributes() -> None:
    assert MAPS.keys() == INSTRUCTIONS.keys()
    for name, lines in MAPS.items():
        targets = [line.target for line in lines]
        assert {"userName", "active"} <= set(targets), name
        assert len(targets) == len(set(targets)), name
        assert set(targets) <= set(PATHS.values())


class WritesMore(DefaultAdapter):
    def user_fields(self, resource: Any) -> dict[str, Any]:
        return super().user_fields(resource)


@pytest.mark.parametrize("adapter", ["DefaultAdapter", "WritesMore"])
def test_adapter_of_the_project_is_told(root: Client, scim_settings: Any, adapter: str) -> None:
    if adapter == "WritesMore":
        scim_settings(ADAPTER="tests.overview.test_set_up.WritesMore")

    told = "This project writes more" in page(root, make_connection())

    assert told == (adapter == "WritesMore")


def test_token_is_never_on_the_page(root: Client) -> None:
    wire = make_token()
    connection = ProviderConnection.objects.get()

    content = page(root, connection)

    assert wire not in content
    assert wire[:20] not in content
    assert SCIMToken.objects.get().secret not in content
    assert SCIMToken.objects.get().lookup in content


def test_new_connection_leads_there_after_its_token(root: Client) -> None:
    answers = {"provider_id": "acme", "profile": "okta"}

    made = root.post(url(ProviderConnection, "add"), answers)
    connection = ProviderConnection.objects.get()

    assert shown_token(made)
    assert f'href="{address(connection)}"' in made.content.decode()
    assert "Waiting for the identity provider" in page(root, connection)


def test_form_that_is_sent_again_leads_there(root: Client) -> None:
    connection = make_connection()
    key = "0191a8f0-0000-7000-8000-000000000001"
    generate(root, connection, key=key)

    again = generate(root, connection, key=key)

    assert again.url == address(connection)


def test_it_is_the_first_of_the_navigation(root: Client) -> None:
    content = root.get(url(ProviderConnection, "health", make_connection().pk)).content.decode()

    links = re.findall(r'<nav aria-label="Connection">.*?</nav>', content, re.DOTALL)[0]
    assert links.index("Set-up") < links.index("People")


def test_closed_connection_has_nothing_to_set_up(root: Client) -> None:
    connection = make_connection(decommissioned_at=timezone.now())

    change = root.get(url(ProviderConnection, "change", connection.pk)).content.decode()
    content = page(root, connection)

    assert address(connection) not in change
    assert "It was decommissioned" in content
    assert "Waiting" not in content


def test_disabled_connection_waits_for_nothing(root: Client) -> None:
    content = page(root, make_connection(enabled=False))

    assert "How far it came" in content
    assert "data-scim-settled" in content


def test_project_without_a_route_is_told_without_names_of_settings(
    root: Client, settings: Any, scim_settings: Any
) -> None:
    settings.ROOT_URLCONF = "tests.overview.urls_without_scim"

    content = page(root, make_connection())

    assert "Nobody knows the address yet" in content
    assert "BASE_URL" not in content
    assert "django_scim_provider.urls" not in content


def test_connection_of_the_settings_needs_no_token(root: Client, scim_settings: Any) -> None:
    scim_settings(DEFAULT_SCIM=[{"provider_id": "acme", "scim_token": "s" * 32}])
    connection = make_connection()

    content = page(root, connection)

    assert ticks(content)[0]
    assert "in the settings of the project" in content
    assert "s" * 32 not in content


def test_foreign_connection_is_not_there() -> None:
    connection = make_connection(owner=staff("boss"))

    answers = [
        logged_in(user).get(address(connection)).status_code
        for user in (staff("reader", VIEW), staff("nobody"))
    ]

    assert all(answer in (302, 403, 404) for answer in answers)


def test_page_takes_as_many_statements_whatever_arrived(root: Client) -> None:
    scim = connect(profile="okta")
    connection = ProviderConnection.objects.get()
    page(root, connection)
    counts = []
    for number in range(3):
        with CaptureQueriesContext(database) as whole:
            page(root, connection)
        with CaptureQueriesContext(database) as part:
            page(root, connection, part="steps")
        counts.append((len(whole), len(part)))
        for each in range(3):
            post(scim, f"u{number}-{each}@x.example")

    assert len(set(counts)) == 1
    assert max(counts[0]) <= 16


def test_times_are_known_after_events_are_gone(root: Client) -> None:
    scim: SCIMTestClient = connect()
    post(scim, "ann@x.example")
    connection = ProviderConnection.objects.get()
    connection.events.all().delete()

    content = page(root, connection)

    assert ticks(content)[:3] == [True] * 3
