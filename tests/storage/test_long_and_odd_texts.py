"""Texts beyond what a column of beginnings holds, and what JSON and LIKE have signs for."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from django_scim_provider.core.filters.binding import bind_text
from django_scim_provider.core.filters.matching import matches
from django_scim_provider.core.folding import fold_resource
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.stored_text import content
from django_scim_provider.core.stores import Query
from django_scim_provider.models import AccountDocument, LinkedAccount
from django_scim_provider.models.accounts import MAX_BEGINNING
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.store import UserStore
from tests.factories import make_account, make_connection
from tests.scim_client import CORE, ENTERPRISE

pytestmark = pytest.mark.django_db
LONG = "Ab" * (MAX_BEGINNING // 2)
TEXTS = [
    "a",
    "A%b",
    "a_b",
    "a\\b",
    'a"b',
    "a\\u0000b",
    "\\",
    "%",
    "ß",
    "\u017fs",
    "\ud7ff\ue000",
    "\U0010ffff",
    "a\u0301",
    "7",
    LONG[:-1],
    LONG,
    f"{LONG}c",
    f"{LONG}d",
    f"{LONG}{LONG}",
]
OPERATORS = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]
NAMES = ["name.familyName", "displayName", "title", "emails.display", "phoneNumbers.value"]


def person(text: str) -> dict[str, Any]:
    return {
        "name": {"familyName": text},
        "displayName": text,
        "title": text,
        "emails": [{"value": "a@x.example", "display": text}, {"value": "b@x.example"}],
        "phoneNumbers": [{"type": "work", "value": "1"}, {"type": "home", "value": text}],
    }


@pytest.fixture
def store() -> UserStore:
    make_connection(provider_id="acme")
    make_connection(provider_id="other")
    for number, text in enumerate([*TEXTS, ""]):
        resource = {"schemas": [CORE], "userName": f"u{number}", **(person(text) if text else {})}
        make_account("acme", resource, number)
        make_account("other", resource, 100 + number)
    return UserStore(StoreContext(provider_id="acme"))


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def differing(store: UserStore, expressions: list[str]) -> list[str]:
    """Return the filters that the database answers otherwise than the evaluator."""
    texts = store.accounts.values_list("resource", flat=True)
    people = {text: fold_resource(content(text) | {"id": ""}, USER) for text in texts}
    found = []
    for expression in expressions:
        bound = bind_text(expression, USER, GENERIC)
        due = {text for text, folded in people.items() if matches(bound, folded)}
        page = store.query(Query(filter=bound, limit=1000, skip_members=True))
        if set(page.texts) != due or page.total != len(due):
            found.append(expression)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_database_finds_odd_texts_as_the_evaluator_does(store: UserStore, name: str) -> None:
    asked = [f"{name} {op} {quoted(text)}" for op, text in product(OPERATORS, TEXTS)]
    within = [f"not ({each})" for each in asked[::7]]
    beside = [f'{each} and userName co "1"' for each in asked[::5]]
    either = [f"{each} or title eq {quoted(LONG)}" for each in asked[::5]]

    assert differing(store, [*asked, *within, *beside, *either, f"{name} pr"]) == []


def test_equations_of_one_element_are_not_those_of_two(store: UserStore) -> None:
    texts = [quoted(text) for text in TEXTS]
    one = [f'phoneNumbers[type eq "work" and value eq {text}]' for text in texts]
    two = [f'phoneNumbers.type eq "work" and phoneNumbers.value eq {text}' for text in texts]
    again = [f'phoneNumbers[value eq "1" and value eq {text}]' for text in texts]
    singular = [f"name[familyName eq {text}]" for text in texts]

    assert differing(store, [*one, *two, *again, *singular]) == []


def test_numbers_flags_and_extensions_are_equal_as_the_evaluator_has_it(store: UserStore) -> None:
    for number, department in enumerate(["Sales", "sales ", "", None]):
        extension = {} if department is None else {ENTERPRISE: {"department": department}}
        photo = {"photos": [{"value": "https://x.example/p", "primary": bool(number % 2)}]}
        resource = {"schemas": [CORE], "userName": f"e{number}", **extension, **photo}
        make_account("acme", resource, 200 + number)

    asked = [f'{ENTERPRISE}:department eq "{text}"' for text in ("sales", "SALES ", "x")]
    asked += ["photos.primary eq true", "photos[primary eq false]", "photos[primary ne true]"]

    assert differing(store, asked) == []


def test_beginnings_of_names_stand_in_columns(store: UserStore) -> None:
    make_account("acme", {"schemas": [CORE], "userName": "x", **person(f"{LONG}{LONG}")}, 300)

    account = LinkedAccount.objects.get(account_id="x")
    document = AccountDocument.objects.get(account=account)

    assert document.family_name_key == document.display_name_key == LONG.lower()
    assert document.given_name_key is None
