"""An error of a database is a conflict, an outage or a fault, by its code and not its class."""

from __future__ import annotations

import pytest
from django.db import InternalError

from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.error_codes import cause_of, code_of
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
