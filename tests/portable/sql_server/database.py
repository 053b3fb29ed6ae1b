"""A connection to no server, for which queries and tables are compiled."""

from __future__ import annotations

from functools import cache
from typing import Any, NoReturn

from django.db.migrations.loader import MigrationLoader
from django.db.utils import ConnectionHandler

from tests.portable.sql_server.driver import ensure_driver

VERSION = 2022
SETTINGS = {"ENGINE": "mssql", "NAME": "scim", "HOST": "localhost", "USER": "sa", "PASSWORD": "-"}


def _no_server(*args: Any, **kwargs: Any) -> NoReturn:
    raise AssertionError("The server of SQL Server was asked, and there is none.")


class LongLists:
    """Stands for the cursor by which the backend stores a list of over 2,048 values.

    It compiles ``IN`` as the content of a temporary table, and sends the values to that before.
    There is one such table: a statement with two long lists would find the second in both.
    """

    TABLE = "#Temp_params"
    made = 0
    """Tables that were made so far."""

    def __enter__(self) -> LongLists:
        """Be the cursor."""
        return self

    def __exit__(self, *raised: object) -> None:
        """There is nothing to close."""

    def execute(self, sql: str, parameters: Any = ()) -> None:
        """Take what is about that table.

        Raises:
            AssertionError: it is about anything else.
        """
        if self.TABLE not in sql:
            _no_server()
        type(self).made += sql.startswith("CREATE TABLE")


@cache
def compiling_connection() -> Any:
    """Return a connection that compiles for a version of SQL Server, and refuses to be used."""
    ensure_driver()
    handler = ConnectionHandler({"default": SETTINGS})
    connection = handler.create_connection("default")
    # The backend asks its server for these.
    vars(connection).update(sql_server_version=VERSION, to_azure_sql_db=False)
    connection.connect = _no_server  # type: ignore[method-assign]
    vars(connection)["cursor"] = LongLists
    # Locks are compiled in a transaction alone.
    connection.get_autocommit = bool  # type: ignore[method-assign]
    return connection


def migration_statements(app: str, name: str) -> list[str]:
    """Return what a migration would run on an empty database."""
    loader = MigrationLoader(None)
    migration = loader.graph.nodes[app, name]
    state = loader.project_state((app, name), at_end=False)
    with compiling_connection().schema_editor(collect_sql=True, atomic=False) as editor:
        migration.apply(state, editor, collect_sql=True)
    statements: list[str] = editor.collected_sql
    return statements
