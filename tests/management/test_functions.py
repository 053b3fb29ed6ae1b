"""The fifteen operations as functions, and the description of the client's side."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

import django_scim_provider
from django_scim_provider import api
from django_scim_provider.core.errors import InvalidFilter, NotFound, SCIMError, Uniqueness
from django_scim_provider.models import LinkedAccount, ProviderConnection
from tests.factories import make_token
from tests.people import make_organization, make_user
from tests.scim_client import CORE, SCIMTestClient

FIFTEEN = (
    "generate_scim_token",
    "list_scim_provider_connections",
    "get_scim_provider_connection",
    "delete_scim_provider_connection",
    "create_scim_user",
    "list_scim_users",
    "get_scim_user",
    "update_scim_user",
    "patch_scim_user",
    "delete_scim_user",
    "get_scim_service_provider_config",
    "get_scim_schemas",
    "get_scim_schema",
    "get_scim_resource_types",
    "get_scim_resource_type",
)


def test_all_fifteen_are_there() -> None:
    assert len(FIFTEEN) == 15
    assert {name for name in api.__all__ if inspect.isfunction(getattr(api, name))} == set(FIFTEEN)


@pytest.mark.django_db
def test_token_is_generated_for_a_person_and_not_shown_by_accident() -> None:
    ann = make_user("ann@x.example")

    made = api.generate_scim_token(ann, "acme", label="first")

    assert SCIMTestClient(made.scim_token).get("/Users").status == 200
    assert made.scim_token not in repr(made)
    assert made.token.label == "first"


@pytest.mark.django_db
def test_connections_are_those_of_the_person() -> None:
    ann, bob = make_user("ann@x.example"), make_user("bob@x.example")
    make_organization("corp", **{"ann@x.example": "admin"})
    api.generate_scim_token(ann, "own")
    api.generate_scim_token(ann, "of-corp", "corp")

    listed = [str(found) for found in api.list_scim_provider_connections(ann)]
    api.delete_scim_provider_connection(ann, "own")

    assert sorted(listed) == ["of-corp", "own"]
    assert api.get_scim_provider_connection(ann, "of-corp").organization_id == "corp"
    assert not api.list_scim_provider_connections(bob)
    for name in ("own", "of-corp", "nowhere"):
        with pytest.raises(ProviderConnection.DoesNotExist):
            api.get_scim_provider_connection(bob, name)
    with pytest.raises(PermissionDenied):
        api.generate_scim_token(bob, "own")
    with pytest.raises(ValidationError):
        api.generate_scim_token(bob, "a:b")


@pytest.mark.django_db
def test_users_are_handled_as_over_http() -> None:
    client = SCIMTestClient(make_token(provider_id="acme"))
    body = {"schemas": [CORE], "userName": "ann@x.example"}

    made = api.create_scim_user("acme", body)
    patched = api.patch_scim_user(
        "acme", made["id"], [{"op": "replace", "path": "title", "value": "T"}]
    )
    replaced = api.update_scim_user("acme", made["id"], {**body, "nickName": "A"})
    found = api.list_scim_users("acme", filter='userName eq "ann@x.example"', count=5)
    over_http = client.get(f"/Users/{made['id']}").json

    assert patched["title"] == "T"
    assert replaced["nickName"] == "A"
    assert found["totalResults"] == 1
    assert found["Resources"] == [api.get_scim_user("acme", made["id"])]
    assert without_location(over_http) == without_location(replaced)
    assert replaced["meta"]["location"] == f"/scim/v2/Users/{made['id']}"
    with pytest.raises(Uniqueness):
        api.create_scim_user("acme", body)
    with pytest.raises(InvalidFilter):
        api.list_scim_users("acme", filter="title eq")
    api.delete_scim_user("acme", made["id"])
    with pytest.raises(NotFound):
        api.get_scim_user("acme", made["id"])
    assert not LinkedAccount.objects.exists()


def without_location(resource: dict[str, Any]) -> dict[str, Any]:
    meta = {name: value for name, value in resource["meta"].items() if name != "location"}
    return {**resource, "meta": meta}


@pytest.mark.django_db
def test_connection_that_is_closed_or_unknown_is_not_found() -> None:
    make_token(provider_id="acme")
    ProviderConnection.objects.update(enabled=False)

    for name in ("acme", "nowhere"):
        with pytest.raises(SCIMError) as caught:
            api.list_scim_users(name)
        assert caught.value.status == 404


@pytest.mark.django_db
def test_metadata_is_what_discovery_shows() -> None:
    client = SCIMTestClient(make_token(provider_id="acme"))

    schemas, types = api.get_scim_schemas(), api.get_scim_resource_types()

    assert api.get_scim_service_provider_config()["patch"] == {"supported": True}
    shown = client.get("/Schemas").json["Resources"]
    assert [found["id"] for found in schemas] == [found["id"] for found in shown]
    assert api.get_scim_schema(CORE.upper())["id"] == CORE
    assert [found["name"] for found in types] == ["User", "Group"]
    assert api.get_scim_resource_type("Group")["endpoint"] == "/Groups"
    with pytest.raises(NotFound):
        api.get_scim_schema("urn:none")
    with pytest.raises(NotFound):
        api.get_scim_resource_type("Car")


def test_client_is_described() -> None:
    described = django_scim_provider.client()

    assert described.id == "scim-client"
    assert described.version == django_scim_provider.__version__ == version("django-scim-provider")
    assert (described.base_path, described.management_path) == ("/scim/v2", "/scim")
    assert described.routes.keys() >= set(FIFTEEN)
    assert described.routes["generate_scim_token"] == ("POST", "/scim/generate-token")
    assert described.routes["get_scim_user"] == ("GET", "/scim/v2/Users/{id}")


@pytest.mark.urls("tests.management.no_urls")
def test_client_of_a_project_without_routes_has_none() -> None:
    described = django_scim_provider.client()

    assert (described.base_path, described.management_path, described.routes) == ("", "", {})


def test_configured_address_is_the_clients(scim_settings: Any) -> None:
    scim_settings(BASE_URL="https://app.example/scim/v2/")

    assert django_scim_provider.client().base_path == "https://app.example/scim/v2"
