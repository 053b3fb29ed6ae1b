"""People at the management API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from tests.people import make_organization, make_user


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    json: Any
    headers: Any


class Person:
    """A signed-in user of the project; ``user`` is None for somebody who is not."""

    def __init__(self, user: Any, **client: Any) -> None:
        self.user = user
        self.client = Client(raise_request_exception=False, **client)
        if user is not None:
            self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def post(self, path: str, **body: Any) -> Reply:
        """POST JSON."""
        return self._reply(self.client.post(f"/scim/{path}", body, content_type="application/json"))

    def get(self, path: str, **query: Any) -> Reply:
        """GET."""
        return self._reply(self.client.get(f"/scim/{path}", query))

    def generate(
        self, provider_id: Any = "acme", organization_id: Any = None, **body: Any
    ) -> Reply:
        """Ask for a token."""
        if organization_id is not None:
            body["organizationId"] = organization_id
        return self.post("generate-token", providerId=provider_id, **body)

    def _reply(self, response: Any) -> Reply:
        return Reply(response.status_code, response.json(), response.headers)


@pytest.fixture
def person(db: None) -> Callable[..., Person]:
    """Return a function that makes a signed-in person, a member of organizations by role."""

    def make(name: str = "ann", **roles: str) -> Person:
        user = make_user(f"{name}@x.example")
        for organization_id, role in roles.items():
            make_organization(organization_id, **{user.username: role})
        return Person(user)

    return make


@pytest.fixture
def ann(person: Callable[..., Person]) -> Person:
    """Return a person without organization."""
    return person("ann")
