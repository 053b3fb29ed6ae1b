"""Who gains and who loses is shown before a mapping is saved, and is what saving does."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import LinkedAccount, RoleGrant, RoleMapping
from tests.administration import confirmed, logged_in, staff, url
from tests.people import connect, host_user, post
from tests.previews.conftest import Company, file_of, text_of, told
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db
ADD = "add"


def test_nothing_is_saved_before_it_was_shown(root: Client, company: Company) -> None:
    page = root.post(url(RoleMapping, ADD), company.answers())

    said = text_of(page)
    assert page.status_code == 200
    assert "2 people gain it" in said
    assert "ann" in said
    assert not RoleMapping.objects.exists()
    assert company.in_crew() == []


def test_what_was_shown_is_applied_and_told(root: Client, company: Company) -> None:
    answer = company.map(root)

    assert answer.status_code == 302
    assert company.in_crew() == ["ann", "bob"]
    assert any("2 people gained it" in message and "ann" in message for message in told(answer))


def test_effect_that_has_changed_is_shown_again(root: Client, company: Company) -> None:
    address = url(RoleMapping, ADD)
    shown = root.post(address, company.answers()).context["effects"][0].fingerprint
    joe = post(company.scim, "joe").json
    member = {"op": "add", "path": "members", "value": [{"value": joe["id"]}]}
    company.scim.patch(f"/Groups/{company.team['id']}", member)

    page = root.post(address, {**company.answers(), "shown": shown})

    assert "3 people gain it" in text_of(page)
    assert not RoleMapping.objects.exists()


def test_effect_of_another_mapping_confirms_nothing(root: Client, company: Company) -> None:
    address = url(RoleMapping, ADD)
    other = Group.objects.create(name="other")
    shown = root.post(address, company.answers()).context["effects"][0].fingerprint

    page = root.post(address, {**company.answers(django_group=other.pk), "shown": shown})

    assert page.status_code == 200
    assert not RoleMapping.objects.exists()


def test_changed_mapping_tells_who_gains_and_who_loses(root: Client, company: Company) -> None:
    company.map(root)
    joe = post(company.scim, "joe").json
    guests = make_group(company.scim, "Guests", joe["id"], company.ann["id"])
    mapping = RoleMapping.objects.get()
    address = url(RoleMapping, "change", mapping.pk)

    page = root.post(address, company.answers(group=guests["id"]))
    said = text_of(page)
    answer = confirmed(root, address, company.answers(group=guests["id"]))

    assert "1 person gains it" in said
    assert "1 person loses it" in said
    assert answer.status_code == 302
    assert company.in_crew() == ["ann", "joe"]


def test_changed_role_is_taken_and_given(root: Client, company: Company) -> None:
    company.map(root)
    other = Group.objects.create(name="other")
    mapping = RoleMapping.objects.get()

    confirmed(root, url(RoleMapping, "change", mapping.pk), company.answers(django_group=other.pk))

    assert company.in_crew() == []
    assert other.user_set.count() == 2


def test_deleting_shows_who_loses_first(root: Client, company: Company) -> None:
    company.map(root)
    address = url(RoleMapping, "delete", RoleMapping.objects.get().pk)

    page = root.get(address)
    unseen = root.post(address, {"post": "yes"})
    kept = RoleMapping.objects.count()
    confirmed(root, address, {"post": "yes"})

    assert "2 people lose it" in text_of(page)
    assert (unseen.status_code, kept) == (200, 1)
    assert company.in_crew() == []
    assert not RoleMapping.objects.exists()


def test_several_are_deleted_as_shown(root: Client, company: Company) -> None:
    company.map(root)
    company.map(root, match_by="displayName")
    chosen = [str(each.pk) for each in RoleMapping.objects.all()]
    answers = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    address = url(RoleMapping, "changelist")

    page = root.post(address, answers)
    left = RoleMapping.objects.count()
    confirmed(root, address, answers)

    assert "2 people lose it" in text_of(page)
    assert (left, RoleMapping.objects.count(), company.in_crew()) == (2, 0, [])


def test_more_than_can_be_shown_are_not_deleted_together(
    root: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.map(root)
    monkeypatch.setattr("django_scim_provider.admin.mapping_pages.deleting.MOST", 0)
    chosen = [str(each.pk) for each in RoleMapping.objects.all()]
    answers = {"action": "delete_selected", "_selected_action": chosen}

    answer = root.post(url(RoleMapping, "changelist"), answers)

    assert any("at most" in message for message in told(answer))
    assert RoleMapping.objects.exists()


def test_by_hand_protected_and_inactive_neither_gain_nor_lose(
    root: Client, company: Company
) -> None:
    company.crew.user_set.add(host_user(company.ann))
    gone, boss = (post(company.scim, name).json for name in ("gone", "boss"))
    user = host_user(boss)
    user.is_staff = True
    user.save()
    away = {"op": "replace", "path": "active", "value": False}
    company.scim.patch(f"/Users/{gone['id']}", away)
    everybody = make_group(
        company.scim, "All", *(one["id"] for one in (company.ann, company.bob, gone, boss))
    )

    page = root.post(url(RoleMapping, ADD), company.answers(group=everybody["id"]))
    company.map(root, group=everybody["id"])

    assert "1 person gains it" in text_of(page)
    assert company.in_crew() == ["ann", "bob"]


def test_nobody_is_no_success(root: Client, company: Company) -> None:
    empty = make_group(company.scim, "Empty")

    page = root.post(url(RoleMapping, ADD), company.answers(group=empty["id"]))
    answer = company.map(root, group=empty["id"])

    assert "Nobody gains or loses anything" in text_of(page)
    levels = {str(m): m.level_tag for m in get_messages(answer.wsgi_request)}
    assert [level for message, level in levels.items() if "nobody gained" in message] == ["warning"]


def test_who_has_it_by_another_connection_keeps_it(root: Client, company: Company) -> None:
    connect("other")
    twin = LinkedAccount.objects.get(scim_id=company.ann["id"])
    company.map(root)
    RoleGrant.objects.create(provider_id="other", user=twin.user, django_group=company.crew)

    page = root.get(url(RoleMapping, "delete", RoleMapping.objects.get().pk))

    assert "1 person loses it" in text_of(page)


class AdapterWithoutHolders(DefaultAdapter):
    """A project whose roles nobody can look up."""

    def roles(self) -> Any:
        return ["editor"]


def test_count_is_an_upper_bound_where_nobody_knows_who_has_a_role(
    root: Client, company: Company, scim_settings: Any
) -> None:
    scim_settings(ADAPTER=f"{__name__}.AdapterWithoutHolders")
    answers = company.answers(project_role="editor")
    del answers["django_group"]

    page = root.post(url(RoleMapping, ADD), answers)

    assert "2 people at most gain it" in text_of(page)


def test_many_are_counted_and_not_looked_at(
    root: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_scim_provider.storage.roles.effects.MOST", 1)

    page = root.post(url(RoleMapping, ADD), company.answers())

    assert "2 people at most gain it" in text_of(page)


def test_all_of_them_are_a_file(
    root: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_scim_provider.storage.roles.effects.CHUNK", 1)
    LinkedAccount.objects.filter(scim_id=company.bob["id"]).update(user_name="=1+1")

    address = url(RoleMapping, ADD)
    shown = root.post(address, company.answers()).context["effects"][0].fingerprint

    answer = root.post(address, company.answers(_csv="yes", shown=shown))
    lines = file_of(answer).splitlines()

    assert answer.headers["Cache-Control"].startswith("no-store, private")
    assert lines[0].startswith("change,role,user_name")
    assert sorted(line.split(",")[:3] for line in lines[1:]) == [
        ["gains", "crew", "'=1+1"],
        ["gains", "crew", "ann"],
    ]
    assert not RoleMapping.objects.exists()


def test_file_of_a_deletion(root: Client, company: Company) -> None:
    company.map(root)
    address = url(RoleMapping, "delete", RoleMapping.objects.get().pk)
    shown = root.get(address).context["effects"][0].fingerprint

    lines = file_of(root.post(address, {"_csv": "yes", "shown": shown})).splitlines()

    assert sorted(line.split(",")[:3] for line in lines[1:]) == [
        ["loses", "crew", "ann"],
        ["loses", "crew", "bob"],
    ]
    assert RoleMapping.objects.exists()


def test_names_are_for_those_who_may_see_accounts(company: Company) -> None:
    eve = staff("eve", "add_rolemapping", "view_rolemapping", "view_provisionedgroup")
    eve.groups.add(company.crew)
    client = logged_in(eve)

    page = client.post(url(RoleMapping, ADD), company.answers())
    as_file = client.post(url(RoleMapping, ADD), company.answers(_csv="yes"))
    answer = company.map(client)

    assert "2 people gain it" in text_of(page)
    assert "ann" not in text_of(page)
    assert not as_file.streaming
    assert answer.status_code == 302
    assert not any("ann" in message for message in told(answer))


def test_preview_takes_the_same_statements_for_any_number(root: Client, company: Company) -> None:
    address, answers = url(RoleMapping, ADD), company.answers()

    def statements() -> int:
        with CaptureQueriesContext(database) as caught:
            root.post(address, answers)
        return len(caught)

    statements()
    few = statements()
    more = [post(company.scim, f"u{number}").json["id"] for number in range(15)]
    member = {"op": "add", "path": "members", "value": [{"value": id} for id in more]}
    company.scim.patch(f"/Groups/{company.team['id']}", member)

    assert statements() == few
