"""Each page and list of a connection shows the same navigation, with counts and for its reader."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    RoleMapping,
    SCIMToken,
)
from tests.administration import logged_in, staff, url
from tests.factories import make_account, make_connection, make_token
from tests.scim_client import CORE

pytestmark = pytest.mark.django_db
LISTS = (LinkedAccount, ProvisionedGroup, ProvisioningEvent, SCIMToken, RoleMapping)


@pytest.fixture
def acme() -> ProviderConnection:
    """Return a connection with two people and a token."""
    make_token(provider_id="acme")
    for number in range(2):
        make_account("acme", {"schemas": [CORE], "userName": f"u{number}"}, number)
    return ProviderConnection.objects.get(provider_id="acme")


def entries(page: str) -> dict[str, str]:
    """Return the counts beside the texts of the links."""
    found = re.search(r'<nav aria-label="Connection">.*?</nav>', page, re.DOTALL)
    assert found is not None
    links = re.findall(r"<a [^>]*>(.*?)</a>", found[0], re.DOTALL)
    texts = [re.sub(r"<[^>]+>", "", link).split() for link in links]
    return {words[0]: " ".join(words[1:]) for words in texts}


def current(page: str) -> str:
    own = page[page.index('class="scim-console"') :]
    found = re.findall(r'aria-current="page">([^<]+)', own[: own.index("</nav>")])
    assert len(found) == 1
    return str(found[0]).strip()


def test_connection_page_counts_what_is_behind_its_links(root: Client, acme: Any) -> None:
    page = root.get(url(ProviderConnection, "change", acme.pk)).content.decode()

    assert entries(page) | {"People": "2", "Groups": "0", "Tokens": "1", "Roles": "0"} == entries(
        page
    )
    assert current(page) == "Settings"


@pytest.mark.parametrize("model", LISTS)
def test_lists_of_a_connection_have_its_navigation(root: Client, acme: Any, model: Any) -> None:
    page = root.get(url(model, "changelist"), {"provider": "acme"}).content.decode()

    assert entries(page)["People"] == "2"
    assert current(page) in ("People", "Groups", "Events", "Tokens", "Roles")
    assert f"<h1>{current(page)}</h1>" in page


@pytest.mark.parametrize("model", LISTS)
def test_lists_of_a_connection_refuse_who_may_not_see_them(acme: Any, model: Any) -> None:
    client = logged_in(staff("view_providerconnection"))

    assert client.get(url(model, "changelist"), {"provider": "acme"}).status_code == 403


@pytest.mark.parametrize("narrowed", [False, True])
@pytest.mark.parametrize("model", [LinkedAccount, RoleMapping])
def test_column_of_connections_is_left_out_where_all_are_of_one(
    root: Client, acme: Any, model: Any, narrowed: bool
) -> None:
    RoleMapping.objects.create(provider=acme, match_by="everyone", organization_role="member")
    query = {"provider": "acme"} if narrowed else {}
    page = root.get(url(model, "changelist"), query).content.decode()

    assert ('class="field-provider' in page) is not narrowed


@pytest.mark.parametrize("page", ["change", "revoke"])
def test_token_has_the_navigation_of_its_connection(root: Client, acme: Any, page: str) -> None:
    address = url(SCIMToken, page, SCIMToken.objects.get().pk)

    shown = root.get(address).content.decode()
    unseen = logged_in(staff("eve", "view_scimtoken", "revoke_scimtoken")).get(address)

    assert current(shown) == "Tokens"
    assert ("scim-danger" in shown) is (page == "revoke")
    assert unseen.status_code == 200
    assert "scim-console" not in unseen.content.decode()


def test_page_that_connects_a_directory_says_so_and_asks_for_the_product(root: Client) -> None:
    page = root.get(url(ProviderConnection, "add")).content.decode()

    assert "<h1>Connect a directory</h1>" in page
    assert "Identity provider:" in page


def test_health_page_offers_what_the_navigation_lacks(root: Client, acme: Any) -> None:
    page = root.get(f"/admin/scim_provider/providerconnection/{acme.pk}/health/").content.decode()

    tools = re.search(r'<ul class="object-tools">.*?</ul>', page, re.DOTALL)
    assert tools is not None
    offered = re.findall(r">([^<>]+)</a>", tools[0])
    assert offered == ["Rotate the token", "Disable", "Decommission"]


@pytest.mark.parametrize("model", LISTS)
def test_lists_of_all_connections_have_none(root: Client, acme: Any, model: Any) -> None:
    page = root.get(url(model, "changelist")).content.decode()

    assert "scim-console" not in page


def test_rows_of_other_connections_are_left_out(root: Client, acme: Any) -> None:
    make_connection(provider_id="other")
    make_account("other", {"schemas": [CORE], "userName": "stranger"}, 9)

    page = root.get(url(LinkedAccount, "changelist"), {"provider": "acme"}).content.decode()

    assert "stranger" not in page


def test_readers_get_links_to_what_they_may_open(acme: Any) -> None:
    reader = logged_in(staff("reader", "view_providerconnection", "view_linkedaccount"))

    page = reader.get(url(ProviderConnection, "change", acme.pk)).content.decode()

    assert set(entries(page)) == {"Set-up", "People", "Health", "Drift", "Settings", "Privacy"}


def test_personal_connections_of_others_stay_unnamed(acme: Any) -> None:
    ProviderConnection.objects.update(owner=staff("somebody"), name="Secret")
    reader = logged_in(staff("reader", "view_providerconnection", "view_linkedaccount"))

    page = reader.get(url(LinkedAccount, "changelist"), {"provider": "acme"}).content.decode()

    assert "scim-console" not in page
    assert "Secret" not in page


def test_navigation_takes_one_statement_whatever_there_is(root: Client, acme: Any) -> None:
    address = url(LinkedAccount, "changelist")
    with CaptureQueriesContext(database) as without:
        root.get(address)
    with CaptureQueriesContext(database) as with_navigation:
        root.get(address, {"provider": "acme"})

    assert len(with_navigation) - len(without) <= 2  # the connection, and what it has
