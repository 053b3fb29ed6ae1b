"""A connection, and somebody to whom much happened."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from django_scim_provider.models import LinkedAccount
from tests.people import connect, post, set_active
from tests.scim_client import SCIMTestClient
from tests.test_groups import make_group
from tests.test_roles import map_to
from tests.timeline.recorded import members


@pytest.fixture
def client() -> SCIMTestClient:
    return connect(profile="okta")


@pytest.fixture
def ann(client: SCIMTestClient) -> LinkedAccount:
    """Return somebody to whom much happened."""
    made = post(client, "ann").json
    group = make_group(client, "Team", made["id"])
    map_to(group["id"], to="Reviewers")
    call_command("scim_reconcile")
    client.patch(f"/Users/{made['id']}", {"op": "add", "path": "title", "value": "T"})
    members(client, group, "remove", made)
    set_active(client, made, False)
    set_active(client, made, True)
    return LinkedAccount.objects.get(scim_id=made["id"])
