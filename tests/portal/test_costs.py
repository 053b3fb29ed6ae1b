"""How many statements a page takes: the same for any number of rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import LinkedAccount
from tests.factories import make_token
from tests.people import connect, post
from tests.portal.conftest import Directory, address
from tests.scim_client import GROUP

pytestmark = pytest.mark.django_db

PAGES = (
    "connections",
    "set-up",
    "people",
    "person",
    "groups",
    "failures",
    "requests",
    "webhooks",
    "privacy",
    "tokens",
    "new-token",
    "settings",
    "close",
)
MOST = 17
"""For any page, those that read session, user and memberships included."""
MOST_OF = {"privacy": 32, "set-up": 18}
"""For pages of many parts: one counts each kind of what is kept, one takes one more by the ORM."""


def statements(directory: Directory, name: str) -> int:
    account = LinkedAccount.objects.get(user_name="user0@corp.example")
    with CaptureQueriesContext(database) as context:
        if name == "connections":
            answer: Any = directory.client.get(address(name))
        elif name == "person":
            answer = directory.page(name, account.pk)
        else:
            answer = directory.page(name)
    assert answer.status_code == 200
    return len(context)


def fill(directory: Directory, numbers: range) -> None:
    people = [
        {"value": directory.scim.create_user(f"user{number}@corp.example")["id"]}
        for number in numbers
    ]
    for number in numbers:
        group = {"schemas": [GROUP], "displayName": f"g{number}", "members": people}
        directory.scim.request("POST", "/Groups", group)
        post(directory.scim, "")
        connect(f"more{number}", "corp")
        make_token(provider_id="okta-corp", overlap=timedelta(days=1))


def test_pages_take_as_many_statements_for_any_number_of_rows(
    directory: Directory, scim_settings: Any
) -> None:
    scim_settings(MAX_LIVE_TOKENS=100)
    fill(directory, range(1))
    few = {name: statements(directory, name) for name in PAGES}
    fill(directory, range(1, 6))

    many = {name: statements(directory, name) for name in PAGES}

    assert many == few
    assert {name for name, number in few.items() if number > MOST_OF.get(name, MOST)} == set()
