"""Screening of many new names at once, by one statement for each kind of holder."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connections

from django_scim_provider.adapter import DefaultAdapter, forms_to_find
from django_scim_provider.core.folding import fold_name
from django_scim_provider.models import LinkedAccount, Tombstone
from django_scim_provider.storage.sql.key_lists import among_texts
from django_scim_provider.storage.sql.running import fetch_all
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.screening.asking import is_default, is_plain
from django_scim_provider.storage.users.screening.statements import can_find, one_of_form
from django_scim_provider.storage.users.uniqueness import Claim, protected_names
from django_scim_provider.user_model.known_by import by_accents

Form = tuple[str, str]
"""A field of users, and a text by which somebody is looked for there."""

AT_ONCE = 200
"""Forms of one statement: SQLite takes 500 parts of a union at most."""


def clear_of(context: StoreContext, claims: Sequence[Claim | None]) -> list[bool]:
    """Tell for each claim of a new account whether certainly nothing is in its way.

    The adapters of the claims are one class. None stands for what cannot be claimed.
    """
    adapter = next((claim.adapter for claim in claims if claim is not None), None)
    if adapter is None or not _answers_as_ours(adapter):
        return [False] * len(claims)
    forms = [set() if claim is None else _forms(claim) for claim in claims]
    taken = _names_taken(context, adapter, claims)
    held = _held(adapter, set().union(*forms))
    if held is None:
        return [False] * len(claims)
    seen: set[Form] = set()
    clear = []
    for claim, own in zip(claims, forms, strict=True):
        if claim is None:
            clear.append(False)
            continue
        key = claim.keys["account_id"]
        wanted = {("", name) for name in (key, *claim.names)}
        wanted |= {(name, _alike(text)) for name, text in own}
        free = seen.isdisjoint(wanted) and held.isdisjoint(own)
        clear.append(free and taken.isdisjoint({key, *claim.names}))
        # Of two who want the same, the second is refused, or shares what may be shared.
        seen |= wanted
    return clear


def _answers_as_ours(adapter: DefaultAdapter) -> bool:
    """Tell whether who is found is what the app's own adapter and Django's manager find."""
    if vendor_of(adapter.using).orm_only:
        return False
    return is_default(adapter, "find_users") and is_plain(get_user_model()._default_manager)


def _forms(claim: Claim) -> set[Form]:
    forms = {} if claim.adapter is None else forms_to_find(claim.adapter, claim.fields)
    return {(name, text) for name, texts in forms.items() for text in texts}


def _names_taken(
    context: StoreContext, adapter: DefaultAdapter, claims: Iterable[Claim | None]
) -> set[str]:
    """Return the keys of accounts and tombstones of the connection, and protected names."""
    keys = sorted({claim.keys["account_id"] for claim in claims if claim is not None})
    of_names = among_texts(context.using, "account_id", keys)
    own = {"provider_id": context.provider_id}
    found = set(protected_names(adapter))
    for model in (LinkedAccount, Tombstone):
        rows = model._base_manager.using(context.using).filter(of_names, **own)
        found.update(rows.values_list("account_id", flat=True))
    return found


def _held(adapter: DefaultAdapter, asked: Iterable[Form]) -> set[Form] | None:
    """Return those of the forms by which the adapter finds somebody; None where it cannot be told.

    Each looks for one user in its own part of a statement: an address that a whole company shares
    costs no more than another, and each part has its index. In one condition with hundreds of
    alternatives the planner reads the whole table, and tries them all on each row of it.
    """
    forms, model = sorted(asked), get_user_model()
    names = {name for name, _ in forms}
    if not all(can_find(model, name) for name in names):
        return None
    apart = by_accents(adapter.using) if names else ()
    prepared = connections[adapter.using].ops.prep_for_iexact_query
    held: set[Form] = set()
    for start in range(0, len(forms), AT_ONCE):
        part = forms[start : start + AT_ONCE]
        statements: list[str] = []
        parameters: list[Any] = []
        for number, (name, text) in enumerate(part):
            found = one_of_form(adapter.using, model, name, apart)
            if found is not None:
                statements.append(f"SELECT {number} AS n FROM ({found.sql}) f")  # noqa: S608 - compiled
                parameters += found.filled(text if name in apart else prepared(text))
        if statements:
            sql = " UNION ALL ".join(statements)
            rows = fetch_all(adapter.using, sql, parameters, varies=True)
            held.update(part[number] for (number,) in rows)
    return held


def _alike(text: str) -> str:
    """Return what is the same for texts that a database may take for equal.

    They compare capitals, which some letters share that differ by case alone, such as the Turkish
    i without a dot; collations see no marks, and nothing of what does not show. Who is taken for
    another one in vain is looked at alone.
    """
    folded = fold_name(text)
    if folded.isascii():
        return folded
    parts = unicodedata.normalize("NFKD", folded.upper())
    return "".join(each for each in parts if unicodedata.category(each)[0] not in "MC").casefold()
