"""What an adapter says of users who are adopted becomes a resource like any other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import LinkedAccount
from tests.people import connect, make_user
from tests.scim_client import CORE, ENTERPRISE

pytestmark = pytest.mark.django_db


class Describing(DefaultAdapter):
    """Knows a department, names no schema for it, and does not say who is active."""

    def describe(self, user: Any) -> dict[str, Any]:
        described = super().describe(user)
        del described["active"]
        return {**described, ENTERPRISE: {"department": "D", "floor": "3"}, "badge": "7"}


def test_extensions_need_no_schemas_and_active_follows_the_user(
    scim_settings: Callable[..., None],
) -> None:
    scim_settings(ADAPTER="tests.lifecycle.test_described_users.Describing")
    client = connect()
    make_user("ann@corp.example")
    make_user("bob@corp.example", is_active=False)

    call_command("scim_link_users", "acme", "--email-domain", "corp.example", "--commit", *TRUSTED)

    found = client.get("/Users?sortBy=userName").json["Resources"]
    assert [(user["userName"], user["active"]) for user in found] == [
        ("ann@corp.example", True),
        ("bob@corp.example", False),
    ]
    assert [user["schemas"] for user in found] == [[CORE, ENTERPRISE]] * 2
    assert [user[ENTERPRISE] for user in found] == [{"department": "D"}] * 2
    rows = LinkedAccount.objects.order_by("user_name").values_list("active", flat=True)
    assert list(rows) == [True, False]


TRUSTED = ("--trust-unverified",)
