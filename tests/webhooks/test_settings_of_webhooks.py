"""What is wrong with the settings of webhooks is said at start."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.checks import check_settings, outgoing_calls
from django_scim_provider.checks.data import check_data
from django_scim_provider.models import WebhookEndpoint


@pytest.mark.parametrize(
    "wrong",
    [
        {"WEBHOOK_ALLOWED_NETWORKS": ["10.0.0.1/8"]},
        {"WEBHOOK_ALLOWED_NETWORKS": ["x"]},
        {"WEBHOOK_ALLOWED_HOSTS": "localhost"},
        {"WEBHOOK_CA_FILE": "/nowhere.pem"},
        {"WEBHOOK_TASKS": "nobody"},
        {"NOTICE_EMAILS": ["ops"]},
        {"NOTICE_FAILURES": 0},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_wrong_settings_are_told(scim_settings: Any, wrong: dict[str, Any]) -> None:
    scim_settings(**wrong)

    assert [message.id for message in check_settings()] == ["scim_provider.E002"]


def test_right_settings_are_not(scim_settings: Any) -> None:
    scim_settings(
        WEBHOOK_ALLOWED_NETWORKS=["10.0.0.0/8", "fd00::/8"], NOTICE_EMAILS=["ops@example.com"]
    )

    assert check_settings() == []


@pytest.mark.django_db
def test_webhooks_without_encryption_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing_calls, "ENCRYPTION_AVAILABLE", False)
    assert "scim_provider.W025" not in [each.id for each in check_data(["default"])]

    WebhookEndpoint.objects.create(address="https://x.example", secret="x")
    assert "scim_provider.W025" in [each.id for each in check_data(["default"])]
