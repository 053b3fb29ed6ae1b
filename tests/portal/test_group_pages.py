"""Members of a group, and what is kept of people, for an organization's own people."""

from __future__ import annotations

import re

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import ProvisionedGroup
from django_scim_provider.portal.key_pages import page_behind
from tests.people import connect
from tests.portal.conftest import Directory, address, text_of
from tests.scim_client import GROUP

pytestmark = pytest.mark.django_db


def make_group(directory: Directory, name: str, *ids: str) -> ProvisionedGroup:
    body = {"schemas": [GROUP], "displayName": name, "members": [{"value": id} for id in ids]}
    answer = directory.scim.request("POST", "/Groups", body)
    return ProvisionedGroup.objects.get(scim_id=answer.json["id"])


def person(directory: Directory, name: str) -> str:
    return str(directory.scim.create_user(f"{name}@corp.example")["id"])


def test_group_shows_its_members_with_links(directory: Directory) -> None:
    inner = make_group(directory, "Inner", person(directory, "bob"))
    outer = make_group(directory, "Outer", person(directory, "ann"), inner.scim_id)

    page = directory.page("group", outer.pk)

    assert "Members: 2" in text_of(page)
    assert "ann@corp.example" in text_of(page)
    assert address("group", directory.connection.pk, inner.pk) in page.content.decode()
    assert "bob@corp.example" not in text_of(page)
    assert "Is itself in Outer" in text_of(directory.page("group", inner.pk))


def test_members_go_on_behind_the_last_one(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_behind, "__kwdefaults__", {"size": 2})
    names = [f"u{n}" for n in range(5)]
    group = make_group(directory, "Staff", *(person(directory, name) for name in names))

    seen: list[str] = []
    where = address("group", directory.connection.pk, group.pk)
    query = ""
    for _ in range(3):
        shown = directory.client.get(where + query).content.decode()
        seen += re.findall(r">(u\d)@corp", shown)
        query = "?" + shown.partition('href="?')[2].partition('"')[0]

    assert sorted(seen) == names
    assert query == "?"


def test_empty_group_says_what_to_do(directory: Directory) -> None:
    group = make_group(directory, "Staff")

    assert "Nobody is in this group." in text_of(directory.page("group", group.pk))


def test_group_of_another_connection_is_not_found(directory: Directory) -> None:
    other = connect("other", "corp")
    other.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "Theirs"})
    group = ProvisionedGroup.objects.get(display_name="Theirs")

    assert directory.page("group", group.pk).status_code == 404


def test_lists_and_people_link_to_groups(directory: Directory) -> None:
    group = make_group(directory, "Staff", person(directory, "ann"))
    where = address("group", directory.connection.pk, group.pk)
    account = group.members.get().account

    assert where in directory.page("groups").content.decode()
    assert account is not None
    assert where in directory.page("person", account.pk).content.decode()


def test_privacy_tells_numbers_and_no_settings(directory: Directory) -> None:
    person(directory, "ann")

    shown = text_of(directory.page("privacy"))

    assert "How many now 1" in shown
    assert "DEPROVISION" not in shown
    assert "FAILED_IDENTITIES" not in shown
    assert "ann@corp.example" not in shown
    assert address("privacy", directory.connection.pk) in directory.page("people").content.decode()


def test_page_of_a_group_takes_as_many_statements_for_any_number_of_members(
    directory: Directory,
) -> None:
    ids = [person(directory, f"u{number}") for number in range(6)]
    group = make_group(directory, "Staff", ids[0])

    def statements() -> int:
        with CaptureQueriesContext(database) as context:
            assert directory.page("group", group.pk).status_code == 200
        return len(context)

    few = statements()
    value = [{"value": id} for id in ids]
    operation = {"op": "replace", "path": "members", "value": value}
    directory.scim.patch(f"/Groups/{group.scim_id}", operation)

    assert statements() == few
