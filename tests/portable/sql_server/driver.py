"""The ODBC driver as far as its backend needs it to compile; nothing here reaches a server."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

ERRORS = (
    *("Warning", "Error", "InterfaceError", "DatabaseError", "DataError", "OperationalError"),
    *("IntegrityError", "InternalError", "ProgrammingError", "NotSupportedError"),
)
"""What PEP 249 wants of a driver."""


def reason_against() -> str:
    """Return why nothing can be compiled for SQL Server here, or nothing."""
    if find_spec("mssql") is None:
        return "mssql-django is not installed (the extra test-mssql)"
    return ""


class _StandIn(ModuleType):
    version = "5.0.0"
    pooling = False
    Binary = bytes

    def __getattr__(self, name: str) -> Any:
        if name in ERRORS:
            return type(name, (Exception,), {})
        if name.startswith("SQL_"):
            return -sum(map(ord, name))  # of a type of columns; any number does
        raise AttributeError(name)


def ensure_driver() -> None:
    """Let the backend be imported where the ODBC library of the system is missing."""
    try:
        import_module("pyodbc")
    except ImportError:
        sys.modules["pyodbc"] = _StandIn("pyodbc")
