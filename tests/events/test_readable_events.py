"""Events as people read them: who, what, by whom and when."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from django_scim_provider.admin.event_pages.event_words import (
    cut,
    id_to_copy,
    moment_of,
    shortened,
    what_happened,
)
from django_scim_provider.models import (
    LinkedAccount,
    ProvisioningEvent,
    RoleMapping,
    SCIMToken,
)
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import utc_now
from tests.administration import logged_in, staff, url
from tests.events.listing import LIST, queries_of, shown, viewer
from tests.people import post
from tests.scim_client import SCIMTestClient
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db


def row_of(client: Client, query: str = "") -> str:
    """Return the first row of the list as text."""
    page = client.get(LIST + query).content.decode()
    row = re.search(r"<tbody>.*?<tr>(.*?)</tr>", page, re.DOTALL)
    assert row is not None, page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", row.group(1)))


def test_row_says_who_what_and_by_whom(root: Client, okta: SCIMTestClient) -> None:
    ann = post(okta, "ann").json
    okta.patch(f"/Users/{ann['id']}", {"op": "replace", "path": "title", "value": "T"})

    row = row_of(root)

    assert "ann" in row
    assert "Changed: title" in row
    assert "Okta · from May" in row
    assert "Acme" in row
    assert "done" in row
    assert ann["id"] not in row


def test_connection_is_left_out_where_it_is_the_only_one(
    root: Client, okta: SCIMTestClient
) -> None:
    post(okta, "ann")

    page = root.get(f"{LIST}?provider=okta").content.decode()

    assert "column-connection" in root.get(LIST).content.decode()
    assert "column-connection" not in page
    assert "scim-console" in page


def test_mapping_is_named_by_its_group(root: Client, okta: SCIMTestClient) -> None:
    group = make_group(okta, "Team")
    mapping = RoleMapping.objects.create(
        provider_id="okta", match_by="id", value=group["id"], organization_role="member"
    )
    ProvisioningEvent.objects.create(
        provider_id="okta",
        at=utc_now(),
        action="create_mapping",
        resource_type="RoleMapping",
        resource_id=str(mapping.pk),
        outcome="done",
    )

    row = row_of(root)

    assert "Team" in row
    assert group["id"][:8] not in row


def test_deleted_people_say_so(root: Client, okta: SCIMTestClient) -> None:
    ann = post(okta, "ann").json
    okta.request("DELETE", f"/Users/{ann['id']}")

    assert f"deleted person {ann['id'][:13]}" in row_of(root)


def test_group_and_unknown_people_are_named(root: Client, okta: SCIMTestClient) -> None:
    make_group(okta, "Team")
    assert "Team" in row_of(root)

    okta.request("DELETE", f"/Users/{uuid7()}")
    assert "unknown person" in row_of(root)
    assert "Not deleted" in row_of(root)


def test_refused_person_leads_to_the_failure(root: Client, okta: SCIMTestClient) -> None:
    post(okta, "ann")
    post(okta, "ann")

    first = shown(root)[0]

    assert first.told.who.text == "ann"  # kept for some days
    assert first.told.failure is not None
    assert root.get(first.told.failure.address).status_code == 200
    watcher = viewer("watcher", "view_providerconnection")
    assert shown(watcher)[0].told.failure is None
    assert shown(watcher)[0].told.who.text == "a person"


def test_names_are_for_those_who_may_see_them(okta: SCIMTestClient) -> None:
    post(okta, "ann")

    blind = row_of(viewer("blind"), "?action=create")

    assert "a person" in blind
    assert "ann" not in blind
    assert shown(viewer("blind2"), "?q=ann") == []
    assert len(shown(viewer("seeing", "view_linkedaccount"), "?q=ann")) == 1


def test_person_who_did_something_is_named(root: Client, okta: SCIMTestClient) -> None:
    boss = staff("boss")
    ProvisioningEvent.objects.create(
        provider_id="okta", at=timezone.now(), action="disable_connection", actor=boss
    )
    ProvisioningEvent.objects.create(
        provider_id="okta", at=timezone.now(), action="house_rule", outcome="done"
    )

    own, known = shown(root)[:2]

    assert known.told.by.text == "boss"
    assert known.told.who.text == "Acme"
    assert own.told.by.text == "the project itself"
    assert what_happened(own) == "house_rule"


def test_token_that_is_made_did_not_make_itself(root: Client, okta: SCIMTestClient) -> None:
    post(okta, "ann")

    made = shown(root, "?action=generate_token")[0]

    assert made.told.who.text == "from May"
    assert made.told.by.text == "the project itself"
    assert {event.action for event in shown(root, "?by=directory")} == {"create"}
    assert "generate_token" in {event.action for event in shown(root, "?by=project")}
    SCIMToken.objects.all().delete()
    assert shown(root, "?action=generate_token")[0].told.who.text == "a token"
    assert shown(root, "?action=create")[0].told.by.text == "Okta"


def test_time_has_seconds_zone_and_utc(okta: SCIMTestClient) -> None:
    at = datetime(2026, 6, 1, 12, 30, 5, tzinfo=ZoneInfo("UTC"))

    with timezone.override("Europe/Berlin"):
        told = moment_of(at)

    assert "2026-06-01 14:30:05 CEST" in told
    assert 'title="2026-06-01 12:30:05 UTC"' in told
    assert 'datetime="2026-06-01T12:30:05.000+00:00"' in told


def test_ids_are_short_and_whole_behind() -> None:
    timed, random = str(uuid7()), "c1e6a5d2-1111-4222-8333-444455556666"

    assert shortened(timed) == timed[:13]
    assert shortened(random) == "c1e6a5d2"
    assert shortened("short") == "short"
    assert f'title="{timed}"' in id_to_copy(timed)
    assert f'<code class="scim-whole-id">{timed}</code>' in id_to_copy(timed)
    assert "<details" not in id_to_copy("short")
    assert "&lt;b&gt;" in id_to_copy("<b>")


def test_few_names_stand_in_a_line() -> None:
    extension = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"

    assert cut([extension]) == "department"
    assert cut(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_left_out_and_refused_in_words() -> None:
    left = ProvisioningEvent(action="leave_out", outcome="done", left_out="x,y")
    bulk = ProvisioningEvent(action="bulk", outcome="refused")

    assert what_happened(left) == "Unknown attributes left out: x, y"
    assert what_happened(bulk) == "Not done: bulk request"


def test_page_takes_the_same_queries_for_any_people(root: Client, okta: SCIMTestClient) -> None:
    def fill(start: int) -> None:
        for number in range(start, start + 5):
            post(okta, f"user{number}")
            post(okta, f"user{number}")
            make_group(okta, f"g{number}")

    fill(0)
    few = queries_of(root, LIST)
    fill(5)

    assert queries_of(root, LIST) == few
    assert queries_of(root, f"{LIST}?q=user1") == queries_of(root, f"{LIST}?q=user7")


def test_one_event_in_words(root: Client, okta: SCIMTestClient) -> None:
    ann, bob = post(okta, "ann").json, post(okta, "bob").json
    make_group(okta, "Team", ann["id"], bob["id"])
    event = ProvisioningEvent.objects.latest("pk")

    page = root.get(url(ProvisioningEvent, "change", event.pk)).content.decode()

    assert "2 members joined:" in page
    assert url(LinkedAccount, "change", ann["id"]) in page
    assert f"?q={event.request_id}" in page
    assert "<div><code>members</code></div>" in page
    assert url(SCIMToken, "change", event.token_id) in page


def test_list_without_events_says_so(root: Client) -> None:
    assert "Nothing has happened yet" in root.get(LIST).content.decode()
    assert "under this search" in root.get(f"{LIST}?q=nobody").content.decode()


def test_values_are_escaped(root: Client, okta: SCIMTestClient) -> None:
    post(okta, "<script>alert(1)</script>")

    assert "<script>alert(1)" not in root.get(LIST).content.decode()
    assert logged_in(staff("x")).get(LIST).status_code == 403
