"""A group says that somebody left it because the account was deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from django_scim_provider.insight import timeline
from django_scim_provider.models import LinkedAccount, ProvisionedGroup, ProvisioningEvent
from tests.administration import url
from tests.people import post
from tests.scim_client import SCIMTestClient
from tests.test_bulk import bulk
from tests.test_groups import make_group
from tests.timeline.pages_read import text_of
from tests.timeline.recorded import effects, members, no_effect_without_event
from tests.timeline.test_pages import history

pytestmark = pytest.mark.django_db

LEFT = "left, as the account was deleted"


def delete(client: SCIMTestClient, person: dict[str, Any]) -> int:
    return client.request("DELETE", f"/Users/{person['id']}").status


@pytest.mark.parametrize("deprovision", ["delete", "deactivate"])
def test_deletion_is_told_to_each_group(
    client: SCIMTestClient, scim_settings: Any, deprovision: str
) -> None:
    scim_settings(DEPROVISION=deprovision)
    ann, bob = post(client, "ann").json, post(client, "bob").json
    make_group(client, "Team", ann["id"], bob["id"])
    make_group(client, "Board", ann["id"])

    assert delete(client, ann) == 204

    assert get_user_model().objects.filter(username="ann").exists() == (deprovision != "delete")
    assert sorted(effects("lost")) == [("Board", "lost", "delete"), ("Team", "lost", "delete")]
    assert no_effect_without_event()


def test_deletion_in_a_bulk_request_is_told(client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    make_group(client, "Team", ann["id"])

    bulk(client, {"method": "DELETE", "path": f"/Users/{ann['id']}"})

    assert effects("lost") == [("Team", "lost", "delete")]
    assert no_effect_without_event()


def test_timeline_of_the_group_says_so(root: Client, client: SCIMTestClient) -> None:
    ann, bob = post(client, "ann").json, post(client, "bob").json
    group = make_group(client, "Team", ann["id"], bob["id"])
    make_group(client, "Board", ann["id"])
    delete(client, ann)
    members(client, group, "remove", bob)

    told = history(root, ProvisionedGroup.objects.get(display_name="Team"))

    assert f"The member deleted person {ann['id'][:13]}" in told
    assert told.index("1 member left: bob") < told.index(LEFT) < told.index("2 members joined")
    assert "Left 1 group" not in told
    assert "Board" not in told


def test_own_loss_is_told_beside_changes_of_any_size(
    root: Client, client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "_MOST_READ", 2)
    people = [post(client, f"user{number}").json for number in range(4)]
    group = make_group(client, "Team", people[0]["id"])
    delete(client, people[0])
    members(client, group, "add", *people[1:])

    assert LEFT in history(root, ProvisionedGroup.objects.get())


def test_account_deleted_by_hand_is_told(root: Client, client: SCIMTestClient) -> None:
    ann = post(client, "ann").json
    make_group(client, "Team", ann["id"])
    account = LinkedAccount.objects.get()

    root.post(url(LinkedAccount, "delete", account.pk), {"post": "yes"})

    assert effects("lost") == [("Team", "lost", "unlink")]
    assert LEFT in history(root, ProvisionedGroup.objects.get())
    event = ProvisioningEvent.objects.get(action="unlink")
    page = text_of(root.get(url(ProvisioningEvent, "change", event.pk)))
    assert "Left 1 group: Team" in page
