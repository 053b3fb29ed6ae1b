"""How many statements a write takes on a plain project, with what opens and ends its transaction.

The first one looks the token up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.adapter import DefaultAdapter
from tests.scim_client import CORE, Answer, SCIMTestClient
from tests.test_groups import make_group

pytestmark = pytest.mark.django_db(transaction=True)

Write = Callable[[SCIMTestClient, str], Answer]
ADDRESSES = [{"value": "ann@x.example", "type": "work"}, {"value": "ann@home.example"}]
MORE = [*ADDRESSES, {"value": "third@x.example"}]
NEW = [{"value": "eve@x.example", "type": "work", "primary": True}]
BODY = {"schemas": [CORE], "userName": "ann@x.example", "emails": ADDRESSES}
BACKENDS = ["postgresql", "sqlite", "mysql"]


class PlainAdapter(DefaultAdapter):
    """Knows nothing of allauth, which has rows of its own."""

    def email_changed(self, user: Any, old: str, new: str) -> None:
        """Do nothing."""


@pytest.fixture
def ann(scim_client: SCIMTestClient, scim_settings: Any) -> str:
    """Return the id of a user who is in a group, in a project that adds nothing to a write."""
    scim_settings(
        REVOKERS=["django_scim_provider.revokers.revoke_sessions"],
        ORGANIZATION_BACKEND=None,
        ADAPTER="tests.test_write_budgets.PlainAdapter",
    )
    user = scim_client.create_user("ann@x.example", emails=ADDRESSES)
    make_group(scim_client, "Team", user["id"])
    return str(user["id"])


def patch(path: str, value: Any) -> Write:
    operation = {"op": "replace", "path": path, "value": value}
    return lambda client, id: client.patch(f"/Users/{id}", operation)


def put(**changed: Any) -> Write:
    return lambda client, id: client.request("PUT", f"/Users/{id}", BODY | changed)


def post(client: SCIMTestClient, id: str) -> Answer:
    emails = [{"value": f"{name}@y.example"} for name in ("joe", "j")]
    return client.request("POST", "/Users", BODY | {"userName": "joe@y.example", "emails": emails})


WRITES: dict[str, tuple[Write, tuple[int, int, int]]] = {
    "title": (patch("title", "T"), (5, 7, 5)),
    "deactivate": (patch("active", False), (6, 9, 6)),
    "put": (put(title="T"), (5, 7, 5)),
    "put-name": (put(name={"givenName": "Ann"}), (6, 8, 6)),
    "put-addresses": (put(emails=MORE), (5, 10, 6)),
    "rename": (patch("userName", "eve@x.example"), (6, 10, 8)),
    "put-rename": (put(userName="eve@x.example", emails=NEW), (6, 13, 8)),
    "create": (post, (6, 9, 7)),
    "nothing": (put(), (4, 4, 4)),
}


@pytest.mark.parametrize(("write", "most"), WRITES.values(), ids=WRITES.keys())
def test_writes_take_few_statements(
    scim_client: SCIMTestClient, ann: str, write: Write, most: tuple[int, int, int]
) -> None:
    with CaptureQueriesContext(connection) as context:
        answer = write(scim_client, ann)

    made = [query["sql"] for query in context]
    assert answer.status in (200, 201)
    assert len(made) <= most[BACKENDS.index(connection.vendor)], made


def test_activation_asks_for_roles_with_the_write(scim_client: SCIMTestClient, ann: str) -> None:
    patch("active", False)(scim_client, ann)

    with CaptureQueriesContext(connection) as context:
        answer = patch("active", True)(scim_client, ann)

    assert answer.status == 200
    assert len(context) <= (6, 9, 6)[BACKENDS.index(connection.vendor)]
    assert [group["display"] for group in answer.json["groups"]] == ["Team"]
