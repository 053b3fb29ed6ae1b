"""What was prepared is sent again where tables or sessions are not what they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from tests.prepared.sessions import ENOUGH, kept, repeatedly
from tests.scim_client import SCIMTestClient

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="others keep none"),
]


def sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def migrated() -> Iterator[Callable[[], None]]:
    """Return what gives a column of connections another type, as a migration does."""
    alter = "ALTER TABLE scim_provider_providerconnection ALTER COLUMN profile TYPE varchar"
    yield lambda: sql(f"{alter}(999)")
    sql(f"{alter}(32)")


def lost() -> None:
    """Let the server forget what the driver thinks is prepared, as poolers do."""
    sql("DEALLOCATE ALL")


def test_after_a_migration_it_is_tried_again(
    get: Callable[[], None], migrated: Callable[[], None]
) -> None:
    repeatedly(get)
    migrated()

    repeatedly(get)


def test_what_the_server_has_lost_is_sent_again(get: Callable[[], None]) -> None:
    repeatedly(get)
    lost()

    repeatedly(get)

    assert kept() == []


def test_a_transaction_in_which_it_is_lost_is_run_again(
    scim_client: SCIMTestClient, ada: str
) -> None:
    titles: list[str] = []
    updates: list[str] = []

    def rename() -> None:
        change = {"op": "replace", "path": "title", "value": f"title {len(titles)}"}
        titles.append(scim_client.patch(f"/Users/{ada}", change).json["title"])

    def wrapper(execute: Any, statement: str, *rest: Any) -> Any:
        if " SET " in statement:
            updates.append(statement)
            if len(updates) == 1:
                lost()
        return execute(statement, *rest)

    repeatedly(rename)
    with connection.execute_wrapper(wrapper):
        rename()

    assert titles[-1] == f"title {ENOUGH}"
    assert len(updates) >= 2


@pytest.mark.parametrize(
    "change", ["ALTER COLUMN secret DROP NOT NULL", "ALTER COLUMN secret TYPE varchar(999)"]
)
def test_another_search_path_finds_the_tables_there(
    change: str, get: Callable[[], None], scim_client: SCIMTestClient
) -> None:
    repeatedly(get)
    sql(
        "CREATE SCHEMA elsewhere",
        "CREATE TABLE elsewhere.scim_provider_scimtoken (LIKE scim_provider_scimtoken)",
        f"ALTER TABLE elsewhere.scim_provider_scimtoken {change}",
        "SET search_path TO elsewhere, public",
    )
    try:
        answers = {scim_client.get("/Users").status for _ in range(ENOUGH)}
        sql("SET search_path TO public")
        repeatedly(get)
    finally:
        sql("DROP SCHEMA elsewhere CASCADE")

    assert answers == {401}
