"""The strict mode fails on each query that the portable way forbids, and on no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Count, Exists, F, Func, Max, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.expressions import RawSQL
from django.db.models.functions import Collate, RowNumber, Upper

from django_scim_provider.models import (
    GroupMember,
    LinkedAccount,
    ProviderConnection,
    SCIMToken,
)
from django_scim_provider.storage.transactions import in_transaction
from django_scim_provider.user_model.any_case import SameButForCase
from tests.portable.constructs import Construct, ForbiddenConstruct
from tests.portable.ours import ours
from tests.portable.watching.watch import watching

pytestmark = pytest.mark.django_db
User = get_user_model()
CONNECTIONS = ProviderConnection.objects
ACCOUNTS = LinkedAccount.objects
TOKENS = SCIMToken.objects
KEYS = ProviderConnection.objects.values("pk")
PLAIN = KEYS.order_by()
GROUPED = PLAIN.values("profile").annotate(number=Count("pk"))


def by_hand() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def many_by_hand() -> None:
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE auth_group SET name = %s WHERE 1 = 0", [["a"]])


def members_of() -> QuerySet[Any]:
    return GroupMember.objects.filter(account=OuterRef("pk"))


COUNTS = ours(lambda: TOKENS.count())
COUNTS_A_SLICE = ours(lambda: TOKENS.all()[:9].count())
LATEST = ours(lambda: TOKENS.aggregate(at=Max("created_at")))


FORBIDDEN: list[tuple[str, Construct, Callable[[], object]]] = [
    ("cursor", Construct.RAW_CURSOR, by_hand),
    ("many", Construct.RAW_CURSOR, many_by_hand),
    ("raw-sql", Construct.RAW_SQL, lambda: list(TOKENS.annotate(one=RawSQL("1", ())))),
    ("raw-sql-in-filter", Construct.RAW_SQL, lambda: list(TOKENS.filter(pk__in=RawSQL("1", ())))),
    ("extra", Construct.RAW_SQL, lambda: list(TOKENS.extra(select={"one": "1"}))),
    ("extra-where", Construct.RAW_SQL, lambda: TOKENS.extra(where=["1 = 1"]).count()),
    ("raw", Construct.RAW_SQL, lambda: list(TOKENS.raw("SELECT id FROM scim_provider_scimtoken"))),
    (
        "own-look-up",
        Construct.OWN_SQL,
        lambda: User.objects.filter(SameButForCase(F("username"), "a")).exists(),
    ),
    (
        "own-function",
        Construct.OWN_SQL,
        lambda: list(TOKENS.annotate(one=Func(F("label"), function="LOWER"))),
    ),
    ("collation", Construct.UNKNOWN_FUNCTION, lambda: list(TOKENS.order_by(Collate("label", "C")))),
    (
        "window",
        Construct.UNKNOWN_FUNCTION,
        lambda: list(TOKENS.annotate(place=Window(RowNumber(), order_by="pk"))),
    ),
    (
        "update-join",
        Construct.UPDATE_WITH_JOIN,
        lambda: TOKENS.filter(provider__enabled=True).update(label="a"),
    ),
    (
        "update-subquery",
        Construct.UPDATE_WITH_SUBQUERY,
        lambda: TOKENS.filter(provider__in=KEYS).update(label="a"),
    ),
    (
        "update-exists",
        Construct.UPDATE_WITH_SUBQUERY,
        lambda: ACCOUNTS.filter(~Exists(members_of())).update(active=False),
    ),
    (
        "update-value",
        Construct.UPDATE_WITH_SUBQUERY,
        lambda: TOKENS.update(label=Subquery(CONNECTIONS.values("provider_id")[:1])),
    ),
    (
        "delete-join",
        Construct.DELETE_WITH_JOIN,
        lambda: TOKENS.filter(provider__enabled=True)._raw_delete("default"),
    ),
    (
        "delete-subquery",
        Construct.DELETE_WITH_SUBQUERY,
        lambda: TOKENS.filter(provider__in=KEYS)._raw_delete("default"),
    ),
    ("slice", Construct.SLICED_SUBQUERY, lambda: list(TOKENS.filter(provider__in=KEYS[:1]))),
    ("in", Construct.SUBQUERY, lambda: list(TOKENS.filter(provider__in=KEYS))),
    ("exists", Construct.SUBQUERY, lambda: list(ACCOUNTS.annotate(some=Exists(members_of())))),
    ("order", Construct.SUBQUERY, lambda: list(ACCOUNTS.order_by(Exists(members_of())))),
    ("filter", Construct.SUBQUERY, lambda: ACCOUNTS.filter(Exists(members_of())).count()),
    ("json-key", Construct.JSON_LOOKUP, lambda: list(CONNECTIONS.filter(profile_switches__a=1))),
    ("json-exact", Construct.JSON_LOOKUP, lambda: list(TOKENS.filter(scopes=["a"]))),
    ("json-has", Construct.JSON_LOOKUP, lambda: list(TOKENS.filter(~Q(scopes__has_key="a")))),
    ("json-order", Construct.JSON_LOOKUP, lambda: list(TOKENS.order_by("scopes__a"))),
    (
        "values",
        Construct.VALUES_OVER_RELATION,
        lambda: list(TOKENS.values_list("provider__enabled")),
    ),
    (
        "ignore",
        Construct.IGNORE_CONFLICTS,
        lambda: CONNECTIONS.bulk_create([ProviderConnection()], ignore_conflicts=True),
    ),
    (
        "conflicts",
        Construct.UPDATE_CONFLICTS,
        lambda: CONNECTIONS.bulk_create(
            [ProviderConnection()],
            update_conflicts=True,
            update_fields=["enabled"],
            unique_fields=["pk"],
        ),
    ),
    (
        "of",
        Construct.LOCK_OF,
        lambda: list(TOKENS.select_related("provider").select_for_update(of=("self",))),
    ),
    ("distinct", Construct.DISTINCT_ON, lambda: list(TOKENS.distinct("label").order_by("label"))),
    ("difference", Construct.COMBINATION, lambda: list(PLAIN.difference(PLAIN))),
    ("grouped-union", Construct.GROUPED_UNION, lambda: list(GROUPED.union(GROUPED))),
    (
        "sliced-aggregate",
        Construct.SLICED_AGGREGATE,
        lambda: TOKENS.order_by("pk")[:9].aggregate(at=Max("created_at")),
    ),
    (
        "count-in-transaction",
        Construct.COUNT_IN_TRANSACTION,
        lambda: in_transaction("default", "acme", COUNTS),
    ),
    (
        "slice-counted-in-transaction",
        Construct.COUNT_IN_TRANSACTION,
        lambda: in_transaction("default", "acme", COUNTS_A_SLICE),
    ),
    (
        "aggregate-in-transaction",
        Construct.COUNT_IN_TRANSACTION,
        lambda: in_transaction("default", "acme", LATEST),
    ),
    (
        "subquery-in-aggregate",
        Construct.SUBQUERY_IN_AGGREGATE,
        lambda: list(
            ACCOUNTS.values("provider").annotate(n=Count("pk", filter=Exists(members_of())))
        ),
    ),
    ("too-long", Construct.TOO_LONG, lambda: TOKENS.update(label="a" * 300)),
    (
        "too-long-row",
        Construct.TOO_LONG,
        lambda: CONNECTIONS.bulk_create([ProviderConnection(provider_id="a" * 300)]),
    ),
]


@pytest.mark.parametrize(
    ("construct", "does"), [case[1:] for case in FORBIDDEN], ids=[case[0] for case in FORBIDDEN]
)
def test_query_is_forbidden(construct: Construct, does: Callable[[], object]) -> None:
    with watching(), pytest.raises(ForbiddenConstruct) as raised:
        ours(does)()
    (violation,) = raised.value.violations
    assert violation.construct is construct
    assert violation.place.file == "storage/example.py"


@pytest.mark.parametrize(
    "does",
    [
        lambda: list(TOKENS.filter(provider__enabled=True).select_related("provider")),
        lambda: list(TOKENS.filter(label__iexact="a", provider_id__in=["a", "b"])[:5]),
        lambda: list(TOKENS.annotate(folded=Upper("label")).order_by("folded")),
        lambda: list(TOKENS.values("provider_id").annotate(tokens=Count("pk"))),
        lambda: list(CONNECTIONS.annotate(size=Count("tokens"))),
        lambda: list(TOKENS.filter(pk__lt=TOKENS.model().pk).values_list("pk", "provider_id")),
        lambda: list(PLAIN.union(PLAIN)),
        lambda: TOKENS.filter(scopes__isnull=True).exists(),
        lambda: ACCOUNTS.filter(version=3).update(version=F("version") + 1),
        lambda: ACCOUNTS.filter(pk__in=[]).delete(),
        lambda: CONNECTIONS.bulk_create([ProviderConnection(provider_id="a")]),
        lambda: User.objects.get_or_create(username="a"),
    ],
)
def test_query_is_portable(does: Callable[[], object]) -> None:
    with watching() as watch:
        ours(does)()
    assert watch.violations == []


def test_queries_of_others_are_not_judged() -> None:
    with watching() as watch:
        by_hand()
        list(TOKENS.filter(provider__in=KEYS[:1]))
    assert watch.violations == []


def test_page_may_have_subqueries_and_nothing_else() -> None:
    with watching() as watch:
        ours(lambda: list(TOKENS.filter(provider__in=KEYS)), "admin/example.py")()
        with pytest.raises(ForbiddenConstruct, match="admin/example"):
            ours(lambda: list(TOKENS.filter(provider__in=KEYS[:1])), "admin/example.py")()
    assert {violation.construct for violation in watch.violations} == {Construct.SLICED_SUBQUERY}


def test_page_has_no_list_of_rows_in_a_transaction() -> None:
    asked = ours(lambda: list(TOKENS.filter(provider__in=KEYS)), "admin/example.py")

    with watching(fails=False) as watch:
        in_transaction("default", "acme", asked)

    assert Construct.IN_ROWS_IN_TRANSACTION in {each.construct for each in watch.violations}


def test_each_construct_of_queries_has_a_case() -> None:
    of_transactions = {
        Construct.SAVEPOINT,
        Construct.WENT_ON,
        Construct.DIRECT_TRANSACTION,
        Construct.LEFT_TO_DATABASE,
        Construct.IN_ROWS_IN_TRANSACTION,
    }
    assert {case[1] for case in FORBIDDEN} == set(Construct) - of_transactions
