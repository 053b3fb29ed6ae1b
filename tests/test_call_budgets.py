"""What a change does in Python beside its statements: look-ups that nobody needs twice."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest
from django.apps import apps

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
