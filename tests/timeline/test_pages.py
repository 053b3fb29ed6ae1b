"""The timeline of a person and of a group in the console."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin import AdminSite
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
)
from tests.administration import logged_in, staff, url
from tests.people import post
from tests.scim_client import SCIMTestClient
from tests.test_groups import make_group
from tests.timeline.pages_read import MAY, text_of
from tests.timeline.recorded import members

pytestmark = pytest.mark.django_db


def history(client: Client, found: Any, query: str = "") -> str:
    """Return the text of the timeline of an account or group."""
    return text_of(client.get(url(type(found), "history", found.pk) + query))


def test_timeline_of_a_person(root: Client, ann: LinkedAccount) -> None:
    told = history(root, ann)

    said = [
        "Reactivated",
        "Deactivated",
        "The log-in was closed and sessions ended.",
        "Left the group Team",
        "Lost the Django group Reviewers, as nothing stands for it any more",
        "Changed: title",
        "Got the Django group Reviewers through the group Team",
        "Joined the group Team",
        "Created",
    ]
    places = [told.find(text) for text in said]
    assert -1 not in places, dict(zip(said, places, strict=True))
    assert places == sorted(places)
    assert "Okta" in told
    assert "by the project itself" in told


def test_timeline_of_a_group(root: Client, ann: LinkedAccount) -> None:
    group = ProvisionedGroup.objects.get()

    told = history(root, group)

    assert "1 member left: ann" in told
    assert "1 role was taken: ann (the Django group Reviewers)" in told
    assert told.index("1 member left: ann") < told.index("1 member joined: ann")


def test_many_members_are_counted_and_few_are_named(root: Client, client: SCIMTestClient) -> None:
    people = [post(client, f"user{number}").json["id"] for number in range(12)]
    make_group(client, "Large", *people)

    told = history(root, ProvisionedGroup.objects.get())

    assert "12 members joined: user0" in told
    assert "and 2 more" in told
    assert told.count("user") < 12 + 3


def test_group_that_is_gone_says_so(root: Client, client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    group = make_group(client, "Team", ann["id"])
    client.request("DELETE", f"/Groups/{group['id']}")

    told = history(root, LinkedAccount.objects.get())

    assert f"Left the group deleted group {group['id'][:13]}" in told


def test_group_within_a_group(root: Client, client: SCIMTestClient) -> None:
    child = make_group(client, "Child")
    make_group(client, "Parent", child["id"])

    assert "Joined the group Parent" in history(
        root, ProvisionedGroup.objects.get(scim_id=child["id"])
    )


def test_organization_and_project_roles_have_words(root: Client, ann: LinkedAccount) -> None:
    from django_scim_provider.admin.event_pages.timeline_lines import TimelineTeller
    from django_scim_provider.insight.timeline import TimelinePage

    request = RequestFactory().get("/")
    request.user = staff("who")
    site = AdminSite()
    teller = TimelineTeller(request, site, TimelinePage([], None))

    assert teller.role("organization_role:admin") == "the role admin of the organization"
    assert teller.role("project_role:editor") == "the role editor"
    assert teller.role("group:99") == "a Django group that is gone"
    assert "deleted" in teller.name(None)


def test_pages_follow_each_other(
    root: Client, client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = post(client, "ann").json
    for number in range(30):
        client.patch(
            f"/Users/{made['id']}", {"op": "replace", "path": "title", "value": f"t{number}"}
        )
    account = LinkedAccount.objects.get()
    address = url(LinkedAccount, "history", account.pk)

    first = root.get(address)
    second = root.get(address + first.context["next_page"])

    assert [len(page.context["timeline"]) for page in (first, second)] == [25, 6]
    assert second.context["next_page"] == ""
    assert "Nothing else is recorded" in text_of(
        root.get(f"{address}?before={ProvisioningEvent.objects.earliest('pk').pk}")
    )
    assert "Created" in text_of(second)
    assert root.get(f"{address}?before=nonsense").status_code == 200


def test_page_takes_the_same_statements_for_any_number_of_events(
    root: Client, client: SCIMTestClient, ann: LinkedAccount
) -> None:
    address = url(LinkedAccount, "history", ann.pk)
    group = ProvisionedGroup.objects.get()
    of_group = url(ProvisionedGroup, "history", group.pk)

    def counted() -> list[int]:
        found = []
        for each in (address, of_group):
            with CaptureQueriesContext(connection) as made:
                root.get(each)
            found.append(len(made))
        return found

    few = counted()
    people = [post(client, f"user{number}").json for number in range(6)]
    for who in (people, people[:2], people[2:]):
        members(client, {"id": group.scim_id}, "replace", {"id": ann.scim_id}, *who)
        members(client, {"id": group.scim_id}, "remove", {"id": ann.scim_id})

    assert counted() == few
    assert max(few) <= 18


def test_log_of_the_admin_is_shown_as_well(root: Client, ann: LinkedAccount) -> None:
    LogEntry.objects.create(
        user=staff("boss"),
        content_type=ContentType.objects.get_for_model(LinkedAccount),
        object_id=str(ann.pk),
        action_flag=CHANGE,
        change_message="Looked after.",
    )

    assert "boss: Looked after." in history(root, ann)


def test_latest_stand_on_the_page_itself(root: Client, ann: LinkedAccount) -> None:
    page = text_of(root.get(url(LinkedAccount, "change", ann.pk)))
    of_group = text_of(root.get(url(ProvisionedGroup, "change", ProvisionedGroup.objects.get().pk)))

    assert "Reactivated" in page
    assert "Created" not in page.partition("Timeline")[2]
    assert "Whole timeline" in page
    assert "1 member left: ann" in of_group


def test_without_events_there_is_the_log_alone(ann: LinkedAccount) -> None:
    client = logged_in(staff("nosy", "view_linkedaccount"))

    page = client.get(url(LinkedAccount, "history", ann.pk))

    assert page.status_code == 200
    assert "Reactivated" not in page.content.decode()
    assert "Whole timeline" not in client.get(url(LinkedAccount, "change", ann.pk)).content.decode()


def test_names_of_groups_are_for_those_who_may_see_them(ann: LinkedAccount) -> None:
    client = logged_in(staff("nosy", "view_linkedaccount", "view_provisioningevent"))

    told = history(client, ann)

    assert "Left the group a group" in told
    assert "Team" not in told


def test_history_of_foreign_connections_is_not_found(ann: LinkedAccount) -> None:
    ProviderConnection.objects.update(owner=staff("owner"))
    client = logged_in(staff("eve", *MAY))

    assert client.get(url(LinkedAccount, "history", ann.pk)).status_code == 404
    assert client.get(url(LinkedAccount, "history", "nonsense")).status_code == 404
    stranger = logged_in(staff("stranger"))
    assert stranger.get(url(LinkedAccount, "history", ann.pk)).status_code == 403


def test_nothing_recorded_says_so(root: Client, ann: LinkedAccount) -> None:
    ProvisioningEvent.objects.all().delete()

    assert "Nothing is recorded." in history(root, ann)
    assert "Nothing is recorded." in text_of(root.get(url(LinkedAccount, "change", ann.pk)))
