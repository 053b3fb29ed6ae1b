"""What is compiled or remembered goes by shape: not by tenant, and not by what a client chooses."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models.sql.compiler import SQLCompiler

from django_scim_provider.core.engine import RequestOptions, ResourceEngine
from django_scim_provider.core.messages import SearchRequest
from django_scim_provider.models import ProviderConnection
from django_scim_provider.models.keys import uuid7
from django_scim_provider.registry import get_registry
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.rendering import GroupsOfUsers
from django_scim_provider.tokens.verification import proofs
from django_scim_provider.tokens.wire import store
from tests.costs import caches
from tests.factories import make_account
from tests.scim_client import CORE

CONNECTIONS = 300
ADA = {"schemas": [CORE], "userName": "ada", "externalId": "a1"}
ANY = RequestOptions()


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by one entry each time Django compiles a query."""
    seen: list[str] = []
    as_sql = SQLCompiler.as_sql

    def counted(self: SQLCompiler, *args: Any, **kwargs: Any) -> Any:
        seen.append(str(self.query.model))
        return as_sql(self, *args, **kwargs)

    monkeypatch.setattr(SQLCompiler, "as_sql", counted)
    return seen


def engine(number: int, endpoint: str = "Users") -> ResourceEngine:
    """Return the engine of one of many connections, each with an address of its own."""
    registry = get_registry()
    registration = registry.by_endpoint(endpoint)
    assert registration is not None
    base_url = f"https://tenant{number}.example/scim/v2"
    context = StoreContext(provider_id=f"p{number}", base_url=base_url)
    return registry.engine_for(registration, context)


@pytest.fixture
def ids(db: None) -> list[str]:
    """Return the ids of one user in each of the first two connections."""
    rows = [ProviderConnection(provider_id=f"p{number}") for number in range(CONNECTIONS)]
    ProviderConnection.objects.bulk_create(rows)
    return [make_account(f"p{number}", ADA, number) for number in (0, 1)]


def hot(number: int, id: str, count: int | None = None) -> list[Any]:
    """Ask what identity providers ask all day; return what came back."""
    users, groups = engine(number), engine(number, "Groups")
    requests = [
        SearchRequest(filter='userName eq "ADA"', count=count),
        SearchRequest(filter='externalId eq "a1"', count=count),
        SearchRequest(count=count),
        SearchRequest(cursor="", count=count),
    ]
    answers = [users.list(request).body for request in requests]
    answers += [groups.list(request).body for request in requests[2:]]
    answers.append(groups.list(SearchRequest(filter='displayName eq "g"', count=count)).body)
    if users.store.get(id) is not None:
        answers.append(users.get(id, ANY).body)
    return answers


def test_any_number_of_connections_shares_the_statements(
    ids: list[str], compilations: list[str]
) -> None:
    first = hot(0, ids[0])
    compilations.clear()

    others = [hot(number, ids[1]) for number in range(1, CONNECTIONS)]

    assert compilations == []
    assert all(ids[0].encode() in (body or b"") for body in (*first[:4], first[-1]))
    assert all(ids[1].encode() in (body or b"") for body in (*others[0][:4], others[0][-1]))
    assert {b"ada" in (body or b"") for answers in others[1:] for body in answers} == {False}


def test_any_count_shares_the_statements(ids: list[str], compilations: list[str]) -> None:
    hot(0, ids[0], 2)
    compilations.clear()

    for count in range(2, 302):
        hot(0, ids[0], count)

    assert compilations == []


def test_count_is_the_most_that_a_page_shows(ids: list[str]) -> None:
    for number in range(2, 12):
        make_account("p0", {"schemas": [CORE], "userName": f"user{number}"}, number)

    shown: list[Any] = [engine(0).list(SearchRequest(count=n)).body for n in range(1, 14)]

    assert [body.count(b'"userName"') for body in shown] == [*range(1, 12), 11, 11]
    assert {b'"totalResults":11,' in body for body in shown} == {True}


@pytest.mark.parametrize(
    ("expression", "matches"),
    [
        ('emails.value eq "ada@x.example"', True),
        ('emails[type eq "work" and value co "da@x"]', True),
        ('not (emails.value co "da@x")', False),
        ('emails.value co "da@x" and active eq true', True),
        ('userName sw "ad"', True),
        ('active eq true or userName ge "ada"', True),
    ],
)
@pytest.mark.parametrize("paging", [{}, {"cursor": ""}, {"count": 1}], ids=str)
def test_of_a_filter_no_more_than_its_condition_is_compiled(
    ids: list[str],
    compilations: list[str],
    expression: str,
    matches: bool,
    paging: dict[str, Any],
) -> None:
    emails = [{"value": "ada@x.example", "type": "work"}]
    make_account("p7", {**ADA, "emails": emails}, 7)
    request = SearchRequest(filter=expression, **paging)
    engine(0).list(request)
    compilations.clear()

    body = engine(7).list(request).body

    assert compilations == []
    assert isinstance(body, bytes)
    assert f'"totalResults":{int(matches)}'.encode() in body


def test_no_cache_is_missed_by_connections_addresses_or_counts(ids: list[str]) -> None:
    def ask(number: int) -> None:
        hot(number, ids[0], number + 1)
        users, groups = engine(number), engine(number, "Groups")
        for expression in ('groups.display eq "g"', 'emails.value co "x"', "groups pr"):
            users.list(SearchRequest(filter=expression, count=number + 1, sort_by="userName"))
        groups.list(SearchRequest(filter='members.display eq "ada"', count=number + 1))

    ask(0)
    before = {name: told().misses for name, told in caches().items()}
    for number in range(1, 40):
        ask(number)

    assert len(before) > 10
    assert {name: told().misses for name, told in caches().items()} == before


def test_groups_of_pages_of_any_size_are_one_shape(ids: list[str]) -> None:
    texts = [f'{{"id":"{uuid7()}","schemas":[],"meta":{{"a":1}}}}' for _ in range(80)]
    groups = GroupsOfUsers(StoreContext(provider_id="p0"))
    groups.few(texts[:1], [True])
    before = {name: told().misses for name, told in caches().items()}

    for count in range(1, 80):
        assert groups.few(texts[:count], [True] * count) == texts[:count]

    assert {name: told().misses for name, told in caches().items()} == before


def test_each_of_thousands_of_tokens_is_hashed_once(hashings: list[str]) -> None:
    stored = store("secret")
    texts = [f"token{number}" for number in range(6000)]

    for _ in range(3):
        for text in texts:
            assert proofs.proves(text, "secret", stored)

    assert len(hashings) == 6000


def test_proof_holds_for_the_stored_secret_alone(hashings: list[str]) -> None:
    stored, rotated = store("secret"), store("other")

    answers = [proofs.proves("token", "secret", each) for each in (stored, rotated, stored)]

    assert (answers, len(hashings)) == ([True, False, True], 2)
