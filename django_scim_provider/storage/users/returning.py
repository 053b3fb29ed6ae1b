"""Who comes back: which account that is out of use a new one is, and which it never is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django_scim_provider.core.stored_text import content
from django_scim_provider.models.accounts import LinkedAccountQuerySet
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.account_rows import (
    AccountRow,
    account_keys,
    find_account,
)
from django_scim_provider.storage.users.writing.account_locks import lock_account


def is_same_person(keys: Mapping[str, Any], account_id: str, external_id: str | None) -> bool:
    """Tell whether a name and ``externalId`` of before are those of whom ``keys`` name now.

    The folded name has to be the same, and where both sides carry an ``externalId``, that too: a
    name is given to somebody new, and an ``externalId`` is the client's choice, so neither proves
    anything against the other.
    """
    if account_id != keys["account_id"]:
        return False
    return None in (external_id, keys["external_id"]) or external_id == keys["external_id"]


def lock_returning(
    context: StoreContext, accounts: LinkedAccountQuerySet, keys: Mapping[str, Any]
) -> AccountRow | None:
    """Return the account that comes back under these keys, locked; None where there is none.

    ``accounts`` are those of the connection. An inactive account, or one whose user is not a member
    any more, comes back where the profile of the connection has ``reprovision_inactive``; one that
    a decommissioning released always does.
    """
    same = accounts.filter(account_id=keys["account_id"])
    found = same.values_list("scim_id", "account_id", "external_id").first()
    if found is None or not is_same_person(keys, *found[1:]):
        return None
    id = found[0]
    in_sight = find_account(context, id) is not None
    account = lock_account(context, id, hidden=True)
    if account is None:
        return None
    held = account_keys(content(account.text))
    if not is_same_person(keys, held["account_id"], held["external_id"]):
        return None  # renamed until it could be locked
    out_of_use = not (account.active and in_sight)
    if not account.released and not (out_of_use and context.profile.reprovision_inactive):
        return None
    return account._replace(active=account.active and in_sight)
