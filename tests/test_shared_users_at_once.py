"""Connections that share a user and change it at the same time, at any isolation level."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.storage.sql.documents import account_documents
from django_scim_provider.storage.users.account_rows import insert_account
from tests.factories import account_row, make_token
from tests.parallel import in_parallel
from tests.people import host_user, post, set_active
from tests.scim_client import CORE, SCIMTestClient
from tests.test_nesting_at_once import isolate

ROUNDS = 4


def ask(client: SCIMTestClient, id: str, change: str) -> int:
    if change == "delete":
        return client.request("DELETE", f"/Users/{id}").status
    return set_active(client, {"id": id}, change == "activate").status


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize(
    ("first", "second", "stays"),
    [
        ("deactivate", "deactivate", False),
        ("delete", "delete", False),
        ("delete", "deactivate", False),
        ("deactivate", "activate", True),
        ("delete", "activate", True),
    ],
)
def test_log_in_is_open_while_somebody_vouches(
    level: str, first: str, second: str, stays: bool
) -> None:
    tokens = [make_token(provider_id=id) for id in ("acme", "other")]
    clients = [SCIMTestClient(token) for token in tokens]
    for number in range(ROUNDS):
        own = post(clients[0], f"user{number}").json
        user = host_user(own)
        row = account_row("other", {"schemas": [CORE], "userName": f"u{number}"}, user)
        insert_account.run("default", [row])
        account_documents.insert("default", [row])
        ids = [own["id"], row["scim_id"]]
        if second == "activate":
            ask(clients[1], ids[1], "deactivate")

        def change(n: int, ids: list[str] = ids) -> int:
            isolate(level)
            return ask(SCIMTestClient(tokens[n]), ids[n], (first, second)[n])

        assert set(in_parallel(2, change)) <= {200, 204}
        found = get_user_model()._default_manager.filter(pk=user.pk, is_active=True)
        assert found.exists() is stays
