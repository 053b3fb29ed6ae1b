"""What the system checks say of the database itself."""

from __future__ import annotations

import pytest
from django.db import connections

from django_scim_provider.checks import check_settings
from django_scim_provider.checks.data import check_data
from django_scim_provider.storage.sql.vendors import vendor_of


@pytest.mark.parametrize(
    ("vendor", "name", "told"),
    [
        ("microsoft", "SQL Server", "'default' is a SQL Server: the statements"),
        ("oracle", "Oracle", "never been tested with Oracle, which 'default' is."),
    ],
)
def test_database_that_is_not_tested_is_told(
    vendor: str, name: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections["default"], "vendor", vendor)
    monkeypatch.setattr(connections["default"], "display_name", name)

    (message,) = check_settings()

    assert message.id == "scim_provider.W029"
    assert told in message.msg


@pytest.mark.parametrize("vendor", ["postgresql", "sqlite", "mysql", "mongodb", "unknown"])
def test_nothing_is_told_of_a_database_that_is_tested(
    vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections["default"], "vendor", vendor)

    assert check_settings() == []


@pytest.mark.django_db
def test_database_without_transactions_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(vendor_of("default")), "lacks_transactions", lambda *_: True)

    (message,) = check_data(databases=["default"])

    assert message.id == "scim_provider.E015"
    assert message.is_serious()
