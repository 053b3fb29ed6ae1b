"""Connections whose ids are the project's own: nobody manages them but the operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client

from django_scim_provider import api
from django_scim_provider.models import ProviderConnection, ProvisioningEvent, SCIMToken
from django_scim_provider.tokens.wire import WireToken
from tests.administration import logged_in, staff, url
from tests.factories import make_connection, make_token
from tests.management.conftest import Person
from tests.people import make_organization
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db

SECRET = "s" * 32
PERMISSIONS = (
    "view_providerconnection",
    "view_scimtoken",
    "add_scimtoken",
    "rotate_scimtoken",
    "revoke_scimtoken",
    "disable_providerconnection",
    "decommission_providerconnection",
)


@pytest.fixture(params=["settings", "RESERVED_PROVIDER_IDS", "log-in", "other-case"])
def reserved(request: Any, scim_settings: Any, settings: Any) -> Callable[..., str]:
    """Return a function that makes a connection with a token, and then reserves its id."""

    def make(**fields: Any) -> str:
        id = "FIXED" if request.param == "other-case" else "fixed"
        make_token(provider_id=id, **fields)
        default = {
            "provider_id": "fixed",
            "scim_token": SECRET,
            "organization_id": fields.get("organization_id"),
        }
        if request.param == "log-in":
            apps = [{"provider_id": "fixed", "client_id": "c"}]
            settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": apps}}
        elif request.param == "settings":
            scim_settings(DEFAULT_SCIM=[default])
        else:
            scim_settings(RESERVED_PROVIDER_IDS=["fixed"])
        return id

    return make


def state() -> tuple[Any, ...]:
    connection, token = ProviderConnection.objects.get(), SCIMToken.objects.get()
    return connection.enabled, connection.decommissioned_at, token.pk, token.revoked_at


def asked(person: Person, id: str, organization_id: str | None = None) -> dict[str, int]:
    """Ask for every change of a connection, and return the answers."""
    token = SCIMToken.objects.get()
    return {
        "generate": person.generate(id, organization_id).status,
        "rotate": person.post("rotate-token", providerId=id).status,
        "revoke": person.post("revoke-token", tokenId=str(token.pk)).status,
        "delete": person.post("delete-provider-connection", providerId=id).status,
    }


def test_reserved_connection_is_nobodys_where_ownership_is_off(
    ann: Person, scim_settings: Any, reserved: Any
) -> None:
    scim_settings(PROVIDER_OWNERSHIP={"enabled": False})
    id = reserved()
    before = state()

    answers = asked(ann, id)

    assert answers == dict.fromkeys(("generate", "rotate", "revoke", "delete"), 400)
    assert state() == before
    assert set(ProvisioningEvent.objects.filter(status=400).values_list("action", flat=True)) == {
        "generate_token",
        "revoke_token",
        "delete_connection",
    }


def test_reserved_connection_of_an_organization_is_not_its_admins(
    person: Callable[..., Person], reserved: Any
) -> None:
    eve = person("eve", corp="owner")
    id = reserved(organization_id="corp")
    before = state()

    answers = asked(eve, id, "corp")

    assert answers == dict.fromkeys(("generate", "rotate", "revoke", "delete"), 400)
    assert state() == before


def test_reserved_connection_is_not_its_owners(ann: Person, reserved: Any) -> None:
    id = reserved(owner=ann.user)
    before = state()

    with pytest.raises(ValidationError, match="reserved"):
        api.generate_scim_token(ann.user, id)
    with pytest.raises(ValidationError, match="reserved"):
        api.delete_scim_provider_connection(ann.user, id)

    assert asked(ann, id) == dict.fromkeys(("generate", "rotate", "revoke", "delete"), 400)
    assert state() == before


def test_strangers_are_not_told_that_a_connection_is_reserved(ann: Person, reserved: Any) -> None:
    id = reserved()

    answers = asked(ann, id)

    assert answers == {"generate": 403, "rotate": 404, "revoke": 404, "delete": 404}


def test_connection_of_the_settings_goes_on_working_for_its_own_token(
    ann: Person, scim_settings: Any
) -> None:
    scim_settings(
        PROVIDER_OWNERSHIP={"enabled": False},
        DEFAULT_SCIM=[{"provider_id": "fixed", "scim_token": SECRET}],
    )
    client = SCIMTestClient(WireToken(SECRET, "fixed", None).encode())
    first = client.get("/Users").status  # makes the row

    ann.post("delete-provider-connection", providerId="fixed")
    ann.generate("fixed")

    assert (first, client.get("/Users").status) == (200, 200)
    assert not SCIMToken.objects.exists()


@pytest.mark.parametrize("page", ["generate_token", "switch", "decommission", "revoke"])
@pytest.mark.parametrize("superuser", [False, True])
def test_reserved_connection_is_the_superusers_in_the_admin(
    reserved: Any, page: str, superuser: bool
) -> None:
    reserved()
    connection, token = ProviderConnection.objects.get(), SCIMToken.objects.get()
    user = staff("root", is_superuser=True) if superuser else staff("eve", *PERMISSIONS)
    client = logged_in(user)
    address = url(ProviderConnection, page, connection.pk) if page != "revoke" else ""
    address = address or url(SCIMToken, "revoke", token.pk)
    before = state()

    offered = client.get(url(ProviderConnection, "change", connection.pk)).content.decode()
    asked = client.get(address).status_code
    if not superuser:
        client.post(address, {"provider_id": connection.provider_id, "key": token.pk})

    assert asked == (200 if superuser else 403)
    assert (address in offered) is (superuser and page != "revoke")
    assert state() == before


def test_connections_with_other_ids_are_managed_as_before(root: Client) -> None:
    make_connection(provider_id="free")
    address = url(ProviderConnection, "switch", ProviderConnection.objects.get().pk)

    assert logged_in(staff("eve", *PERMISSIONS)).get(address).status_code == 200


def test_operator_manages_reserved_connections_by_command(reserved: Any, capsys: Any) -> None:
    id = reserved()

    call_command("scim_rotate_token", id)
    call_command("scim_revoke_token", id, "--all")
    call_command("scim_decommission", id)

    assert ProviderConnection.objects.get().decommissioned_at is not None


@pytest.mark.parametrize("id", ["corp", "CORP"])
def test_id_that_the_linking_policy_trusts_is_not_taken_for_a_personal_connection(
    ann: Person, scim_settings: Any, id: str
) -> None:
    make_organization("corp", **{"ann@x.example": "admin"})
    scim_settings(LINK_EXISTING_USERS={"trusted_domains": {"corp": ["corp.example"]}})

    refused = ann.generate(id).status
    of_the_organization = ann.generate("okta", "corp").status
    other = ann.generate("mine").status

    assert (refused, of_the_organization, other) == (400, 201, 201)
