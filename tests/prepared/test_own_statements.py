"""PostgreSQL keeps the app's own statements prepared, and none of the project's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import LinkedAccount
from django_scim_provider.storage.sql.vendors import prepared
from tests.prepared.sessions import kept, own, prepared_when, repeatedly
from tests.scim_client import SCIMTestClient

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="others keep none"),
]


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
    monkeypatch.setattr(prepared, "FEW_USES", 40)
    connection.close()

    repeatedly(get)
    before = prepared_when()
    for _ in range(20):
        get()

    assert before
    assert before.keys() == prepared_when().keys()
    anew = prepared.forgets(psycopg.__version__)
    assert all((before[name] < at) is anew for name, at in prepared_when().items())


def test_the_first_plans_of_a_session_are_soon_replaced(
    get: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "FEW_USES", 40)
    connection.close()

    repeatedly(get)
    first = prepared_when()
    for _ in range(30):
        get()
    second = prepared_when()
    for _ in range(20):
        get()

    anew = prepared.forgets(psycopg.__version__)
    assert first
    assert all((first[name] < at) is anew for name, at in second.items())
    assert prepared_when() == second  # the next time comes four times as late


def test_nothing_is_prepared_anew_where_the_driver_would_not_notice(
    get: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "FEW_USES", 40)
    monkeypatch.setattr(prepared, "FORGETS", (99,))
    connection.close()
    prepared.forgets.cache_clear()

    repeatedly(get)
    before = prepared_when()
    for _ in range(20):
        get()
    prepared.forgets.cache_clear()

    assert before
    assert prepared_when() == before


@pytest.mark.parametrize(
    ("version", "does"), [("3.2.4 (dt dec pq3 ext lo64)", False), ("3.3.5", False), ("3.3.6", True)]
)
def test_version_of_the_driver_tells_whether_it_notices(version: str, does: bool) -> None:
    assert prepared.forgets(version) is does


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
