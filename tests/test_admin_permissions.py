"""What belongs to others stays theirs, also for staff with all permissions.

What each permission opens is the matrix of ``tests.console.test_permission_matrix``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from django_scim_provider.core.schemas import GROUP
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    RoleMapping,
    SCIMToken,
)
from tests.administration import logged_in, staff, url
from tests.factories import make_account, make_token
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db

PERMISSIONS = [
    *(
        f"{verb}_{model}"
        for verb in ("view", "add", "change", "delete")
        for model in (
            "providerconnection",
            "scimtoken",
            "linkedaccount",
            "provisionedgroup",
            "rolemapping",
            "provisioningevent",
        )
    ),
    "disable_providerconnection",
    "decommission_providerconnection",
    "repair_providerconnection",
    "export_providerconnection",
    "rotate_scimtoken",
    "revoke_scimtoken",
]
REFUSED = {302, 403, 404}
"""Django's answer for a row that the reader may not see is a redirect."""


@dataclass(frozen=True)
class World:
    """One row of each kind."""

    connection: ProviderConnection
    token: SCIMToken
    account: LinkedAccount
    group: ProvisionedGroup
    mapping: RoleMapping
    event: ProvisioningEvent


def make_world(provider_id: str, **fields: Any) -> World:
    wire = make_token(provider_id=provider_id, **fields)
    account = make_account(provider_id, {"schemas": [CORE], "userName": provider_id}, 1)
    body = {"schemas": [GROUP.schema.id], "displayName": "Staff"}
    SCIMTestClient(wire).request("POST", "/Groups", body)
    connection = ProviderConnection.objects.get(provider_id=provider_id)
    mapping = RoleMapping.objects.create(
        provider=connection, value="x", django_group=Group.objects.create(name=provider_id)
    )
    event = ProvisioningEvent.objects.filter(provider__provider_id=provider_id).latest("at")
    return World(
        connection=connection,
        token=SCIMToken.objects.get(provider=connection),
        account=LinkedAccount.objects.get(pk=account),
        group=ProvisionedGroup.objects.get(provider=connection),
        mapping=mapping,
        event=event,
    )


def rows(world: World) -> dict[str, Any]:
    return {
        "providerconnection": world.connection,
        "scimtoken": world.token,
        "linkedaccount": world.account,
        "provisionedgroup": world.group,
        "rolemapping": world.mapping,
        "provisioningevent": world.event,
    }


def reached(client: Client, world: World) -> set[str]:
    """Return which pages of the rows answer, and which changes are taken, by names."""
    found = set()

    def ask(name: str, address: str, method: str = "get", **answers: Any) -> None:
        status = getattr(client, method)(address, answers).status_code
        assert status in REFUSED | {200}, (name, status)
        if status == 200:
            found.add(name)

    for model, row in rows(world).items():
        ask(f"read {model}", url(type(row), "change", row.pk))
        ask(f"history {model}", url(type(row), "history", row.pk))
        ask(f"list {model}", url(type(row), "changelist"))
        ask(f"add {model}", url(type(row), "add"))
        ask(f"delete {model}", url(type(row), "delete", row.pk))
    for page in ("setup", "health", "drift", "generate_token", "switch", "decommission"):
        ask(page, url(ProviderConnection, page, world.connection.pk))
    ask("revoke", url(SCIMToken, "revoke", world.token.pk))
    ask("export", url(ProvisioningEvent, "export"))
    field = {"app_label": "scim_provider", "model_name": "rolemapping", "field_name": "provider"}
    ask("autocomplete", reverse("admin:autocomplete"), **field)
    return found


def test_all_permissions_together_open_nothing_of_somebody_elses_personal_connection() -> None:
    theirs = make_world("theirs", owner=staff("boss"))
    token, account = theirs.token, theirs.account
    client = logged_in(staff("eve", *PERMISSIONS))

    open_pages = reached(client, theirs)
    lists = [client.get(url(type(row), "changelist")) for row in rows(theirs).values()]
    export = b"".join(client.get(url(ProvisioningEvent, "export")))
    for page in ("switch", "drift", "decommission", "generate_token"):
        answers = {"provider_id": "theirs", "key": token.pk}
        client.post(url(ProviderConnection, page, theirs.connection.pk), answers)
    client.post(url(SCIMToken, "revoke", token.pk))
    for row in (account, theirs.mapping):
        client.post(url(type(row), "delete", row.pk), {"post": "yes"})
        chosen = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
        client.post(url(type(row), "changelist"), chosen)

    models = {"providerconnection", "rolemapping"}
    assert open_pages == {
        *(f"list {model}" for model in rows(theirs)),
        *(f"add {model}" for model in models),
        "export",
        "autocomplete",
    }
    assert not any(b"theirs" in page.content for page in lists)
    assert b"theirs" not in export
    theirs.connection.refresh_from_db()
    token.refresh_from_db()
    assert (theirs.connection.enabled, theirs.connection.decommissioned_at) == (True, None)
    assert token.revoked_at is None
    assert LinkedAccount.objects.filter(pk=account.pk).exists()
    assert RoleMapping.objects.filter(pk=theirs.mapping.pk).exists()


@pytest.mark.parametrize(
    "lookup", ["secret__startswith", "secret", "secret__regex", "provider__tokens__secret"]
)
def test_stored_secret_is_not_found_out_by_the_query_string(lookup: str) -> None:
    make_token()
    secret = SCIMToken.objects.get().secret
    client = logged_in(staff("eve", "view_scimtoken"))

    answer = client.get(url(SCIMToken, "changelist"), {lookup: secret[:3]})

    assert answer.status_code in (302, 400)
    assert client.get(url(SCIMToken, "changelist"), {"label": ""}).status_code == 200


@pytest.mark.parametrize("model", [LinkedAccount, ProviderConnection, ProvisioningEvent])
@pytest.mark.parametrize("lookup", ["provider__tokens__secret", "tokens__secret", "user__password"])
def test_secrets_of_related_rows_are_not_found_out(model: type, lookup: str) -> None:
    client = logged_in(staff("eve", *PERMISSIONS))

    answer = client.get(url(model, "changelist"), {f"{lookup}__startswith": "x"})

    assert answer.status_code in (302, 400)


@pytest.mark.parametrize(
    ("permission", "shown"),
    [
        ("view_linkedaccount", {"ann of the directory"}),
        ("view_provisionedgroup", {"Staff of the directory"}),
        ("view_scimtoken", set()),
    ],
)
def test_drift_page_names_what_its_reader_may_see(permission: str, shown: set[str]) -> None:
    make_token(provider_id="acme")
    make_account("acme", {"schemas": [CORE], "userName": "ann of the directory"}, 1)
    LinkedAccount.objects.update(active=False, last_modified=timezone.now())
    wire = make_token(provider_id="acme")
    body = {"schemas": [GROUP.schema.id], "displayName": "Staff of the directory"}
    SCIMTestClient(wire).request("POST", "/Groups", body)
    ProvisionedGroup.objects.update(display_name_key="other")
    address = url(ProviderConnection, "drift", ProviderConnection.objects.get().pk)

    page = logged_in(staff("eve", "view_providerconnection", permission)).get(address)

    names = ("ann of the directory", "Staff of the directory")
    assert {name for name in names if name in page.content.decode()} == shown
