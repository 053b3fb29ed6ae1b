"""Accounts and groups in the admin, and who sees them."""

from __future__ import annotations

import pytest
from django.test import Client

from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
)
from tests.administration import logged_in, staff, url
from tests.factories import make_account, make_connection, make_token
from tests.scim_client import CORE, SCIMTestClient
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db
VIEW = "view_providerconnection"


def test_staff_see_connections_of_organizations_and_no_personal_ones_of_others() -> None:
    me = staff("me", VIEW, "view_linkedaccount", "view_provisionedgroup", "view_scimtoken")
    make_connection(provider_id="of-organization", organization_id="o1")
    make_connection(provider_id="of-nobody")
    make_connection(provider_id="of-me", owner=me)
    theirs = make_connection(provider_id="of-other", owner=staff("other"))
    account = make_account("of-other", {"schemas": [CORE], "userName": "unseen"}, 1)
    client = logged_in(me)

    listed = client.get(url(ProviderConnection, "changelist")).content.decode()

    assert all(name in listed for name in ("of-organization", "of-nobody", "of-me"))
    assert "of-other" not in listed
    assert client.get(url(ProviderConnection, "change", theirs.pk)).status_code == 302
    assert client.get(url(LinkedAccount, "change", account)).status_code == 302
    assert "unseen" not in client.get(url(LinkedAccount, "changelist")).content.decode()


def test_accounts_and_groups_link_to_each_other_and_to_the_users(root: Client) -> None:
    client = SCIMTestClient(make_token(provider_id="acme"))
    ann = client.create_user("ann")["id"]
    inner = make_group(client, "Inner", ann)["id"]
    outer = make_group(client, "Outer", inner)["id"]
    user = LinkedAccount.objects.get().user

    account = root.get(url(LinkedAccount, "change", ann)).content.decode()
    inside = root.get(url(ProvisionedGroup, "change", inner)).content.decode()
    outside = root.get(url(ProvisionedGroup, "change", outer)).content.decode()

    assert f"/user/{user.pk}/change/" in account
    assert url(ProvisionedGroup, "change", inner) in account
    assert url(LinkedAccount, "change", ann) in inside
    assert url(ProvisionedGroup, "change", outer) in inside
    assert url(ProvisionedGroup, "change", inner) in outside


def test_group_of_many_shows_the_first_members_and_how_many_more(root: Client) -> None:
    client = SCIMTestClient(make_token(provider_id="acme"))
    ids = [make_account("acme", {"schemas": [CORE], "userName": f"u{n}"}, n) for n in range(103)]
    group = make_group(client, "Big", *ids)["id"]

    page = root.get(url(ProvisionedGroup, "change", group)).content.decode()

    assert "and 3 more" in page
