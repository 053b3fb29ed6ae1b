"""What the ported system promises, seen from outside; ``index.py`` says which line is which."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, connection, transaction
from django.test import Client

from django_scim_provider import signals
from django_scim_provider.conf import Settings
from django_scim_provider.models import LinkedAccount, ProviderConnection, SCIMToken
from tests.factories import make_account, make_connection, make_token
from tests.people import host_user, make_organization, make_user, post, set_active
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(make_user(name), backend="django.contrib.auth.backends.ModelBackend")
    return client


def generate(client: Client, **body: Any) -> Any:
    return client.post("/scim/generate-token", body, content_type="application/json")


def test_identity_platform_creates_updates_deactivates_lists_and_deletes() -> None:
    platform = SCIMTestClient(make_token(provider_id="acme"))

    created = post(platform, "ann@x.example")
    path = f"/Users/{created.json['id']}"
    body = {"schemas": [CORE], "userName": "ann@x.example", "title": "Engineer"}
    updated = platform.request("PUT", path, body)
    deactivated = set_active(platform, created.json, False)
    closed = host_user(created.json).is_active
    listed = platform.get("/Users").json
    deleted = platform.request("DELETE", path)

    statuses = [answer.status for answer in (created, updated, deactivated, deleted)]
    assert statuses == [201, 200, 200, 204]
    assert closed is False
    assert [user["title"] for user in listed["Resources"]] == ["Engineer"]
    assert platform.get(path).status == 404


def test_provisioning_is_no_log_in() -> None:
    platform = SCIMTestClient(make_token(provider_id="acme"))

    created = post(platform, "ann@x.example", password="Chosen-By-Somebody-1")

    assert created.status == 201
    assert authenticate(username="ann@x.example", password="Chosen-By-Somebody-1") is None
    assert "sessionid" not in created.headers.get("Set-Cookie", "")


def test_each_of_the_fifteen_answers_over_http() -> None:
    person = signed_in("boss@x.example")
    token = generate(person, providerId="acme").json()["scimToken"]
    platform = SCIMTestClient(token)
    user = post(platform, "ann@x.example").json
    path = f"/Users/{user['id']}"
    body = {"schemas": [CORE], "userName": "ann@x.example"}

    statuses = [
        person.get("/scim/list-provider-connections").status_code,
        person.get("/scim/get-provider-connection", {"providerId": "acme"}).status_code,
        platform.get("/Users").status,
        platform.get(path).status,
        platform.request("PUT", path, body).status,
        platform.patch(path, {"op": "replace", "path": "title", "value": "T"}).status,
        platform.get("/ServiceProviderConfig").status,
        platform.get("/Schemas").status,
        platform.get(f"/Schemas/{CORE}").status,
        platform.get("/ResourceTypes").status,
        platform.get("/ResourceTypes/User").status,
        platform.request("DELETE", path).status,
        person.post(
            "/scim/delete-provider-connection",
            {"providerId": "acme"},
            content_type="application/json",
        ).status_code,
    ]

    assert statuses == [200] * 11 + [204, 200]


def test_options_have_their_names() -> None:
    names = {option.name for option in dataclasses.fields(Settings)}

    assert names >= {"STORE_SCIM_TOKEN", "DEFAULT_SCIM", "PROVIDER_OWNERSHIP", "REQUIRED_ROLE"}
    assert signals.before_scim_token_generated is not signals.after_scim_token_generated


def test_tokens_are_hashed_by_default() -> None:
    token = make_token(provider_id="acme")

    stored = SCIMToken.objects.get().secret

    secret = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().partition(":")[0]
    assert Settings().STORE_SCIM_TOKEN == "hashed"
    assert stored.startswith("argon2$argon2id$")
    assert secret not in stored
    assert token not in stored


def test_connection_from_the_settings_needs_no_row(scim_settings: Callable[..., None]) -> None:
    secret = "a-secret-of-the-settings-1234567"
    scim_settings(DEFAULT_SCIM=[{"provider_id": "fixed", "scim_token": secret}])
    wire = base64.urlsafe_b64encode(f"{secret}:fixed".encode()).decode().rstrip("=")

    assert SCIMTestClient(wire).get("/Users").status == 200
    assert not SCIMToken.objects.exists()


def test_personal_connection_belongs_to_whoever_generated_its_token() -> None:
    ann, bob = signed_in("ann@x.example"), signed_in("bob@x.example")
    query = {"providerId": "acme"}

    made = generate(ann, **query)

    assert made.status_code == 201
    assert str(ProviderConnection.objects.get().owner) == "ann@x.example"
    assert ann.get("/scim/get-provider-connection", query).status_code == 200
    assert bob.get("/scim/get-provider-connection", query).status_code == 404
    assert generate(bob, **query).status_code == 403


def test_token_of_an_organization_needs_its_last_part() -> None:
    make_organization("corp", **{"ann@x.example": "owner"})
    ann = Client()
    user = make_organization("corp").membership_set.get().user
    ann.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    token = generate(ann, providerId="acme", organizationId="corp").json()["scimToken"]
    plain = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    without, _, organization = plain.rpartition(":")

    shortened = base64.urlsafe_b64encode(without.encode()).decode().rstrip("=")
    changed = base64.urlsafe_b64encode(f"{without}:other".encode()).decode().rstrip("=")

    assert organization == "corp"
    assert SCIMTestClient(token).get("/Users").status == 200
    assert SCIMTestClient(shortened).get("/Users").status == 401
    assert SCIMTestClient(changed).get("/Users").status == 401


def test_migrations_make_provider_and_account_id_unique_together() -> None:
    make_connection(provider_id="acme")
    make_account("acme", {"schemas": [CORE], "userName": "ann"}, 1)
    with connection.cursor() as cursor:
        table = LinkedAccount._meta.db_table
        constraints = connection.introspection.get_constraints(cursor, table)

    named = constraints["scim_account_key"]
    account = LinkedAccount.objects.get()
    values = {
        field.attname: getattr(account, field.attname)
        for field in LinkedAccount._meta.concrete_fields
        if not field.primary_key
    }
    others = {"user_id": make_user("other").pk, "scim_id": "other"}

    assert named["unique"]
    assert named["columns"] == ["provider_id", "account_id"]
    with pytest.raises(IntegrityError), transaction.atomic():
        LinkedAccount.objects.create(**{**values, **others})
