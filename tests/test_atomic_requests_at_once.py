"""Requests at once of a project that sets ``ATOMIC_REQUESTS``, at any isolation level."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from django_scim_provider.models import LinkedAccount, ProvisioningEvent
from tests.factories import make_token
from tests.parallel import in_parallel
from tests.people import host_user, post, set_active
from tests.scim_client import SCIMTestClient
from tests.test_nesting_at_once import isolate

pytestmark = pytest.mark.django_db(transaction=True)

LEVELS = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]
THREADS = 4


@pytest.fixture(autouse=True)
def atomic_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Django begin a transaction with each request, but for views that want none."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)


@pytest.mark.parametrize("level", LEVELS)
def test_each_of_changes_to_one_user_is_made(level: str) -> None:
    token = make_token(provider_id="acme")
    id = post(SCIMTestClient(token), "ann").json["id"]

    def change(number: int) -> int:
        isolate(level)
        replace = {"op": "replace", "path": "nickName", "value": f"Ann {number}"}
        return SCIMTestClient(token).patch(f"/Users/{id}", replace).status

    assert in_parallel(THREADS, change) == [200] * THREADS
    assert LinkedAccount.objects.get().version == 1 + THREADS
    assert ProvisioningEvent.objects.filter(action="update", outcome="done").count() == THREADS


@pytest.mark.parametrize("level", LEVELS)
def test_one_of_equal_people_is_made(level: str) -> None:
    token = make_token(provider_id="acme")

    def make(number: int) -> int:
        isolate(level)
        return post(SCIMTestClient(token), "ann").status

    assert sorted(in_parallel(THREADS, make)) == [201] + [409] * (THREADS - 1)
    assert LinkedAccount.objects.count() == get_user_model()._default_manager.count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="others read what is newest")
@pytest.mark.parametrize(
    ("level", "status"), [("READ COMMITTED", 200), ("REPEATABLE READ", 503), ("SERIALIZABLE", 503)]
)
def test_transaction_of_the_project_that_was_overtaken_is_the_clients_to_repeat(
    level: str, status: int
) -> None:
    token = make_token(provider_id="acme")
    user = post(SCIMTestClient(token), "ann").json

    def change(_: int) -> Any:
        isolate(level)
        client = SCIMTestClient(token)
        with transaction.atomic():
            assert host_user(user).is_active  # now it sees what there was at this moment
            in_parallel(1, lambda _: set_active(SCIMTestClient(token), user, False))
            replace = {"op": "replace", "path": "nickName", "value": "Annie"}
            first = client.patch(f"/Users/{user['id']}", replace)
        return first, client.patch(f"/Users/{user['id']}", replace)

    ((overtaken, repeated),) = in_parallel(1, change)

    assert overtaken.status == status
    assert repeated.status == 200
    assert repeated.json["active"] is False
    assert repeated.json["nickName"] == "Annie"
