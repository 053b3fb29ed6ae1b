"""Lists and pages of the admin take the same queries for any number of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    RoleMapping,
    SCIMToken,
)
from tests.administration import logged_in, staff, url
from tests.factories import make_account, make_connection, make_token
from tests.scim_client import CORE, SCIMTestClient
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db
MODELS = (ProviderConnection, SCIMToken, LinkedAccount, ProvisionedGroup, RoleMapping)


def fill(provider_id: str) -> None:
    """Make a connection that has one of everything."""
    client = SCIMTestClient(make_token(provider_id=provider_id))
    account = make_account(
        provider_id, {"schemas": [CORE], "userName": provider_id}, int(provider_id[1:])
    )
    group = make_group(client, provider_id, account)
    RoleMapping.objects.create(
        provider=ProviderConnection.objects.get(provider_id=provider_id),
        value=group["id"],
        organization_role="admin",
    )


def queries(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(database) as caught:
        assert ask().status_code == 200
    return len(caught)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("who", ["superuser", "staff"])
def test_list_takes_the_same_queries_whatever_its_length(
    root: Client, model: type, who: str
) -> None:
    view = [f"view_{each.__name__.lower()}" for each in MODELS]
    client = root if who == "superuser" else logged_in(staff("me", *view))
    fill("c0")
    address = url(model, "changelist")
    client.get(address)  # warms what Django keeps
    few = queries(lambda: client.get(address))
    for number in range(1, 8):
        fill(f"c{number}")

    client.get(address)  # counts the days that are over
    assert queries(lambda: client.get(address)) == few <= (16 if model is ProviderConnection else 9)


@pytest.mark.parametrize("term", ["c0", "C0", "%", "'", "\x00", "x" * 65536])
@pytest.mark.parametrize("model", MODELS)
def test_search_answers_whatever_is_typed(root: Client, model: type, term: str) -> None:
    fill("c0")

    assert root.get(url(model, "changelist"), {"q": term}).status_code == 200


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "enabled"),
        ({"enabled": False}, "disabled"),
        ({"decommissioned_at": "2026-01-01T00:00Z"}, "decommissioned"),
    ],
)
def test_connections_are_found_by_their_state(
    root: Client, fields: dict[str, Any], state: str
) -> None:
    make_connection(**fields)
    found = {
        asked: "1 connection"
        in root.get(url(ProviderConnection, "changelist"), {"state": asked}).content.decode()
        for asked in ("enabled", "disabled", "decommissioned")
    }

    assert found == {name: name == state for name in found}
