"""One resource, written in each way that there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.core.urns import BULK_REQUEST_URN
from tests.scim_client import CORE, GROUP, Answer, SCIMTestClient

Ask = Callable[[SCIMTestClient, str, dict[str, Any]], Answer]


def by_post(client: SCIMTestClient, path: str, body: dict[str, Any]) -> Answer:
    return client.request("POST", path, body)


def by_put(client: SCIMTestClient, path: str, body: dict[str, Any]) -> Answer:
    return client.request("PUT", f"{path}/{made(client, path)}", body)


def by_patch(client: SCIMTestClient, path: str, body: dict[str, Any]) -> Answer:
    value = {name: held for name, held in body.items() if name != "schemas"}
    return client.patch(f"{path}/{made(client, path)}", {"op": "replace", "value": value})


def by_bulk(client: SCIMTestClient, path: str, body: dict[str, Any]) -> Answer:
    operation = {"method": "POST", "path": path, "bulkId": "x", "data": body}
    answer = client.request(
        "POST", "/Bulk", {"schemas": [BULK_REQUEST_URN], "Operations": [operation]}
    )
    (done,) = answer.json["Operations"]
    if int(done["status"]) >= 400:
        return Answer(int(done["status"]), {}, done["response"], "")
    return client.get(done["location"].partition("/v2")[2])


every_verb = pytest.mark.parametrize("ask", [by_post, by_put, by_patch, by_bulk])


def made(client: SCIMTestClient, path: str) -> str:
    model = get_user_model()
    by_address = model.get_email_field_name() == model.USERNAME_FIELD
    named = {"userName": "before@x.example" if by_address else "before"}
    if path != "/Users":
        named = {"displayName": "before"}
    body = {"schemas": [CORE if path == "/Users" else GROUP], **named}
    id: str = client.request("POST", path, body).json["id"]
    return id
