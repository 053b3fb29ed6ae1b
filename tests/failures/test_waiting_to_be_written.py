"""A refusal is recorded where others are writing, too: people look for it."""

from __future__ import annotations

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import Failure
from django_scim_provider.storage.transactions import write_aside
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = "PRAGMA busy_timeout = 0"


def test_refusal_waits_for_the_write_lock(scim_client: SCIMTestClient) -> None:
    scim_client.get("/Users")  # the first use of the token is noted
    with CaptureQueriesContext(database) as noted:
        answer = scim_client.request("POST", "/Users", {"schemas": [CORE]})

    assert answer.status == 400
    assert Failure.objects.count() == 1
    assert AT_ONCE not in [each["sql"] for each in noted]


def test_what_nobody_looks_for_does_not() -> None:
    with CaptureQueriesContext(database) as noted:
        write_aside("default", "The book", lambda: Failure.objects.count())

    is_alone = database.vendor == "sqlite"
    assert (AT_ONCE in [each["sql"] for each in noted]) == is_alone
