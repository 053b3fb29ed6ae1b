"""What becomes of each person is told before, and is what becomes of them."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider.connections.consequences import PersonFate, of_decommission
from django_scim_provider.connections.decommission import decommission
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    RoleGrant,
    RoleMapping,
)
from django_scim_provider.models.keys import uuid7
from tests.administration import logged_in, staff, url
from tests.factories import make_account
from tests.people import connect, host_user, make_organization, post, set_active
from tests.previews.conftest import Company, file_of, text_of
from tests.scim_client import CORE
from tests.tenancy.models import Membership

pytestmark = pytest.mark.django_db


def fates(provider_id: str = "acme") -> dict[str, list[PersonFate]]:
    connection = ProviderConnection.objects.get(provider_id=provider_id)
    return {each.account.user_name: list(each.fates) for each in of_decommission(connection).each()}


def test_fates_are_what_decommissioning_does(company: Company, root: Client) -> None:
    company.map(root)
    gone, boss, both = (post(company.scim, name).json for name in ("gone", "boss", "both"))
    set_active(company.scim, gone, False)
    user = host_user(boss)
    user.is_staff = True
    user.save()
    connect("other")
    row = LinkedAccount.objects.get(scim_id=both["id"])
    row.pk, row.scim_id, row.provider_id = uuid7(), "x", "other"
    LinkedAccount.objects.bulk_create([row])

    told = fates()
    decommission(ProviderConnection.objects.get(provider_id="acme"))

    assert told == {
        "ann": [PersonFate.LOG_IN_CLOSED, PersonFate.ROLES_END],
        "bob": [PersonFate.LOG_IN_CLOSED, PersonFate.ROLES_END],
        "gone": [PersonFate.LOG_IN_CLOSED_ALREADY],
        "boss": [PersonFate.LEFT_ALONE],
        "both": [PersonFate.VOUCHED_FOR],
    }
    assert [host_user(one).is_active for one in (company.ann, gone, boss, both)] == [
        False,
        False,
        True,
        True,
    ]
    assert company.in_crew() == []


def test_members_of_organizations_lose_the_membership() -> None:
    scim = connect("corp", "o1")
    post(scim, "ann")
    olga, twin = (post(scim, name).json for name in ("olga", "twin"))
    Membership.objects.filter(user=host_user(olga)).update(role="owner")
    Membership.objects.create(user=host_user(twin), organization=make_organization("o2"))

    told = fates("corp")
    decommission(ProviderConnection.objects.get())

    assert told == {
        "ann": [PersonFate.LOG_IN_CLOSED, PersonFate.MEMBERSHIP_ENDS],
        "olga": [PersonFate.LEFT_ALONE],
        "twin": [PersonFate.MEMBER_ELSEWHERE, PersonFate.MEMBERSHIP_ENDS],
    }
    left = {str(row) for row in Membership.objects.all()}
    assert left == {f"o1: {host_user(olga).pk}", f"o2: {host_user(twin).pk}"}


def test_organization_without_a_backend_takes_no_membership(scim_settings: Any) -> None:
    post(connect("corp", "o1"), "ann")
    scim_settings(ORGANIZATION_BACKEND=None)

    assert fates("corp") == {"ann": [PersonFate.LOG_IN_CLOSED]}


def test_account_that_was_linked_while_inactive_closes_nothing(company: Company) -> None:
    LinkedAccount.objects.filter(scim_id=company.ann["id"]).update(active=False)

    assert fates()["ann"] == [PersonFate.LOG_IN_STAYS]


def test_decommission_page_says_whom_it_touches(root: Client, company: Company) -> None:
    page = root.get(url(ProviderConnection, "decommission", company.connection.pk))

    said = text_of(page)
    assert "Whom it touches: 2 people" in said
    assert "log-in closed, sessions ended" in said
    assert 'value="acme" readonly' in page.content.decode()
    assert 'class="default scim-danger"' in page.content.decode()


def test_file_has_everybody(root: Client, company: Company) -> None:
    LinkedAccount.objects.filter(scim_id=company.bob["id"]).update(user_name="@bob")
    address = url(ProviderConnection, "decommission", company.connection.pk)

    answer = root.get(address, {"csv": ""})

    lines = file_of(answer).splitlines()
    assert answer.headers["Cache-Control"].startswith("no-store, private")
    assert sorted(line.split(",")[1] for line in lines[1:]) == ["'@bob", "ann"]
    assert lines[1].endswith('"log-in closed, sessions ended"')


@pytest.mark.parametrize("page", ["decommission", "switch"])
def test_names_and_file_are_for_those_who_may_see_accounts(company: Company, page: str) -> None:
    permission = {"decommission": "decommission", "switch": "disable"}[page]
    own = ("view_providerconnection", f"{permission}_providerconnection")
    client = logged_in(staff("eve", *own))
    address = url(ProviderConnection, page, company.connection.pk)

    shown, file = client.get(address), client.get(address, {"csv": ""})

    assert "Whom it touches: 2 people" in text_of(shown)
    for answer in (shown, file):
        assert not answer.streaming
        assert ">ann<" not in answer.content.decode()


def test_disabling_says_that_nobody_is_kept_up(root: Client, company: Company) -> None:
    address = url(ProviderConnection, "switch", company.connection.pk)

    page, file = root.get(address), file_of(root.get(address, {"csv": ""}))
    root.post(address)
    enabling = root.get(address).content.decode()

    assert "Nobody loses access by it" in text_of(page)
    assert "scim-danger" in page.content.decode()
    assert file.count("no longer follows the identity provider") == 2
    assert "scim-danger" not in enabling


def test_page_takes_the_same_statements_for_any_number(root: Client, company: Company) -> None:
    make_organization("o1")

    def statements() -> list[int]:
        counts = []
        for page in ("decommission", "switch"):
            with CaptureQueriesContext(database) as caught:
                root.get(url(ProviderConnection, page, company.connection.pk))
            counts.append(len(caught))
        return counts

    statements()
    few = statements()
    for number in range(15):
        make_account("acme", {"schemas": [CORE], "userName": f"u{number}"}, number)

    assert statements() == few


def test_deleting_an_account_says_what_becomes_of_its_user(root: Client, company: Company) -> None:
    company.map(root)
    account = LinkedAccount.objects.get(scim_id=company.ann["id"])
    address = url(LinkedAccount, "delete", account.pk)

    said = text_of(root.get(address))
    root.post(address, {"post": "yes"})

    assert "Whom it touches: 1 person" in said
    assert "roles from groups are taken back" in said
    assert company.in_crew() == ["bob"]
    assert not RoleGrant.objects.filter(user=account.user_id).exists()
    assert account.user.is_active
    assert ProvisioningEvent.objects.filter(action="unlink").count() == 1


def test_accounts_without_mappings_are_deleted_as_well(root: Client, company: Company) -> None:
    account = LinkedAccount.objects.get(scim_id=company.ann["id"])

    root.post(url(LinkedAccount, "delete", account.pk), {"post": "yes"})

    assert LinkedAccount.objects.count() == 1


def test_several_accounts_are_deleted_once_it_is_said(root: Client, company: Company) -> None:
    company.map(root)
    chosen = [str(row.pk) for row in LinkedAccount.objects.all()]
    answers = {"action": "delete_selected", "_selected_action": chosen}
    address = url(LinkedAccount, "changelist")

    page = root.post(address, answers)
    file = file_of(root.post(address, {**answers, "_csv": "yes"}))
    kept = LinkedAccount.objects.count()
    root.post(address, {**answers, "post": "yes"})

    assert "Whom it touches: 2 people" in text_of(page)
    assert file.count("roles from groups are taken back") == 2
    assert (kept, LinkedAccount.objects.count(), company.in_crew()) == (2, 0, [])


def test_too_many_accounts_are_not_deleted_together(
    root: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_scim_provider.admin.account_deletion.MOST", 1)
    chosen = [str(row.pk) for row in LinkedAccount.objects.all()]
    answers = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}

    page = root.post(url(LinkedAccount, "changelist"), answers, follow=True)

    assert "Choose 1 accounts at most" in text_of(page)
    assert LinkedAccount.objects.count() == 2


def test_file_of_drift_has_every_difference(
    root: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_scim_provider.admin.connection_pages.drift.BATCH_SIZE", 1)
    for one in (company.ann, company.bob):
        user = host_user(one)
        user.is_active = False
        user.save()
    address = url(ProviderConnection, "drift", company.connection.pk)

    page, lines = root.get(address), file_of(root.get(address, {"csv": ""})).splitlines()
    eve = logged_in(staff("eve", "view_providerconnection"))

    assert "All differences as CSV" in text_of(page)
    assert sorted(line.split(",")[0] for line in lines[1:]) == ["ann", "bob"]
    assert not eve.get(address, {"csv": ""}).streaming


def test_mapping_of_a_user_without_account_loses_by_name(root: Client, company: Company) -> None:
    company.map(root)
    LinkedAccount.objects.filter(scim_id=company.ann["id"]).delete()

    page = root.get(url(RoleMapping, "delete", RoleMapping.objects.get().pk))

    assert "2 people lose it" in text_of(page)


def test_names_of_groups_in_a_file_are_for_those_who_may_see_them(company: Company) -> None:
    ProvisionedGroup.objects.filter(pk=company.team["id"]).update(external_id="drifted")
    address = url(ProviderConnection, "drift", company.connection.pk)
    permissions = ["view_providerconnection", "view_linkedaccount"]
    eve = logged_in(staff("eve", *permissions))
    zoe = logged_in(staff("zoe", *permissions, "view_provisionedgroup"))

    files = [file_of(client.get(address, {"csv": ""})) for client in (eve, zoe)]

    assert ["Team" in file for file in files] == [False, True]


def test_the_others_are_a_click_away(root: Client, company: Company) -> None:
    for number in range(10):
        make_account("acme", {"schemas": [CORE], "userName": f"u{number}"}, number)

    page = root.get(url(ProviderConnection, "decommission", company.connection.pk))
    link = re.search(r'<a href="([^"]+)">and 2 more</a>', page.content.decode())

    assert link is not None
    assert "12 linked accounts" in text_of(root.get(html.unescape(link.group(1))))
