"""What a request does in Python beside its statements: look-ups that nobody needs twice."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import Mock

import pytest
from django.apps import apps
from django.db import connections
from django.utils.connection import BaseConnectionHandler
from rest_framework.request import Request

from django_scim_provider.core.stores import changes_members
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.users.store import UserStore
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(scim_client: SCIMTestClient) -> dict[str, Any]:
    """Return a user, once a change has made all that is kept in the process."""
    made = scim_client.create_user("ann@x.example", externalId="a1")
    rename(scim_client, made["id"], "Anna")
    return made


def rename(client: SCIMTestClient, id: str, name: str) -> None:
    operation = {"op": "replace", "path": "displayName", "value": name}
    assert client.patch(f"/Users/{id}", operation).status == 200


def test_change_looks_up_the_user_model_a_few_times(
    scim_client: SCIMTestClient, user: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Mock(side_effect=apps.get_model)
    monkeypatch.setattr(apps, "get_model", asked)

    rename(scim_client, user["id"], "Ann")

    assert asked.call_count <= 8


def test_read_asks_for_its_connection_few_times(
    scim_client: SCIMTestClient, user: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    scim_client.get(f"/Users/{user['id']}")
    asked: list[str] = []
    found = BaseConnectionHandler.__getitem__

    def note(handler: Any, alias: str) -> Any:
        if handler is connections:
            asked.append(alias)
        return found(handler, alias)

    monkeypatch.setattr(BaseConnectionHandler, "__getitem__", note)
    scim_client.get(f"/Users/{user['id']}")

    # Statements for the token and the user, what makes Python's values of the token, and, but on
    # PostgreSQL, the groups.
    assert len(asked) <= 4


def test_head_of_a_request_is_found_without_failing_first(
    scim_client: SCIMTestClient, user: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[str] = []
    kind: Any = Request
    found = kind.__getattr__

    def note(request: Any, name: str) -> Any:
        failed.append(name)
        return found(request, name)

    monkeypatch.setattr(Request, "__getattr__", note)
    rename(scim_client, user["id"], "Ann")

    assert not {"META", "method"} & set(failed)


def test_empty_documents_of_a_token_are_not_decoded(
    scim_client: SCIMTestClient, user: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = Mock(side_effect=json.loads)
    monkeypatch.setattr("django.db.models.fields.json.json.loads", decoded)

    assert scim_client.get(f"/Users/{user['id']}").status == 200
    assert decoded.call_count == 0


def test_store_changes_members_where_it_says_how() -> None:
    class Of(GroupStore):
        update_members: Any = None

    assert changes_members(object.__new__(GroupStore))
    assert not changes_members(object.__new__(UserStore))
    assert not changes_members(object.__new__(Of))
