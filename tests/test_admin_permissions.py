"""What staff reach with each single permission, and what belongs to others with all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.core.schemas import GROUP
from django_scim_provider.models import (
    GroupMapping,
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    SCIMToken,
)
from tests.administration import logged_in, staff, url
from tests.factories import make_account, make_connection, make_token
from tests.people import make_organization
from tests.scim_client import CORE, SCIMTestClient
from tests.tenancy.models import Membership

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
            "groupmapping",
            "provisioningevent",
        )
    ),
    "disable_providerconnection",
    "decommission_providerconnection",
    "repair_providerconnection",
    "rotate_scimtoken",
    "revoke_scimtoken",
]
REFUSED = {302, 403, 404}
"""Django's answer for a row that the reader may not see is a redirect."""


class AdapterWithRoles(DefaultAdapter):
    """A project with a role of its own."""

    def roles(self) -> Any:
        return ["billing"]


@dataclass(frozen=True)
class World:
    """One row of each kind."""

    connection: ProviderConnection
    token: SCIMToken
    account: LinkedAccount
    group: ProvisionedGroup
    mapping: GroupMapping
    event: ProvisioningEvent


def make_world(provider_id: str, **fields: Any) -> World:
    wire = make_token(provider_id=provider_id, **fields)
    account = make_account(provider_id, {"schemas": [CORE], "userName": provider_id}, 1)
    body = {"schemas": [GROUP.schema.id], "displayName": "Staff"}
    SCIMTestClient(wire).request("POST", "/Groups", body)
    connection = ProviderConnection.objects.get(provider_id=provider_id)
    mapping = GroupMapping.objects.create(
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
        "groupmapping": world.mapping,
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
    for page in ("health", "drift", "generate_token", "switch", "decommission"):
        ask(page, url(ProviderConnection, page, world.connection.pk))
    ask("revoke", url(SCIMToken, "revoke", world.token.pk))
    ask("export", url(ProvisioningEvent, "export"))
    field = {"app_label": "scim_provider", "model_name": "groupmapping", "field_name": "provider"}
    ask("autocomplete", reverse("admin:autocomplete"), **field)
    return found


def expected(permission: str) -> set[str]:
    verb, model = permission.split("_")
    found: set[str] = set()
    if verb in ("view", "change"):
        found |= {f"{page} {model}" for page in ("read", "history", "list")}
    if permission in ("add_providerconnection", "add_groupmapping"):
        found.add(f"add {model}")
    if permission in ("delete_linkedaccount", "delete_groupmapping"):
        found.add(f"delete {model}")
    if permission == "view_providerconnection":
        found |= {"health", "drift"}
    if verb in ("view", "change"):
        found |= {
            "providerconnection": {"autocomplete"},
            "provisioningevent": {"export"},
        }.get(model, set())
    return found


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_single_permission_opens_its_pages_and_no_others(permission: str) -> None:
    world = make_world("acme")

    assert reached(logged_in(staff("eve", permission)), world) == expected(permission)


def test_every_permission_of_the_admin_is_tried() -> None:
    registered = rows(make_world("acme"))
    codenames = Permission.objects.filter(content_type__app_label="scim_provider")
    there = {
        name
        for name in codenames.values_list("codename", flat=True)
        if name.partition("_")[2] in registered
    }

    assert there == set(PERMISSIONS)


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

    models = {"providerconnection", "groupmapping"}
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
    assert GroupMapping.objects.filter(pk=theirs.mapping.pk).exists()


def autocompleted(client: Client) -> bytes:
    field = {"app_label": "scim_provider", "model_name": "groupmapping", "field_name": "provider"}
    return bytes(client.get(reverse("admin:autocomplete"), field).content)


def test_personal_connections_of_others_are_no_choices_of_a_mapping() -> None:
    make_connection(provider_id="theirs", owner=staff("boss"))
    make_connection(provider_id="shared")
    group = Group.objects.create(name="own")
    eve = staff("eve", *PERMISSIONS)
    eve.groups.add(group)
    client = logged_in(eve)

    choices = autocompleted(client)
    for provider_id in ("theirs", "shared"):
        answers = {"provider": provider_id, "match_by": "id", "value": "x"}
        client.post(url(GroupMapping, "add"), {**answers, "django_group": group.pk})

    assert b"shared" in choices
    assert b"theirs" not in choices
    assert list(GroupMapping.objects.values_list("provider", flat=True)) == ["shared"]


@pytest.mark.parametrize(
    "target", ["project_role", "organization_role", "role-elsewhere", "django_group"]
)
@pytest.mark.parametrize("given", [("change_groupmapping",), tuple(PERMISSIONS)])
@pytest.mark.parametrize("field", ["provider", "value"])
def test_mapping_to_what_staff_do_not_have_is_theirs_to_read_and_not_to_point_elsewhere(
    scim_settings: Any, target: str, given: tuple[str, ...], field: str
) -> None:
    scim_settings(ADAPTER=f"{__name__}.AdapterWithRoles")
    eve = staff("eve", *given)
    make_organization("corp")
    Membership.objects.create(user=eve, organization=make_organization("other"), role="admin")
    make_connection(provider_id="eves", owner=eve)
    boss = make_connection(provider_id="boss", organization_id="corp")
    roles: dict[str, dict[str, Any]] = {
        "project_role": {"project_role": "billing"},
        "organization_role": {"organization_role": "auditor"},
        "role-elsewhere": {"organization_role": "admin"},
        "django_group": {"django_group": Group.objects.create(name="boss")},
    }
    role = roles[target]
    mapping = GroupMapping.objects.create(provider=boss, value="x", **role)
    sent = {name: getattr(value, "pk", value) for name, value in role.items()}
    answers = {"provider": "boss", "match_by": "id", "value": "x", **sent}
    address = url(GroupMapping, "change", mapping.pk)
    client = logged_in(eve)

    page = client.get(address)
    changed = client.post(address, {**answers, field: {"provider": "eves", "value": "mine"}[field]})

    mapping.refresh_from_db()
    assert (page.status_code, changed.status_code) == (200, 403)
    assert b'name="_save"' not in page.content
    assert (mapping.provider_id, mapping.value) == ("boss", "x")


@pytest.mark.parametrize("target", ["organization_role", "django_group"])
def test_mapping_to_what_staff_have_is_theirs_to_change(target: str) -> None:
    eve = staff("eve", "change_groupmapping")
    Membership.objects.create(user=eve, organization=make_organization("corp"), role="auditor")
    own = Group.objects.create(name="own")
    eve.groups.add(own)
    make_connection(organization_id="corp")
    role: Any = {"organization_role": "auditor"}
    if target == "django_group":
        role = {"django_group": own}
    mapping = GroupMapping.objects.create(provider_id="acme", value="x", **role)
    sent = {name: getattr(value, "pk", value) for name, value in role.items()}
    answers = {"provider": "acme", "match_by": "id", "value": "y", **sent}

    answer = logged_in(eve).post(url(GroupMapping, "change", mapping.pk), answers)

    mapping.refresh_from_db()
    assert (answer.status_code, mapping.value) == (302, "y")


def test_superuser_changes_every_mapping(root: Client, scim_settings: Any) -> None:
    scim_settings(ADAPTER=f"{__name__}.AdapterWithRoles")
    make_connection()
    mapping = GroupMapping.objects.create(provider_id="acme", value="x", project_role="billing")
    answers = {"provider": "acme", "match_by": "id", "value": "y", "project_role": "billing"}

    root.post(url(GroupMapping, "change", mapping.pk), answers)

    mapping.refresh_from_db()
    assert mapping.value == "y"


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
