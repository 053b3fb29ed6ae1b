"""Screening: one statement asks all that new names are held against, and mostly nobody has them.

What it finds is looked at again by those who decide (``uniqueness``, ``tombstones``). Only what a
project leaves as it is takes part: an adapter or a manager of its own is asked there, each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django.db import connections
from django.db.models import Manager, QuerySet

from django_scim_provider.adapter import DefaultAdapter, forms_to_find
from django_scim_provider.conf import get_user_model
from django_scim_provider.core.errors import Unauthorized
from django_scim_provider.core.folding import fold_name
from django_scim_provider.storage.connection_gate import hold_open, knows_with_the_lock
from django_scim_provider.storage.sql.running import fetch_all
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.base import SQL
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.screening.statements import (
    ACCOUNT,
    OWN,
    PROVIDER,
    Question,
    can_find,
    can_read,
    form,
    statement,
)
from django_scim_provider.user_model import name_fields
from django_scim_provider.user_model.known_by import by_accents

_ANSWERS = ("get_queryset", "using", "filter", "none")
"""Methods of a manager that say who is found."""


@dataclass(frozen=True, slots=True)
class Screened:
    """What may be in the way: False is certain, True is to be looked at."""

    is_protected: bool = True
    """Could a name be taken for a protected user's?"""
    is_held: bool = True
    """Does the adapter find another user?"""
    is_remembered: bool = True
    """Is there a tombstone of the name?"""
    looks_at_people: bool | None = None
    """As in ``AccountRow``."""


UNKNOWN = Screened()


class Wanted(Protocol):
    """What a write wants for somebody: see ``uniqueness.Claim``."""

    keys: dict[str, Any]
    fields: dict[str, Any]
    names: Mapping[str, str]


def screen_new(context: StoreContext, adapter: DefaultAdapter, claim: Wanted) -> Screened:
    """Screen the names of a new account, and hold its connection open until the transaction ends.

    Raises:
        Unauthorized: the connection was closed after the token had been verified.
    """
    if vendor_of(context.using).orm_only:
        hold_open(context)
        return UNKNOWN
    opens = not context.held_open and vendor_of(context.using).share_lock_at_once is not None
    if not opens:
        hold_open(context)
    question, values = _question(adapter, claim)
    question = replace(question, of_new=True, opens=opens)
    values |= {PROVIDER: context.provider_id, ACCOUNT: claim.keys["account_id"]}
    rows = statement(question).rows(question.using, values)
    if not rows:
        # Somebody has the connection to themselves. What they write shows to a statement that
        # begins when they are done, and not to this one.
        hold_open(context)
        question = replace(question, opens=False)
        rows = statement(question).rows(question.using, values)
    if not rows[0][0]:
        raise Unauthorized()
    return _screened(rows, question, claim)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about new names of a user, which the statement that writes them may ask."""

    question: Question
    values: Mapping[str, Any]
    claim: Wanted

    @property
    def select(self) -> SQL:
        """Return the statement and its parameters."""
        return statement(self.question).filled(self.values)

    def screened(self, rows: list[tuple[Any, ...]]) -> Screened:
        """Return what its rows say."""
        return _screened(rows, self.question, self.claim)


def ask_changed(adapter: DefaultAdapter, claim: Wanted, own: Any) -> Asked | None:
    """Return what is to be asked of new names of a user whose key is ``own``; None for nothing."""
    if vendor_of(adapter.using).orm_only:
        return None
    question, values = _question(adapter, claim)
    if not question.forms and not question.protected:
        return None
    key = get_user_model()._meta.pk
    values[OWN] = key.get_db_prep_value(own, connections[question.using])
    return Asked(replace(question, of_own=bool(question.forms)), values, claim)


def screen_changed(adapter: DefaultAdapter, claim: Wanted, own: Any) -> Screened:
    """Screen new names of a user whose key is ``own``."""
    asked = ask_changed(adapter, claim, own)
    if asked is None:
        return UNKNOWN
    return asked.screened(fetch_all(adapter.using, *asked.select))


def _question(adapter: DefaultAdapter, claim: Wanted) -> tuple[Question, dict[str, Any]]:
    """Return what the database can be asked of the names, and the values of it."""
    model: Any = get_user_model()
    forms: dict[str, tuple[str, ...]] = {}
    if claim.fields and is_default(adapter, "find_users") and is_plain(model._default_manager):
        forms = forms_to_find(adapter, claim.fields)
        if not all(can_find(model, name) for name in forms):
            forms = {}
    apart = by_accents(adapter.using) if forms else ()
    prepared = connections[adapter.using].ops.prep_for_iexact_query
    values = {
        form(name, number): text if name in apart else prepared(text)
        for name, texts in forms.items()
        for number, text in enumerate(texts)
    }
    protected: tuple[str, ...] = ()
    if claim.names and is_default(adapter, "protected_users") and is_plain(model._base_manager):
        protected = name_fields()
        if not all(can_read(model, name) for name in protected):
            protected = ()
    counts = tuple((name, len(texts)) for name, texts in forms.items())
    return Question(adapter.using, model, counts, apart, protected), values


def _screened(rows: list[tuple[Any, ...]], question: Question, claim: Wanted) -> Screened:
    opened, is_held, is_remembered, *_ = rows[0]
    knows = question.of_new and knows_with_the_lock(connections[question.using])
    protected = {fold_name(str(text)) for row in rows for text in row[3:] if text}
    return Screened(
        is_protected=not protected.isdisjoint(claim.names) if question.protected else True,
        is_held=bool(is_held) if question.forms else True,
        is_remembered=bool(is_remembered),
        looks_at_people=opened > 1 if knows else None,
    )


def is_default(adapter: DefaultAdapter, method: str) -> bool:
    """Tell whether an adapter answers as the app's own does."""
    own = getattr(getattr(adapter, method), "__func__", None)
    return own is getattr(DefaultAdapter, method)


def is_plain(manager: Manager[Any]) -> bool:
    """Tell whether a manager of the project answers as Django's own does."""
    own, kind = manager._queryset_class, type(manager)  # type: ignore[attr-defined]  # not in the stubs
    return own is QuerySet and all(
        getattr(kind, name) is getattr(Manager, name) for name in _ANSWERS
    )
