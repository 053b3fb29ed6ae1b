"""The SQL of a filter is kept by its shape, and is what would be compiled anew for its values."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import connections
from django.db.models import Model
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_scim_provider.core.filters.binding import bind, bind_text
from django_scim_provider.core.filters.expressions import BoundFilter, Filter
from django_scim_provider.core.filters.parsing import render
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import GROUP, USER
from django_scim_provider.models import LinkedAccount, ProvisionedGroup
from django_scim_provider.models.accounts import MAX_BEGINNING
from django_scim_provider.storage.groups.filter_columns import group_columns
from django_scim_provider.storage.sql import vendors
from django_scim_provider.storage.sql.columns.declared import Columns
from django_scim_provider.storage.sql.searching import kept_conditions
from django_scim_provider.storage.sql.searching.kept_conditions import condition_of
from django_scim_provider.storage.sql.searching.leading import leading_terms
from django_scim_provider.storage.sql.searching.lookups import to_q
from django_scim_provider.storage.sql.statements.compiled import condition_sql
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.users.filter_columns import user_columns
from tests.scim_client import ENTERPRISE, SCIMTestClient
from tests.strategies import filters

pytestmark = pytest.mark.django_db

LONG = "n" * MAX_BEGINNING
LAST = chr(0x10FFFF)
TEXTS = ["", "a", "Ab", "a%b_c\\", '"', "é", LONG[:-1], LONG, f"{LONG}x", LAST, "a" + LAST]
ATTRIBUTES = [
    "userName",
    "id",
    "externalId",
    "name.familyName",
    "name.formatted",
    "displayName",
    "title",
    "emails.value",
    "emails",
    "phoneNumbers.value",
    "groups.value",
    "groups.display",
    f"{ENTERPRISE}:department",
]


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    kept_conditions._kept.cache_clear()


def sql_of(
    bound: BoundFilter, columns: Columns, model: type[Model] = LinkedAccount, using: str = "default"
) -> Any:
    """Return the condition, and look at whether it says who leads as ``leading_terms`` does."""
    found = condition_of(bound, columns, model, using)
    if found is None:
        return None
    assert found[1] is bool(leading_terms(bound, columns, model, using))
    return found[0]


def kept(expression: str, provider_id: str = "acme", base_url: str = "https://a.example") -> Any:
    bound = bind_text(expression, USER, GENERIC)
    columns = user_columns(provider_id, base_url)
    return as_lists(sql_of(bound, columns))


def made_anew(expression: str, provider_id: str = "acme") -> Any:
    bound = bind_text(expression, USER, GENERIC)
    columns = user_columns(provider_id, "https://a.example")
    leading = leading_terms(bound, columns, LinkedAccount, "default")
    return as_lists(condition_sql(LinkedAccount, "default", to_q(bound, columns, leading)))


def as_lists(found: Any) -> Any:
    return None if found is None else [found[0], list(found[1])]


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@pytest.mark.parametrize("op", ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"])
@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_kept_sql_is_that_of_the_values(attribute: str, op: str) -> None:
    for text in TEXTS:
        expression = f"{attribute} {op} {quoted(text)} and not (title eq {quoted(text + 'x')})"

        assert kept(expression, "globex") == made_anew(expression, "globex"), expression


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(trees=st.lists(filters, min_size=4, max_size=4))
def test_kept_sql_of_any_filter_has_its_values(trees: list[Filter]) -> None:
    columns = user_columns("acme", "https://a.example")
    for tree in trees:
        bound = bind(tree, USER, GENERIC)
        try:
            leading = leading_terms(bound, columns, LinkedAccount, "default")
            anew = condition_sql(LinkedAccount, "default", to_q(bound, columns, leading))
        except FieldError:
            continue  # it joins another table
        found = sql_of(bound, columns)

        # Django drops a condition that stands there twice; what is kept may have other values next.
        assert found is not None
        assert anew is not None
        assert {*map(str, found[1])} == {*map(str, anew[1])}, render(tree)
        if found[0].count("%s") == anew[0].count("%s"):
            assert as_lists(found) == as_lists(anew), render(tree)


def test_values_that_were_equal_are_kept_apart() -> None:
    kept('userName eq "a" or userName eq "a"')

    _, parameters = kept('userName eq "a" or userName eq "b"')

    assert {"a", "b"} <= {*parameters}


def test_further_filters_of_a_shape_are_not_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    kept('name.familyName sw "fa" and active eq true')
    monkeypatch.setattr(kept_conditions, "to_q", None)

    for number in range(3):
        connection_name = f"tenant{number}"
        found = kept(
            f'name.familyName sw "x{number}" and active eq true',
            connection_name,
            f"https://{number}.example",
        )
        assert {connection_name, f"x{number}"} <= {*found[1]}

    with pytest.raises(TypeError):
        kept('name.familyName sw "fa" and active eq false')


def test_what_is_kept_has_an_end() -> None:
    for number in range(kept_conditions.MOST_KEPT + 20):
        names = " or ".join(["title pr"] * (number % 40) + [f'userName eq "{number}"'] * 2)
        kept(f"({names}) and {'not ' * (number // 40 % 2)}(active eq true)")
    many = " or ".join(['userName eq "a"'] * (kept_conditions.MOST_TERMS + 1))
    before = kept_conditions._kept.cache_info().currsize

    assert kept(many) == made_anew(many)
    assert kept_conditions._kept.cache_info().currsize == before <= kept_conditions.MOST_KEPT


@pytest.mark.parametrize(
    "expression",
    ['groups.$ref co "a"', 'meta.created gt "2026-01-01T00:00:00Z"', 'profileUrl eq "a"'],
)
def test_what_depends_on_more_is_not_kept(expression: str) -> None:
    assert kept(expression) == made_anew(expression)
    assert kept_conditions._kept.cache_info().currsize == 0


def test_members_in_sight_are_asked_for_each_query() -> None:
    bound = bind_text('members.value eq "a"', GROUP, GENERIC)
    kept_for_all = group_columns("acme", "https://a.example")
    only = to_q(bind_text("active eq true", USER, GENERIC), user_columns("acme", ""))
    asked = group_columns("acme", "https://a.example", only)

    assert kept_for_all.family is not None
    assert asked.family is None
    found = sql_of(bound, kept_for_all, ProvisionedGroup)
    leading = leading_terms(bound, kept_for_all, ProvisionedGroup, "default")
    anew = condition_sql(ProvisionedGroup, "default", to_q(bound, kept_for_all, leading))
    assert as_lists(found) == as_lists(anew)


def test_another_database_has_sql_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = bind_text('title eq "a"', USER, GENERIC)
    first = sql_of(bound, user_columns("acme", ""))
    monkeypatch.setitem(connections.settings, "other", connections.settings["default"])
    monkeypatch.setattr(connections["other"].ops, "quote_name", lambda name: f"<{name}>")
    known = {("other", connections["other"].vendor): vendor_of("default")}
    monkeypatch.setattr(vendors, "_known", known)  # the server is not asked what it is

    second = sql_of(bound, user_columns("acme", "", "other"), using="other")

    assert first is not None
    assert second is not None
    assert "<" in second[0]
    assert "<" not in first[0]


def test_page_of_a_kept_filter_follows_the_settings(scim_client: SCIMTestClient) -> None:
    for number in range(3):
        body = {"userName": f"ann{number}", "title": f"T{number}"}
        assert scim_client.request("POST", "/Users", body).status == 201
    assert scim_client.get("/Users?filter=title%20sw%20%22t%22").json["totalResults"] == 3

    with override_settings(SCIM_PROVIDER={"DEFAULT_PAGE_SIZE": 2}):
        answer = scim_client.get("/Users?filter=title%20sw%20%22T%22").json

    assert (answer["totalResults"], answer["itemsPerPage"]) == (3, 2)
