"""What the portal says of a request, for those who see no events."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.models import ProvisioningEvent
from django_scim_provider.portal.texts import FAILURE, OTHER_REFUSAL, REASONS, asked_for, reason_of


def event(**values: Any) -> ProvisioningEvent:
    given = {"action": "create", "resource_type": "User", "outcome": "refused"}
    return ProvisioningEvent(**{**given, **values})


def test_what_was_asked_for() -> None:
    assert asked_for(event())
    assert asked_for(event(action="repair", resource_type="Printer")) == "Repair Printer"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"outcome": "done", "status": 201}, ""),
        ({"outcome": "failed", "status": 500}, str(FAILURE)),
        ({"outcome": "failed", "status": None}, str(FAILURE)),
        ({"status": 418}, str(OTHER_REFUSAL)),
    ],
)
def test_why_it_was_not_done(values: dict[str, Any], said: str) -> None:
    assert reason_of(event(**values)) == said


@pytest.mark.parametrize("key", REASONS, ids=str)
def test_each_reason_is_said(key: tuple[int, str, str]) -> None:
    status, scim_type, resource_type = key
    found = event(status=status, scim_type=scim_type, resource_type=resource_type or "User")

    assert reason_of(found) not in ("", str(FAILURE), str(OTHER_REFUSAL))
