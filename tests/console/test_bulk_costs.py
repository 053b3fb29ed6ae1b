"""What a change of many connections takes: transactions, statements, and room for keys."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from django_scim_provider.admin.bulk_actions.selection import Progress, packed, unpacked
from django_scim_provider.models.keys import uuid7
from tests.console.choosing import address, choose
from tests.console.test_bulk_actions import ACTIONS
from tests.factories import make_connection

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("action", ACTIONS)
def test_each_connection_has_its_own_transaction_whatever_the_project_wants(action: str) -> None:
    view: Any = resolve(address(action)).func

    assert "default" in view._non_atomic_requests


def test_keys_travel_whole() -> None:
    keys = [uuid7() for _ in range(100)]
    progress = Progress(keys, keys[:3], {"gone": keys[3:5]}, "users:x", 7)

    assert unpacked(packed(keys)) == keys
    assert Progress.of(progress.fields()) == progress


@pytest.mark.parametrize("action", ACTIONS)
def test_question_takes_as_many_statements_for_any_number(root: Client, action: str) -> None:
    def statements() -> int:
        with CaptureQueriesContext(database) as context:
            assert choose(root, action).status_code == 200
        return len(context)

    make_connection(provider_id="one")
    few = statements()
    for number in range(40):
        make_connection(provider_id=f"more{number}")

    assert statements() == few
