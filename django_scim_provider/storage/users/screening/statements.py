"""The statements of screening, compiled once for each database and each question.

The ORM compiles the parts that look for users, with stand-ins for the values, since the fields are
the project's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import CharField, F, QuerySet, TextField
from django.db.models.lookups import IExact

from django_scim_provider.conf import get_settings
from django_scim_provider.models import Tombstone
from django_scim_provider.storage.connection_gate import (
    knows_with_the_lock,
    looks_at_people_sql,
    open_sql,
)
from django_scim_provider.storage.sql.running import Row, fetch_all
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.base import SQL
from django_scim_provider.user_model import is_privileged
from django_scim_provider.user_model.known_by import goes_by

OWN = "<scim own>"
PROVIDER = "<scim provider>"
ACCOUNT = "<scim account>"
"""Stand in a statement for values, as what ``form`` returns does."""
_KEY = "scim_key"
_NAME = "scim_name"
_FORM = "<scim form>"


def form(field: str, number: int) -> str:
    """Return what stands for one of the forms in which a field is looked for."""
    return f"<scim {field} {number}>"


@dataclass(frozen=True, slots=True)
class Question:
    """What a statement asks, but for the values."""

    using: str
    model: Any
    forms: tuple[tuple[str, int], ...] = ()
    """In how many forms each field of a user is looked for; empty: nobody is."""
    by_accents: tuple[str, ...] = ()
    """Those of which accents tell apart."""
    protected: tuple[str, ...] = ()
    """The fields of protected users that are read; empty: nobody's are."""
    of_own: bool = False
    """Is there a user who has the names already, and is not in the way?"""
    of_new: bool = False
    """Is an account to be made? Then tombstones count."""
    opens: bool = False
    """Does the statement hold the connection open as well?"""


@dataclass(frozen=True, slots=True)
class Statement:
    """What answers a question, in rows of the same three answers and one protected user each.

    Is the connection open; is somebody found; is there a tombstone; then the user's names, NULL
    where nobody is protected. There is no row where somebody else has locked the connection.
    """

    sql: str
    parameters: tuple[Any, ...]

    def rows(self, using: str, values: Mapping[str, Any]) -> list[Row]:
        """Run with values in the places of their stand-ins."""
        return fetch_all(using, *self.filled(values))

    def filled(self, values: Mapping[str, Any]) -> SQL:
        """Return the SQL and its parameters, with values in the places of their stand-ins."""
        return self.sql, [values.get(each, each) for each in self.parameters]


@cache
def can_find(model: Any, name: str) -> bool:
    """Tell whether a field of users is looked for as Django itself does it."""
    field = model._meta.get_field(name)
    return _is_text(field) and field.get_lookup("iexact") is IExact


@cache
def can_read(model: Any, name: str) -> bool:
    """Tell whether what the database has in a field of users is its value."""
    field = model._meta.get_field(name)
    return _is_text(field) and not hasattr(field, "from_db_value")


def _is_text(field: Any) -> bool:
    return isinstance(field, CharField | TextField)


def statement(question: Question) -> Statement:
    """Return the statement of a question."""
    return _compiled(question, get_settings().ALLOW_PRIVILEGED_USERS)


@lru_cache(maxsize=128)
def _compiled(question: Question, has_no_protected: bool) -> Statement:
    parameters: list[Any] = []
    gate = "SELECT 1"
    if question.opens:
        connection = connections[question.using]
        gate = open_sql(connection, lock=vendor_of(connection).share_lock_at_once)
        parameters.append(PROVIDER)
    elif question.of_new and knows_with_the_lock(connections[question.using]):
        looks = looks_at_people_sql(connections[question.using], "%s")
        gate = f"SELECT CASE WHEN {looks} THEN 2 ELSE 1 END"
        parameters.append(PROVIDER)
    held, held_parameters = _held(question)
    remembered, remembered_parameters = _remembered(question)
    parameters += [*held_parameters, *remembered_parameters]
    names, protected = "", ""
    if question.protected and not has_no_protected:
        fields = {f"{_NAME}_{n}": F(name) for n, name in enumerate(question.protected)}
        users = question.model._base_manager.using(question.using).filter(is_privileged())
        rows = users.order_by().annotate(**fields).values_list(*fields)
        if (compiled := _sql_of(rows)) is not None:
            names = "".join(f", p.{name}" for name in fields)
            protected = f" LEFT JOIN ({compiled[0]}) p ON 1 = 1"
            parameters += compiled[1]
    answers = f"gate.is_open, {held}, {remembered}{names}"
    return Statement(
        f"WITH gate(is_open) AS ({gate}) SELECT {answers} FROM gate{protected}",  # noqa: S608 - compiled
        tuple(parameters),
    )


@dataclass(frozen=True, slots=True)
class OneOf:
    """What finds one user by a form of a field."""

    sql: str
    parameters: tuple[Any, ...]

    def filled(self, text: str) -> list[Any]:
        """Return the parameters with a text in the places of its stand-in."""
        return [text if each == _FORM else each for each in self.parameters]


@lru_cache(maxsize=128)
def one_of_form(using: str, model: Any, name: str, by_accents: tuple[str, ...]) -> OneOf | None:
    """Return what asks whether anybody has a form in a field; None where nobody ever has."""
    users = model._default_manager.using(using).filter(goes_by({name: [_FORM]}, by_accents))
    compiled = _sql_of(users.order_by().annotate(**{_KEY: F("pk")}).values_list(_KEY)[:1])
    return None if compiled is None else OneOf(compiled[0], tuple(compiled[1]))


def _held(question: Question) -> tuple[str, Iterable[Any]]:
    if not question.forms:
        return "0", ()
    forms = {
        name: [form(name, number) for number in range(count)] for name, count in question.forms
    }
    users = question.model._default_manager.using(question.using).filter(
        goes_by(forms, question.by_accents)
    )
    compiled = _sql_of(users.order_by().annotate(**{_KEY: F("pk")}).values_list(_KEY))
    if compiled is None:
        return "0", ()
    sql, parameters = compiled
    if not question.of_own:
        return f"EXISTS({sql})", parameters
    others = f"SELECT 1 FROM ({sql}) f WHERE f.{_KEY} <> %s"  # noqa: S608 - compiled
    return f"EXISTS({others})", [*parameters, OWN]


def _remembered(question: Question) -> tuple[str, Iterable[Any]]:
    if not question.of_new:
        return "0", ()
    own = {"provider_id": PROVIDER, "account_id": ACCOUNT}
    rows = Tombstone.objects.using(question.using).filter(**own).order_by().values_list("pk")
    sql, parameters = rows.query.get_compiler(rows.db).as_sql()
    return f"EXISTS({sql})", parameters


def _sql_of(rows: QuerySet[Any, Any]) -> tuple[str, list[Any]] | None:
    """Return a queryset as SQL and parameters; None where it is known to find nobody."""
    try:
        sql, parameters = rows.query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:
        return None
    return sql, list(parameters)
