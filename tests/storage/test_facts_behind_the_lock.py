"""What decides a write is read once its lock was granted, however long it waited for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, connections, transaction

from django_scim_provider.models import LinkedAccount
from tests.parallel import until_waiting
from tests.people import connect, host_user, post, set_active
from tests.scim_client import Answer
from tests.tenancy.models import Membership
from tests.test_groups import make_group
from tests.test_roles import groups_of, map_to

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not connection.features.has_select_for_update, reason="nobody waits for a row of SQLite's"
    ),
]


def while_locked(user: Any, requests: Sequence[Callable[[], Answer]], between: Any) -> list[int]:
    """Send requests that wait for the lock of a user, and meanwhile do what is ``between``."""

    def send(request: Callable[[], Answer]) -> int:
        try:
            return request().status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(requests)) as pool:
        with transaction.atomic():
            list(get_user_model()._default_manager.select_for_update().filter(pk=user.pk))
            sent = [pool.submit(send, request) for request in requests]
            until_waiting(len(requests))
            between()
        return [each.result() for each in sent]


def test_two_that_deactivate_a_shared_user_at_once_close_the_log_in() -> None:
    clients = [connect("acme"), connect("beta")]
    resources = [post(clients[0], "ann").json, post(clients[1], "other").json]
    user = host_user(resources[0])
    LinkedAccount.objects.of("beta").update(user=user)
    requests = [
        partial(set_active, client, resource, False)
        for client, resource in zip(clients, resources, strict=True)
    ]

    statuses = while_locked(user, requests, lambda: None)

    assert statuses == [200, 200]
    user.refresh_from_db()
    assert not user.is_active


def test_activation_gives_the_roles_of_a_mapping_that_was_made_meanwhile() -> None:
    client = connect()
    ann = post(client, "ann", active=False).json
    group = make_group(client, "Team", ann["id"])

    statuses = while_locked(
        host_user(ann), [lambda: set_active(client, ann, True)], lambda: map_to(group["id"])
    )

    assert statuses == [200]
    assert groups_of(ann) == ["staff"]


def test_who_left_the_organization_meanwhile_is_not_found() -> None:
    client = connect("acme", "org")
    ann = post(client, "ann").json

    statuses = while_locked(
        host_user(ann),
        [lambda: set_active(client, ann, True)],
        Membership.objects.filter(user=host_user(ann)).delete,
    )

    assert statuses == [404]
