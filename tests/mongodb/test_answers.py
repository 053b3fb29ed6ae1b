"""The server is asked whether it answers as MongoDB can be, and what fails aside is logged."""

from __future__ import annotations

import pytest
from django.db import DatabaseError
from django.test import Client

from django_scim_provider.storage.transactions.asides import write_aside

pytestmark = pytest.mark.django_db(transaction=True)


def test_health_is_known() -> None:
    assert Client().get("/scim/v2/health").status_code == 200


def test_record_that_cannot_be_written_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def write() -> None:
        raise DatabaseError("refused")

    write_aside("default", "The record", write)

    assert "The record was not written (DatabaseError" in caplog.text
