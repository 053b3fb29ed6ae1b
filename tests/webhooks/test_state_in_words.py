"""How a webhook is, in words, on the page of notices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from django_scim_provider.models import OutboxMessage, WebhookEndpoint
from django_scim_provider.models.moments import utc_now
from django_scim_provider.webhooks.endpoint_rows import WebhookRow
from django_scim_provider.webhooks.queues import chains_of

NOW = utc_now()
EARLIER = NOW - timedelta(hours=1)


def shown(**values: Any) -> WebhookRow:
    endpoint = WebhookEndpoint(**{"enabled": True, **values})
    return WebhookRow(endpoint=endpoint, waiting="", dead=0, known="")


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"gone_at": NOW}, "gone"),
        ({"enabled": False}, "disabled"),
        ({"failures": 2}, "fails"),
        ({"last_success_at": NOW}, "delivers"),
        ({}, "nothing sent yet"),
    ],
)
def test_state_is_told(values: dict[str, Any], state: str) -> None:
    assert state in shown(**values).state


def test_last_problem_is_told_until_something_arrives() -> None:
    failed = {"last_failure_at": EARLIER, "last_status": 500}

    assert shown().last_problem == ""
    assert shown(**failed).last_problem
    assert shown(**failed, last_success_at=NOW).last_problem == ""


def test_what_it_is_told_of() -> None:
    assert shown().told == "everything"
    assert shown(kinds=",user.provisioned,").told


@pytest.mark.django_db
def test_nothing_waits_where_there_is_nothing() -> None:
    assert chains_of("default", WebhookEndpoint().pk) == []
    assert not OutboxMessage.objects.exists()
