"""People of organizations, and the pages of the portal."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from django_scim_provider.models import ProviderConnection
from django_scim_provider.models.keys import uuid7
from tests.administration import logged_in
from tests.people import connect, make_organization, make_user
from tests.scim_client import SCIMTestClient


def address(name: str, *arguments: Any) -> str:
    return reverse(f"scim-portal:{name}", args=arguments)


def token_on(page: Any) -> str:
    """Return the token that a page shows."""
    found = re.search(r'id="scim-token" value="([^"]+)"', page.content.decode())
    assert found is not None, page.content.decode()
    return found.group(1)


def text_of(page: Any) -> str:
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def new_key() -> str:
    return str(uuid7())


@dataclass
class Directory:
    """An organization whose owner Olga manages a connection."""

    owner: Any
    client: Client
    """Olga's browser."""
    connection: ProviderConnection
    scim: SCIMTestClient
    """The identity provider."""

    def page(self, name: str, /, *arguments: Any, **query: Any) -> Any:
        return self.client.get(address(name, self.connection.pk, *arguments), query)

    def post(self, name: str, /, *arguments: Any, **answers: Any) -> Any:
        return self.client.post(address(name, self.connection.pk, *arguments), answers)


@pytest.fixture
def directory(db: None) -> Directory:
    owner = make_user("olga@corp.example")
    make_organization("corp", **{"olga@corp.example": "owner"})
    scim = connect("okta-corp", "corp", profile="okta", name="Okta of Corp")
    connection = ProviderConnection.objects.get(provider_id="okta-corp")
    return Directory(owner, logged_in(owner), connection, scim)


@pytest.fixture
def browser(db: None) -> Callable[..., Client]:
    """Return a function that makes a person, a member of organizations by role, and a browser."""

    def make(name: str, /, *, roles: dict[str, str] | None = None, **fields: Any) -> Client:
        user = make_user(f"{name}@x.example", **fields)
        for organization_id, role in (roles or {}).items():
            make_organization(organization_id, **{user.username: role})
        return logged_in(user)

    return make
