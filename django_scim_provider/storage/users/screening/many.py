"""Screening of many new names at once, by one statement for each kind of holder."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth import get_user_model

from django_scim_provider.adapter import DefaultAdapter, forms_to_find
from django_scim_provider.core.folding import fold_name
from django_scim_provider.models import LinkedAccount, Tombstone
from django_scim_provider.storage.sql.key_lists import among_texts
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.screening.asking import is_default, is_plain
from django_scim_provider.storage.users.screening.statements import can_find
from django_scim_provider.storage.users.uniqueness import Claim, protected_names
from django_scim_provider.user_model.known_by import goes_by

Forms = Mapping[str, tuple[str, ...]]


def clear_of(context: StoreContext, claims: Sequence[Claim | None]) -> list[bool]:
    """Tell for each claim of a new account whether certainly nothing is in its way.

    The adapters of the claims are one class. None stands for what cannot be claimed.
    """
    adapter = next((claim.adapter for claim in claims if claim is not None), None)
    if adapter is None or not _answers_as_ours(adapter):
        return [False] * len(claims)
    forms = [
        {} if claim is None or claim.adapter is None else forms_to_find(claim.adapter, claim.fields)
        for claim in claims
    ]
    taken = _names_taken(context, adapter, claims)
    held = _held(adapter, forms)
    if held is None:
        return [False] * len(claims)
    seen: set[tuple[str, str]] = set()
    clear = []
    for claim, own in zip(claims, forms, strict=True):
        if claim is None:
            clear.append(False)
            continue
        key = claim.keys["account_id"]
        wanted = {("", name) for name in (key, *claim.names)} | _folded(own)
        free = seen.isdisjoint(wanted) and held.isdisjoint(wanted)
        clear.append(free and taken.isdisjoint({key, *claim.names}))
        # Of two who want the same, the second is refused, or shares what may be shared.
        seen |= wanted
    return clear


def _answers_as_ours(adapter: DefaultAdapter) -> bool:
    """Tell whether who is found is what the app's own adapter and Django's manager find."""
    return is_default(adapter, "find_users") and is_plain(get_user_model()._default_manager)


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


def _held(adapter: DefaultAdapter, forms: Sequence[Forms]) -> set[tuple[str, str]] | None:
    """Return the fields and folded texts by which the adapter finds users.

    None where it cannot be told whom a user is found for.
    """
    asked: dict[str, tuple[str, ...]] = {}
    for own in forms:
        for name, texts in own.items():
            asked[name] = (*asked.get(name, ()), *texts)
    if not asked:
        return set()
    model: Any = get_user_model()
    if not all(can_find(model, name) for name in asked):
        return None
    wanted = _folded(asked)
    users = model._default_manager.using(adapter.using)
    held: set[tuple[str, str]] = set()
    for texts in users.filter(goes_by(asked)).order_by().values_list(*asked):
        has = {(name, _alike(str(text))) for name, text in zip(asked, texts, strict=True) if text}
        if has.isdisjoint(wanted):  # the database sees no difference where we do
            return None
        held |= has
    return held


def _folded(forms: Forms) -> set[tuple[str, str]]:
    return {(name, _alike(text)) for name, texts in forms.items() for text in texts}


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
