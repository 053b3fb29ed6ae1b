"""Where a page of drift ends, and where the next one begins."""

from __future__ import annotations

import pytest
from django.urls import reverse

from django_scim_provider.admin.connection_pages import drift as drift_page
from django_scim_provider.models import ProviderConnection
from tests.drift.test_admin_page import REPAIR, VIEW, address, browser, changed, text_of
from tests.people import connect, host_user
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> SCIMTestClient:
    return connect()


def test_many_differences_come_in_pages_and_are_repaired_in_pages(
    client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift_page, "BATCH_SIZE", 2)
    monkeypatch.setattr(drift_page, "FINDINGS", 2)
    people = [changed(client, f"p{number}") for number in range(5)]
    me = browser(VIEW, REPAIR)

    first = me.get(address())
    second = me.get(address() + first.context["next_page"])
    last = me.get(address() + second.context["next_page"])
    moved = me.post(address()).headers["Location"]

    assert [len(page.context["rows"]) for page in (first, second, last)] == [2, 2, 1]
    assert last.context["next_page"] is None
    assert moved.partition("?")[2].startswith("start=accounts")
    names = [host_user(person).first_name for person in people]
    assert names == ["Given"] * 2 + ["<Changed>"] * 3


def test_page_ends_when_its_time_is_over_and_repairs_what_it_compared(
    client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift_page, "BATCH_SIZE", 2)
    monkeypatch.setattr(drift_page, "SECONDS", 0)
    people = [changed(client, f"p{number}") for number in range(5)]
    me = browser(is_superuser=True)

    page = me.get(address())
    monkeypatch.setattr(drift_page, "SECONDS", 60)
    me.post(address(), {"compared": page.context["form"].form.initial["compared"]})

    assert page.context["drift"].compared == 2
    assert "Compare everything in one go" in text_of(page)
    assert reverse(
        "admin:scim_provider_providerconnection_checks",
        args=[ProviderConnection.objects.get().pk],
    ) in text_of(page)
    names = [host_user(person).first_name for person in people]
    assert names == ["Given"] * 2 + ["<Changed>"] * 3


@pytest.mark.parametrize("start", ["x", "accounts:", "accounts:x" + "y" * 300])
def test_odd_place_to_start_from_is_told(client: SCIMTestClient, start: str) -> None:
    person = changed(client)
    me = browser(VIEW, REPAIR)

    asked = me.get(address(), {"start": start})
    posted = me.post(address(), {"start": start})

    assert (asked.status_code, posted.status_code) == (200, 200)
    assert "position" in text_of(asked)
    assert "messagelist" in text_of(posted)
    assert host_user(person).first_name == "<Changed>"
