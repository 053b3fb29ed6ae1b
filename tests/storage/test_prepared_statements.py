"""PostgreSQL keeps the app's own statements prepared, and none of the project's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import LinkedAccount
from django_scim_provider.storage.sql.vendors import prepared
from django_scim_provider.storage.sql.vendors.prepared import THRESHOLD
from tests.scim_client import SCIMTestClient

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="others keep none"),
]

ENOUGH = THRESHOLD + 2


@pytest.fixture(autouse=True)
def own_session() -> Iterator[None]:
    """Begin and end with a session in which nothing is prepared."""
    connection.close()
    yield
    connection.close()


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that opens the connection again with more ``OPTIONS``."""

    def change(**more: Any) -> None:
        options = {**connection.settings_dict["OPTIONS"], **more}
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
        connection.close()

    return change


def kept() -> list[str]:
    """Return the statements that the session has prepared."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements ORDER BY statement")
        return [statement for (statement,) in cursor.fetchall()]


def prepared_when() -> dict[str, datetime]:
    """Return when each of the statements was prepared."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, prepare_time FROM pg_prepared_statements")
        return dict(cursor.fetchall())


def own(statements: list[str]) -> bool:
    """Tell whether there are some, and all are the app's."""
    return bool(statements) and all('"scim_provider_' in each for each in statements)


def repeatedly(work: Callable[[], Any]) -> None:
    for _ in range(ENOUGH):
        work()


@pytest.fixture
def ada(scim_client: SCIMTestClient) -> str:
    """Return the id of a user."""
    return str(scim_client.create_user("ada", externalId="a1")["id"])


@pytest.fixture
def get(scim_client: SCIMTestClient, ada: str) -> Callable[[], None]:
    """Return what reads a user and looks at the answer."""

    def read() -> None:
        assert scim_client.get(f"/Users/{ada}").json["userName"] == "ada"

    return read


def ask_as_the_project(id: str) -> None:
    get_user_model().objects.get(username="ada")
    LinkedAccount.objects.get(scim_id=id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text", ["the project's"])


def test_own_statements_are_kept_and_those_of_the_project_are_not(
    get: Callable[[], None], ada: str
) -> None:
    repeatedly(get)
    before = kept()
    repeatedly(lambda: ask_as_the_project(ada))

    assert own(before)
    assert kept() == before


def test_nor_are_they_where_the_project_binds_on_the_server(
    get: Callable[[], None], ada: str, options: Callable[..., None]
) -> None:
    options(server_side_binding=True)

    repeatedly(get)
    repeatedly(lambda: ask_as_the_project(ada))

    assert own(kept())


def test_a_connection_for_one_request_prepares_nothing(get: Callable[[], None]) -> None:
    get()

    assert kept() == []


@pytest.mark.parametrize("keys", [{}, {"PREPARED_STATEMENTS": True}])
def test_after_a_rollback_they_are_prepared_again(
    keys: dict[str, Any],
    get: Callable[[], None],
    scim_client: SCIMTestClient,
    scim_settings: Callable[..., None],
) -> None:
    scim_settings(**keys)
    repeatedly(get)
    before = kept()
    taken = scim_client.request("POST", "/Users", {"schemas": [], "userName": "ADA"})
    with transaction.atomic():
        get()
        transaction.set_rollback(True)
    after = kept()
    repeatedly(get)

    assert taken.status in {400, 409}
    assert after == []
    assert kept() == before


def test_setting_turns_it_off(get: Callable[[], None], scim_settings: Callable[..., None]) -> None:
    scim_settings(PREPARED_STATEMENTS=False)

    repeatedly(get)

    assert kept() == []


def test_option_of_the_driver_turns_it_off(
    get: Callable[[], None], options: Callable[..., None]
) -> None:
    options(prepare_threshold=None)

    repeatedly(get)

    assert kept() == []


def test_what_is_asked_for_behind_a_pooler_turns_it_off(
    get: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)

    repeatedly(get)

    assert kept() == []


def test_a_pooler_on_the_way_turns_it_off(
    get: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", 4711)

    repeatedly(get)

    assert kept() == []


@pytest.mark.parametrize("turned_off", ["by the project", "by what is found"])
def test_setting_turns_it_on_behind_a_pooler_that_knows_them(
    turned_off: str,
    get: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    scim_settings: Callable[..., None],
) -> None:
    if turned_off == "by the project":
        monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    else:
        connection.close()
        monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", 4711)
    scim_settings(PREPARED_STATEMENTS=True)

    repeatedly(get)

    assert own(kept())


def test_threshold_of_the_project_holds(
    get: Callable[[], None], options: Callable[..., None]
) -> None:
    options(prepare_threshold=0)

    get()

    assert own(kept())
    assert connection.connection.prepare_threshold == 0


def test_wrappers_and_the_log_see_what_was_sent(get: Callable[[], None], ada: str) -> None:
    seen = []

    def wrapper(execute: Any, sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return execute(sql, *rest)

    repeatedly(get)
    with connection.execute_wrapper(wrapper), CaptureQueriesContext(connection) as log:
        get()

    assert len(seen) == len(log)
    assert f"'{ada}'" in log.captured_queries[1]["sql"]
    assert own(kept())


def test_no_plan_outlives_the_size_of_its_table(
    get: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "MOST_USES", 40)

    repeatedly(get)
    before = prepared_when()
    for _ in range(20):
        get()

    assert before
    assert before.keys() == prepared_when().keys()
    assert all(before[name] < at for name, at in prepared_when().items())


def test_somebody_elses_cursor_does_what_it_is_made_for(
    get: Callable[[], None], options: Callable[..., None]
) -> None:
    executed = []

    class Counting(psycopg.ClientCursor[Any]):
        def execute(self, *args: Any, **options: Any) -> Any:
            executed.append(args)
            return super().execute(*args, **options)

    options(cursor_factory=Counting)
    with CaptureQueriesContext(connection) as log:
        repeatedly(get)

    assert len(executed) >= len(log) > 0
    assert kept() == []


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
