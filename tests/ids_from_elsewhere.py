"""Ids from another implementation, and resources that have one."""

from __future__ import annotations

from urllib.parse import quote

import orjson

from django_scim_provider.core.profiles import PROFILES
from django_scim_provider.models import (
    ProviderConnection,
)
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.store import UserStore
from tests.scim_client import CORE, GROUP, SCIMTestClient

ODD = [
    "1",
    "a b",
    'quo"te',
    "back\\slash",
    "zwölf €",
    "50%",
    "p%20q",
    "what?x=1#y",
    "[x]{y}|^`<b>",
    "it's (a) + b & c, d = e; @ $ ! * ~",
    "😀",
    "ª" + "e" * 254,
    "null",
    "...",
    "0190CAFE-0000-7000-8000-00000000ABCD",
]
SAFE = "~!$&'()*+,;=:@"
BASE = "http://testserver/scim/v2"


def context(provider_id: str = "acme") -> StoreContext:
    profile = PROFILES["okta"]  # with it, who is inactive comes back
    return StoreContext(provider_id=provider_id, base_url=BASE, profile=profile)


def use_okta() -> None:
    ProviderConnection.objects.update(profile="okta")


def user(id: str | None, name: str = "ann", provider_id: str = "acme") -> str:
    resource = {"schemas": [CORE], "userName": name, "displayName": name}
    stored, made = UserStore(context(provider_id)).create(resource, scim_id=id)
    assert made
    return stored.id


def group(id: str | None, *members: str, name: str = "team", provider_id: str = "acme") -> str:
    values = [{"value": member} for member in members]
    resource = {"schemas": [GROUP], "displayName": name, "members": values}
    return GroupStore(context(provider_id)).create(resource, scim_id=id)[0].id


def at(id: str, endpoint: str = "Users") -> str:
    return f"/{endpoint}/{quote(id, safe='')}"


def text(id: str) -> str:
    """Return an id in quotes, as filters have it."""
    return orjson.dumps(id).decode()


def found(client: SCIMTestClient, expression: str, endpoint: str = "Users") -> list[str]:
    answer = client.find(expression, endpoint)
    assert answer.status == 200, answer.text
    return [resource["id"] for resource in answer.json["Resources"]]
