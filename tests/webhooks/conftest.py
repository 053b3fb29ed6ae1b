"""Fixtures of webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from django_scim_provider.webhooks import pinned_https, queues
from tests.doctor.certificates import Certificates
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture
def certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificates:
    return Certificates(tmp_path, monkeypatch)


@pytest.fixture
def receiver(certificates: Certificates, scim_settings: Any) -> Iterator[Receiver]:
    """Yield a receiver that the project allows, whose authority it trusts."""
    pinned_https._context.cache_clear()
    with receiving(certificates) as found:
        scim_settings(
            WEBHOOK_ALLOWED_HOSTS=["localhost"],
            WEBHOOK_CA_FILE=str(certificates.folder / "root.pem"),
        )
        yield found


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once what failed."""
    monkeypatch.setattr(queues, "FIRST_DELAY", timedelta(milliseconds=1))
    monkeypatch.setattr(queues, "LONGEST_DELAY", timedelta(milliseconds=5))
    monkeypatch.setattr(queues, "LONGEST_PAUSE", timedelta(milliseconds=5))
