"""An error of a database is a conflict, an outage or a fault, by its code and not its class."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, InternalError

from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.error_codes import (
    cause_of,
    code_of,
    missing_value_of,
)
from django_scim_provider.storage.users.writing.saving import save_user
from tests.database_errors import CONFLICTS, FAULTS, OUTAGES, of_mysql, of_postgresql, of_sqlite


@pytest.mark.parametrize("error", CONFLICTS)
def test_deadlocks_and_serialization_failures_are_conflicts(error: Exception) -> None:
    assert cause_of(error) is Cause.CONFLICT


@pytest.mark.parametrize("error", OUTAGES)
def test_what_is_away_or_locked_is_an_outage_whatever_its_class(error: Exception) -> None:
    assert cause_of(error) is Cause.OUTAGE


@pytest.mark.parametrize("error", FAULTS)
def test_what_is_wrong_with_a_statement_is_a_fault_whatever_its_class(error: Exception) -> None:
    assert cause_of(error) is Cause.FAULT


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (of_postgresql("25006", InternalError), "25006"),
        (of_mysql(1290), "1290"),
        (of_sqlite(5), "SQLITE_5"),
        (RuntimeError("x"), ""),
    ],
)
def test_code_is_the_servers(error: Exception, code: str) -> None:
    assert code_of(error) == code


class _ByPyodbc(Exception):
    __module__ = "pyodbc"


@pytest.mark.parametrize(
    ("error", "column"),
    [
        (
            _ByPyodbc(
                "23000",
                "[23000] [Microsoft][ODBC Driver 18 for SQL Server][SQL Server]Cannot insert the "
                "value NULL into column 'team_id', table 'corp.dbo.auth_user'; column does not "
                "allow nulls. UPDATE fails. (515) (SQLExecDirectW)",
            ),
            "team_id",
        ),
        (_ByPyodbc("23000", "[23000] Violation of UNIQUE KEY constraint 'x'. (2627)"), None),
        (IntegrityError("You can't set team (a non-nullable field) to None."), "team"),
        (IntegrityError("E11000 duplicate key error"), None),
    ],
)
def test_column_that_lacks_a_value_is_named(error: Exception, column: str | None) -> None:
    assert missing_value_of(error) == column


class _Changed:
    """Stands for a user of whom a field was emptied."""

    def __init__(self) -> None:
        self._meta = get_user_model()._meta
        self.first_name: str | None = None


def test_null_that_the_database_would_store_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(vendor_of("default")), "keeps_nulls_out", False)
    monkeypatch.setattr(type(vendor_of("default")), "orm_only", True)

    with pytest.raises(IntegrityError) as told:
        save_user(_Changed(), "default", ["first_name"])

    assert missing_value_of(told.value) == "first_name"
