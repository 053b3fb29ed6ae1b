"""Indexes of the attributes that a project names: who makes them, and what they serve."""

from __future__ import annotations

import json

import pytest
from django.db import connection, transaction

from django_scim_provider.core.filters.binding import bind_text
from django_scim_provider.core.filters.expressions import BoundPresent
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.stored_text import id_of
from django_scim_provider.core.stores import Query, Sort
from django_scim_provider.models import AccountDocument, LinkedAccount
from django_scim_provider.models.accounts import MAX_BEGINNING
from django_scim_provider.storage.sql.indexed import attribute_texts
from django_scim_provider.storage.sql.searching.kept_conditions import condition_of
from django_scim_provider.storage.sql.searching.leading import leading_terms
from django_scim_provider.storage.sql.searching.lookups import to_q
from django_scim_provider.storage.sql.statements.compiled import condition_sql
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.filter_columns import user_columns
from django_scim_provider.storage.users.store import UserStore
from tests.factories import make_account, make_connection
from tests.indexes.naming import DEPARTMENT, NAMED, Make, plans
from tests.indexes.plans import watched
from tests.scim_client import CORE, ENTERPRISE

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 400
LONG = "n" * MAX_BEGINNING


@pytest.fixture
def store() -> UserStore:
    make_connection(provider_id="acme")
    return UserStore(StoreContext(provider_id="acme"))


def fill(number_of_people: int = PEOPLE) -> None:
    with transaction.atomic():
        for number in range(number_of_people):
            held = {
                "title": f"Engineer {number:04}",
                "name": {"middleName": f"M{number:04}"},
                ENTERPRISE: {"department": f"Dept {number:04}"},
            }
            schemas = [CORE, ENTERPRISE]
            make_account("acme", {"schemas": schemas, "userName": f"u{number}", **held}, number)
    table = connection.ops.quote_name(AccountDocument._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {'TABLE ' if connection.vendor == 'mysql' else ''}{table}")


@pytest.mark.parametrize(
    "expression",
    [
        'title eq "engineer 0007"',
        'title sw "engineer 0007"',
        'name.middleName sw "m0007"',
        'name.middleName gt "m0397" and name.middleName le "m0398"',
        f'{DEPARTMENT} sw "dept 0007"',
        f'{DEPARTMENT} sw "dept 0007" and active eq true',
    ],
)
def test_planner_takes_the_index(make: Make, store: UserStore, expression: str) -> None:
    fill()
    query = Query(filter=bind_text(expression, USER, GENERIC), limit=20)
    without = [id_of(text) for text in store.query(query).texts]
    make()

    with watched() as seen:
        found = [id_of(text) for text in store.query(query).texts]

    assert found == without != []
    contained = vendor_of("default").contains_documents and " eq " in expression[:20]
    assert ("scim_account_folded" if contained else attribute_texts.PREFIX) in plans(seen)


@pytest.mark.parametrize("operator", ["co", "ew"])
@pytest.mark.parametrize("attribute", ["userName", "name.middleName", "displayName"])
def test_planner_takes_the_index_of_parts(
    make: Make, store: UserStore, attribute: str, operator: str
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL alone has trigrams")
    fill()
    make(named=[*NAMED, "userName", "displayName"])
    query = Query(filter=bind_text(f'{attribute} {operator} "m0001"', USER, GENERIC), limit=20)

    with watched() as seen:
        found = store.query(query)

    assert len(found.texts) == (attribute == "name.middleName")
    names = "scim_user_name_trigrams", f"{attribute_texts.PREFIX}parts_"
    plan = plans(seen)
    assert any(name in plan for name in names), plan


@pytest.mark.parametrize("descending", [False, True])
def test_index_has_the_order(make: Make, store: UserStore, descending: bool) -> None:
    fill(30)
    bound = bind_text("title pr", USER, GENERIC)
    assert isinstance(bound, BoundPresent)
    query = Query(sort=Sort(bound.target, descending), limit=5)
    without = [id_of(text) for text in store.query(query).texts]
    make()

    with watched() as seen:
        found = [id_of(text) for text in store.query(query).texts]

    assert found == without
    if vendor_of("default").sorts_by_beginnings:
        with transaction.atomic(), connection.cursor() as cursor:
            for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
            assert f"{attribute_texts.PREFIX}title" in plans(seen)


TEXTS = [None, "a", "A", "ab", "abc", "zabc", LONG[:-1], LONG, f"{LONG}a", f"{LONG}b", "é", "a%_\\"]
OPERATORS = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]


def answers(store: UserStore) -> dict[str, list[str]]:
    found = {}
    for operator in OPERATORS:
        for text in TEXTS[1:]:
            for form in ("{}", "not ({})", "{} or active eq false"):
                for path in ("title", "displayName", DEPARTMENT):
                    value = json.dumps(text, ensure_ascii=False)
                    expression = form.format(f"{path} {operator} {value}")
                    bound = bind_text(expression, USER, GENERIC)
                    page = store.query(Query(filter=bound, limit=50))
                    found[expression] = [id_of(each) for each in page.texts]
    return found


def test_answers_are_the_same_with_and_without(make: Make, store: UserStore) -> None:
    for number, text in enumerate(TEXTS):
        held = {} if text is None else {"title": text, "displayName": text}
        more = {} if text is None else {ENTERPRISE: {"department": text}}
        schemas = [CORE, *more]
        resource = {"schemas": schemas, "userName": f"u{number}", **held, **more}
        make_account("acme", resource, number)
    without = answers(store)

    make()

    assert answers(store) == without
    assert len({tuple(each) for each in without.values()}) > 10


def test_kept_sql_is_that_of_the_values(make: Make) -> None:
    make()
    columns = user_columns("globex", "")
    for path in ("title", "displayName", "userName", "emails.value", DEPARTMENT):
        for operator in OPERATORS:
            for text in ["", *TEXTS[1:]]:
                value = json.dumps(text, ensure_ascii=False)
                bound = bind_text(f"{path} {operator} {value}", USER, GENERIC)

                found = condition_of(bound, columns, LinkedAccount, "default")

                leading = leading_terms(bound, columns, LinkedAccount, "default")
                anew = condition_sql(LinkedAccount, "default", to_q(bound, columns, leading))
                assert found is not None
                assert anew is not None
                kept, _ = found
                assert (kept[0], list(kept[1])) == (anew[0], list(anew[1])), (path, operator, text)
