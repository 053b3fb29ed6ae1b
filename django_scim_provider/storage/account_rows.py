"""The rows of accounts, as the statements that requests run all day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections
from django.db.models import CharField, QuerySet, UUIDField

from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.folding import fold
from django_scim_provider.core.schema import Resource
from django_scim_provider.core.schemas.user import MAX_EMAIL_LENGTH, MAX_TYPE_LENGTH
from django_scim_provider.models import AccountEmail, LinkedAccount
from django_scim_provider.statements import Insert, Select, Update
from django_scim_provider.storage.user_columns import USER_COLUMNS

MAX_KEY_LENGTH = 255
_OWN = (CharField(), UUIDField())
_STAND_INS = ("<provider>", UUID("00000000-0000-7000-8000-000000000001"))


class AccountRow(NamedTuple):
    """What a write needs of the account that it has locked."""

    text: str
    version: int
    active: bool
    user_id: Any
    """In the driver's form; the user model's key field converts it."""
    manages_profile: bool
    created_user: bool
    in_groups: bool


def _own(using: str, provider_id: str, key: UUID) -> QuerySet[LinkedAccount]:
    return LinkedAccount.objects.using(using).of(provider_id).filter(pk=key).order_by()


def _shown(using: str, provider_id: str, key: UUID) -> QuerySet[Any, Any]:
    rows = _own(using, provider_id, key)
    return rows.values_list("resource", "version", USER_COLUMNS.related)


def _locked(using: str, provider_id: str, key: UUID) -> QuerySet[Any, Any]:
    rows = _own(using, provider_id, key).values_list(
        "resource",
        "version",
        "active",
        "user_id",
        "manages_profile",
        "created_user",
        USER_COLUMNS.related,
    )
    # Compiled outside a transaction, where select_for_update() would refuse: rows() runs in one.
    if connections[using].features.has_select_for_update:
        rows.query.select_for_update = True
    return rows


find_account = Select(_shown, _OWN, _STAND_INS)
"""Text, version, and whether the user is in a group."""
_lock_account = Select(_locked, _OWN, _STAND_INS)

_KEYS = ("account_id", "external_id", "user_name", "user_name_key", "active")
_FORMS = ("resource", "folded", "version", "last_modified")
update_account = Update(LinkedAccount, (*_KEYS, *_FORMS))
insert_account = Insert(
    LinkedAccount,
    (
        "id",
        "provider",
        "user",
        *_KEYS,
        *_FORMS,
        "created_at",
        "created_user",
        "manages_profile",
    ),
)
insert_emails = Insert(AccountEmail, ("account", "value_key", "type", "primary"))


def lock_account(using: str, provider_id: str, key: UUID) -> AccountRow | None:
    """Return the account, locked until the transaction ends, or None."""
    rows = _lock_account.rows(using, provider_id, key)
    if not rows:
        return None
    text, version, active, user_id, *flags = rows[0]
    return AccountRow(text, version, bool(active), user_id, *map(bool, flags))


def active_elsewhere(using: str, user_id: Any, own: UUID) -> bool:
    """Tell whether another connection holds the user active."""
    others = LinkedAccount.objects.using(using).filter(user_id=user_id, active=True)
    return others.exclude(pk=own).exists()


def account_keys(resource: Resource, *, active: bool = True) -> dict[str, Any]:
    """Return the columns of an account that follow from its resource.

    ``active`` is what holds where the attribute is unassigned. ``account_id`` is ``externalId``,
    or the normalised ``userName`` where there is none.

    Raises:
        InvalidValue: the folded name is too long to be a key.
    """
    user_name, external_id = resource["userName"], resource.get("externalId")
    user_name_key = fold(user_name)
    if not user_name_key or len(user_name_key) > MAX_KEY_LENGTH:
        raise InvalidValue(f"userName must have 1 to {MAX_KEY_LENGTH} characters.")
    return {
        "account_id": external_id or user_name_key,
        "external_id": external_id,
        "user_name": user_name,
        "user_name_key": user_name_key,
        "active": bool(resource.get("active", active)),
    }


def email_rows(key: UUID, resource: Resource) -> Sequence[dict[str, Any]]:
    """Return the index rows of the e-mail addresses of a resource; None is unassigned."""
    return [
        {
            "account": key,
            "value_key": fold(email["value"])[:MAX_EMAIL_LENGTH] if "value" in email else None,
            "type": fold(email["type"])[:MAX_TYPE_LENGTH] if "type" in email else None,
            "primary": email.get("primary"),
        }
        for email in resource.get("emails", ())
    ]
