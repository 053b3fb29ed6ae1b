"""The pages on privacy: what they say under which settings, with which numbers, and to whom."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from django_scim_provider import ciphers
from django_scim_provider.conf import get_settings
from django_scim_provider.insight import numbers_told
from django_scim_provider.insight.privacy.everything_kept import DECLARED
from django_scim_provider.insight.privacy.told import ToldData, told_of
from django_scim_provider.models import ProviderConnection
from tests.administration import logged_in, staff, url
from tests.failures.test_recording import post as post_refused
from tests.people import connect, post
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db
OF_ALL = "/admin/scim_provider/providerconnection/privacy/"


@pytest.fixture
def acme() -> SCIMTestClient:
    """Return a connection with two people, beside another one with a person."""
    client = connect("acme")
    for name in ("ann", "bob"):
        post(client, f"{name}@x.example")
    post(connect("other"), "eve@x.example")
    return client


def page_of(client: Client) -> Any:
    connection = ProviderConnection.objects.get(provider_id="acme")
    return client.get(url(ProviderConnection, "privacy", connection.pk))


def text_of(page: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode())))


def kind(slug: str, provider_id: str | None = "acme") -> ToldData:
    (found,) = [each for each in told_of(provider_id) if each.slug == slug]
    return found


def test_page_of_a_connection_counts_its_own_and_links_to_them(
    root: Client, acme: SCIMTestClient
) -> None:
    shown = page_of(root).content.decode()

    assert '<a href="/admin/scim_provider/linkedaccount/?provider=acme">2</a>' in shown
    assert "the oldest of" in shown
    assert kind("people", None).number == "3"


def test_names_of_people_are_on_no_page(root: Client, acme: SCIMTestClient) -> None:
    for page in (page_of(root), root.get(OF_ALL)):
        assert "ann@x.example" not in page.content.decode()


def test_links_are_for_those_who_may_follow_them(acme: SCIMTestClient) -> None:
    eve = logged_in(staff("eve", "view_providerconnection"))

    assert "linkedaccount/?provider" not in page_of(eve).content.decode()


def test_numbers_of_all_connections_are_for_superusers(root: Client, acme: SCIMTestClient) -> None:
    eve = logged_in(staff("eve", "view_providerconnection", "view_linkedaccount"))

    assert "How many now" in text_of(root.get(OF_ALL))
    assert "How many now" not in text_of(eve.get(OF_ALL))


def test_index_of_the_app_links_to_it(root: Client, acme: SCIMTestClient) -> None:
    index = reverse("admin:app_list", args=["scim_provider"])
    stranger = logged_in(staff("eve", "view_rolemapping"))

    assert OF_ALL in root.get(index).content.decode()
    assert OF_ALL not in stranger.get(index).content.decode()


@pytest.mark.parametrize(
    ("slug", "keys", "field", "sentence"),
    [
        ("people", {"ALLOW_PASSWORD": True}, "what", "becomes that of the user"),
        ("people", {}, "what", "is dropped"),
        ("people", {"DEPROVISION": "delete"}, "how_long", "is deleted with the account"),
        ("people", {"DEPROVISION": "deactivate"}, "how_long", "is deactivated then"),
        ("refused-people", {"FAILED_IDENTITIES": 0}, "what", "keeps no names"),
        ("refused-people", {"FAILED_IDENTITIES": 0}, "how_long", "Not at all."),
        ("refused-people", {"FAILED_IDENTITIES": 1}, "how_long", "For 1 day after"),
        ("refused-people", {"FAILED_IDENTITIES": 9}, "how_long", "For 9 days after"),
        ("values", {}, "what", "keeps no values"),
        ("values", {}, "how_long", "Not at all."),
        ("values", {"EVENT_VALUES": 30}, "what", "held before and after"),
        ("values", {"EVENT_VALUES": 30}, "how_long", "For 30 days"),
        ("messages", {"WEBHOOK_USER_NAMES": True}, "what", "and the user name"),
        ("messages", {}, "what", "No names of people."),
        ("messages", {}, "how_long", "3 days after they were delivered"),
        ("notices", {"NOTICE_EMAILS": ["a@x.example"]}, "what", "addresses that the operator"),
        ("notices", {}, "what", "Mails go to owners."),
        ("tokens", {"STORE_SCIM_TOKEN": "plain"}, "protection", "Not encrypted"),
        ("tokens", {"STORE_SCIM_TOKEN": "hashed"}, "protection", "a digest is kept"),
        ("tokens", {"STORE_SCIM_TOKEN": "encrypted"}, "protection", "kept encrypted"),
    ],
)
def test_sentences_go_by_the_settings_in_force(
    scim_settings: Any, slug: str, keys: dict[str, Any], field: str, sentence: str
) -> None:
    scim_settings(**keys)

    assert sentence in getattr(kind(slug), field)


def test_names_and_values_are_not_kept_without_encryption(
    monkeypatch: pytest.MonkeyPatch, scim_settings: Any
) -> None:
    scim_settings(EVENT_VALUES=30)
    monkeypatch.setattr(ciphers, "ENCRYPTION_AVAILABLE", False)

    for slug in ("refused-people", "values"):
        assert "not installed" in kind(slug).what


def test_refused_people_are_counted_as_long_as_they_are_named(acme: SCIMTestClient) -> None:
    post_refused(acme, "joe@x.example", active="perhaps")

    assert (kind("refused-people").number, kind("failures").number) == ("1", "1")
    assert kind("refused-people", "other").number == "0"


def test_many_are_counted_up_to_a_number(
    acme: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers_told, "MOST", 1)

    assert kind("people").number == "1+"


def test_number_of_statements_is_the_same_for_any_number_of_rows(
    root: Client, acme: SCIMTestClient
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(database) as context:
            assert page_of(root).status_code == 200
        return len(context)

    few = statements()
    for number in range(5):
        post(acme, f"more{number}@x.example")

    assert statements() == few


def test_pages_name_no_files_and_no_modules(root: Client, acme: SCIMTestClient) -> None:
    for page in (page_of(root), root.get(OF_ALL)):
        shown = text_of(page)
        assert ".rst" not in shown
        assert "django_scim_provider." not in shown
        assert "scim_prune" not in shown


@pytest.mark.parametrize("declared", DECLARED, ids=lambda each: each.slug)
def test_each_kind_says_everything(declared: Any) -> None:
    settings = get_settings()

    for name in ("what", "why", "how_long", "protection", "change"):
        text = str(getattr(declared, name)(settings))
        assert text.endswith((".", "!")), text
    assert len({each.slug for each in DECLARED}) == len(DECLARED)
