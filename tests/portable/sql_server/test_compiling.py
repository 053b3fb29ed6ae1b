"""The hook that compiles for SQL Server what the app asks, and the queries that it refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db.models import Count, F

from django_scim_provider.models import LinkedAccount, ProviderConnection, SCIMToken
from tests.portable.ours import ours
from tests.portable.sql_server.driver import reason_against

pytestmark = [
    pytest.mark.skipif(bool(reason_against()), reason=reason_against()),
    pytest.mark.django_db,
]
TOKENS = SCIMToken.objects
LONG = [str(number) for number in range(3000)]


@pytest.fixture
def compiled() -> Iterator[set[str]]:
    """Yield the statements of the test, compiled for SQL Server."""
    from tests.portable.watching.sql_server import compile_all

    with pytest.MonkeyPatch.context() as patched:
        yield compile_all(patched).statements


def test_each_kind_of_statement_is_compiled(compiled: set[str]) -> None:
    def ask() -> None:
        ProviderConnection.objects.create(provider_id="a")
        LinkedAccount.objects.filter(version=1).update(version=F("version") + 1)
        TOKENS.filter(label="a")._raw_delete("default")
        list(TOKENS.order_by("pk")[3:5])
        TOKENS.aggregate(Count("pk"))
        TOKENS.filter(provider__enabled=True).exists()
        list(TOKENS.select_for_update())

    ours(ask)()

    assert len(compiled) == 7
    assert any("UPDLOCK" in statement for statement in compiled)
    for beginning in ("INSERT INTO", "SET NOCOUNT OFF; UPDATE", "SET NOCOUNT OFF; DELETE"):
        assert any(statement.startswith(beginning) for statement in compiled)
    assert any("OFFSET 3 ROWS FETCH" in statement for statement in compiled)


def test_same_statement_counts_once(compiled: set[str]) -> None:
    def ask(label: str) -> None:
        TOKENS.filter(label=label).exists()

    for label in "ab":
        ours(ask)(label)

    assert len(compiled) == 1


def test_queries_of_others_are_not_compiled(compiled: set[str]) -> None:
    TOKENS.exists()

    assert compiled == set()


def test_query_that_cannot_be_compiled_fails(compiled: set[str]) -> None:
    from tests.portable.watching.sql_server import NotCompiled

    with pytest.raises(NotCompiled, match=r"storage/example\.py"):
        ours(lambda: list(TOKENS.distinct("label").order_by("label")))()


def test_list_that_is_too_long_for_parameters_is_a_table(compiled: set[str]) -> None:
    ours(lambda: TOKENS.filter(label__in=LONG).exists())()

    assert any("#Temp_params" in statement for statement in compiled)


def test_two_such_lists_in_one_statement_fail(compiled: set[str]) -> None:
    from tests.portable.watching.sql_server import NotCompiled

    with pytest.raises(NotCompiled, match="two lists"):
        ours(lambda: TOKENS.filter(label__in=LONG).exclude(secret__in=LONG).exists())()
