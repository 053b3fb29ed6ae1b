"""People, groups and requests of a connection."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.models import LinkedAccount
from django_scim_provider.portal.key_pages import page_behind
from tests.people import post, set_active
from tests.portal.conftest import Directory, address, text_of
from tests.scim_client import GROUP

pytestmark = pytest.mark.django_db


def test_people_are_found_by_the_beginning_of_their_names(directory: Directory) -> None:
    for name in ("ann@corp.example", "Anna@corp.example", "bob@corp.example"):
        post(directory.scim, name)

    found = text_of(directory.page("people", q="AN"))

    assert "People found: 2" in found
    assert "Anna@corp.example" in found
    assert "bob@corp.example" not in found
    assert "Nobody is found." in text_of(directory.page("people", q="x\x00"))


def test_people_are_filtered_by_state(directory: Directory) -> None:
    ann = directory.scim.create_user("ann@corp.example")
    directory.scim.create_user("bob@corp.example")
    set_active(directory.scim, ann, False)

    states = ("active", "inactive", "released", "odd")
    shown = [text_of(directory.page("people", state=state)) for state in states]

    assert ["ann@corp.example" in page for page in shown] == [False, True, False, True]
    assert ["bob@corp.example" in page for page in shown] == [True, False, False, True]


@pytest.mark.parametrize("name", ["people", "groups"])
def test_lists_go_on_behind_the_last_row(
    directory: Directory, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_behind, "__kwdefaults__", {"size": 2})
    names = [f"name{number}" for number in (3, 1, 5, 2, 4)]
    for each in names:
        if name == "people":
            directory.scim.create_user(each)
        else:
            directory.scim.request("POST", "/Groups", {"schemas": [GROUP], "displayName": each})

    seen, query = [], ""
    for _ in range(3):
        page = directory.client.get(address(name, directory.connection.pk) + query)
        shown = page.content.decode()
        seen.append([each for each in sorted(names) if each in shown])
        following = shown.partition('href="?')[2].partition('"')[0]
        query = "?" + following.replace("&amp;", "&")

    assert seen == [["name1", "name2"], ["name3", "name4"], ["name5"]]
    assert query == "?"


def test_person_has_groups_and_what_happened(directory: Directory) -> None:
    ann = directory.scim.create_user("ann@corp.example", displayName="Ann Lee")
    directory.scim.request(
        "POST",
        "/Groups",
        {"schemas": [GROUP], "displayName": "Staff", "members": [{"value": ann["id"]}]},
    )
    set_active(directory.scim, ann, False)

    page = text_of(directory.page("person", LinkedAccount.objects.get().pk))

    assert "Ann Lee" in page
    assert "Staff" in page
    assert "Create a person" in page
    assert "Deactivate a person" in page
    assert "inactive" in page


def test_group_tells_its_size(directory: Directory) -> None:
    people = [{"value": directory.scim.create_user(f"u{n}@x.example")["id"]} for n in range(3)]
    group = {"schemas": [GROUP], "displayName": "Staff", "members": people}
    directory.scim.request("POST", "/Groups", group)

    assert "Staff 3" in text_of(directory.page("groups", q="st"))


def test_request_leads_to_its_group(directory: Directory) -> None:
    directory.scim.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "Staff"})

    page = directory.page("requests").content.decode()

    assert re.search(r'<a href="[^"]+/groups/[^"]+">Staff</a>', page)


def test_refused_request_says_what_to_do(directory: Directory) -> None:
    get_user_model().objects.create(username="taken@corp.example")

    assert post(directory.scim, "taken@corp.example").status == 409
    page = text_of(directory.page("requests"))

    assert "The user name or address is in use here." in page
    assert "Create a person" in page


def test_state_in_words_names_no_page_that_is_not_there(directory: Directory) -> None:
    post(directory.scim, "")

    page = text_of(directory.page("set-up"))

    assert "Since yesterday, 1 of 1 change was not made." in page
    assert "failing" in text_of(directory.client.get(address("connections")))
