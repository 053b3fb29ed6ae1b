"""Who sees the health page, and what of it."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from django_scim_provider.models import LinkedAccount, ProviderConnection, ProvisioningEvent
from tests.administration import url
from tests.factories import make_account, make_connection
from tests.health.conftest import Note
from tests.health.pages import VIEW, address, now_noted, page, staff
from tests.scim_client import CORE

pytestmark = pytest.mark.django_db


def test_page_is_linked(root: Client, connection: ProviderConnection) -> None:
    change = url(ProviderConnection, "change", connection.pk)

    assert address(connection) in root.get(change).content.decode()


def test_other_pages_are_linked_to_those_who_may_open_them(connection: ProviderConnection) -> None:
    other = url(ProviderConnection, "generate_token", connection.pk)
    reader, maker = staff("reader", VIEW), staff("maker", VIEW, "add_scimtoken")

    seen = [other in client.get(address(connection)).content.decode() for client in (reader, maker)]

    assert seen == [False, True]


def test_permission_to_view_connections_is_needed(connection: ProviderConnection) -> None:
    answers = [
        staff(name, *permissions).get(address(connection)).status_code
        for name, permissions in (
            ("none", ()),
            ("other", ("view_scimtoken", "view_linkedaccount")),
            ("reader", (VIEW,)),
        )
    ]

    assert answers == [403, 403, 200]
    assert Client().get(address(connection)).status_code == 302


def test_personal_connection_of_somebody_else_is_not_there() -> None:
    me, owner = staff("me", VIEW), staff("owner", VIEW)
    theirs = make_connection(
        provider_id="theirs", owner=get_user_model()._default_manager.get(username="owner")
    )

    answers = [client.get(address(theirs)).status_code for client in (me, owner)]

    assert answers == [404, 200]


def test_events_are_linked_to_those_who_may_see_them(
    connection: ProviderConnection, note: Note
) -> None:
    now_noted(note, connection, outcome="refused", status=409)
    events = url(ProvisioningEvent, "changelist")
    reader, watcher = staff("reader", VIEW), staff("watcher", VIEW, "view_provisioningevent")

    seen = [page(client, connection) for client in (reader, watcher)]

    assert [f"{events}?provider=acme" in shown for shown in seen] == [False, True]
    assert [f"{events}?q=r1" in shown for shown in seen] == [False, True]
    assert "<code>r1</code>" in seen[0]


def test_account_of_a_failure_is_named_to_those_who_may_see_it(
    connection: ProviderConnection, note: Note
) -> None:
    key = make_account("acme", {"schemas": [CORE], "userName": "ann@x.example"}, 1)
    now_noted(note, connection, outcome="refused", status=403, resource_id=key)
    account = url(LinkedAccount, "change", key)

    reader = page(staff("reader", VIEW), connection)
    helper = page(staff("helper", VIEW, "view_linkedaccount"), connection)

    assert "ann@x.example" not in reader
    assert key in reader
    assert account not in reader
    assert f'<a href="{account}">ann@x.example</a>' in helper
