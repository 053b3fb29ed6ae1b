"""The rows of accounts, as the statements that requests run all day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import connections
from django.db.models import CharField, IntegerField, QuerySet
from django.db.models.expressions import RawSQL

from django_scim_provider.core.errors import InvalidValue, Unauthorized
from django_scim_provider.core.folding import fold
from django_scim_provider.core.schemas.definitions import MAX_NAME_LENGTH, Resource
from django_scim_provider.core.schemas.user import MAX_EMAIL_LENGTH, MAX_TYPE_LENGTH
from django_scim_provider.core.validation.lengths import GROWTH, refuse_long_key
from django_scim_provider.core.validation.scim_ids import may_be_id
from django_scim_provider.models import AccountEmail, LinkedAccount
from django_scim_provider.models.keys import uuid7
from django_scim_provider.storage.by_scim_id import to_lock, with_id
from django_scim_provider.storage.connection_gate import open_sql
from django_scim_provider.storage.locks import lock_user_of
from django_scim_provider.storage.sql.compiled import Insert, OpenPlace, Select, Update
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.filter_columns import IN_A_GROUP
from django_scim_provider.storage.users.rendering import ToldGroups
from django_scim_provider.storage.users.visibility import seen

MAX_KEY_LENGTH = GROWTH * MAX_NAME_LENGTH
_OWN = (CharField(), CharField())
_STAND_INS = ("<provider>", "<id>")


class AccountRow(NamedTuple):
    """What a write needs of the account that it has locked."""

    key: UUID
    id: str
    text: str
    version: int
    active: bool
    """Does the connection vouch for the user? Never once it was decommissioned."""
    user_id: Any
    """In the driver's form; the user model's key field converts it."""
    manages_profile: bool
    created_user: bool
    in_groups: bool
    is_open: bool
    """Is the connection open? It stays so until the transaction ends."""
    released: bool
    user: AbstractBaseUser | None
    """The user, locked; None where the database has no row locks, or the manager hides it."""


def _finding(using: str, provider_id: str, id: str) -> QuerySet[Any, Any]:
    rows = with_id(LinkedAccount.objects.using(using).of(provider_id), id)
    return rows.filter(OpenPlace()).order_by().values_list("resource", "version")


def _showing(using: str, provider_id: str, id: str) -> QuerySet[Any, Any]:
    return _finding(using, provider_id, id).values_list("resource", "version", ToldGroups())


def _locking(using: str, provider_id: str, id: str) -> QuerySet[Any, Any]:
    connection = connections[using]
    own = to_lock(LinkedAccount.objects.using(using).of(provider_id), id)
    rows = (
        own.filter(OpenPlace())
        .order_by()
        .values_list(
            "pk",
            "resource",
            "version",
            "active",
            "user_id",
            "manages_profile",
            "created_user",
            IN_A_GROUP,
            RawSQL(open_sql(connection), (provider_id,), IntegerField()),  # noqa: S611 - no input in its text
            "released_at",
        )
    )
    # Compiled outside a transaction, where select_for_update() would refuse: rows() runs in one.
    if connection.features.has_select_for_update:
        no_key = bool(connection.features.has_select_for_no_key_update)
        rows.query.select_for_update = True
        rows.query.select_for_no_key_update = no_key
    return rows


_find = Select(_finding, _OWN, _STAND_INS)
_show = Select(_showing, _OWN, _STAND_INS)
_lock = Select(_locking, _OWN, _STAND_INS)


def find_account(
    context: StoreContext, id: str, *, with_groups: bool = False
) -> tuple[str, int, Any] | None:
    """Return text, version, and what is told of the user's groups; None for nobody in sight."""
    if not may_be_id(id):
        return None
    using = context.using
    only = seen(using, context.organization_id)
    found = _show if with_groups else _find
    for text, version, *told in found.rows(using, context.provider_id, id, only=only):
        return text, version, told[0] if told else False
    return None


def lock_account(context: StoreContext, id: str, *, hidden: bool = False) -> AccountRow | None:
    """Return the account, locked until the transaction ends, and its user before it; or None.

    ``hidden`` finds those as well whose users are no longer members of the organization.

    Raises:
        Unauthorized: the connection was closed after the token had been verified.
    """
    if not may_be_id(id):
        return None
    using = context.using
    user = lock_user_of(context, id)
    only = None if hidden else seen(using, context.organization_id)
    rows = _lock.rows(using, context.provider_id, id, only=only)
    if not rows:
        return None
    key, text, version, active, user_id, *flags = rows[0]
    manages, created, in_groups, is_open, released = map(bool, flags)
    if not is_open:
        raise Unauthorized()
    return AccountRow(
        UUID(str(key)),
        id,
        text,
        version,
        bool(active) and not released,
        user_id,
        manages,
        created,
        in_groups,
        is_open,
        released,
        user,
    )


_KEYS = ("account_id", "external_id", "user_name", "display_name", "display_key", "active")
_STORED = ("resource", "folded", "version", "last_modified")
update_account = Update(LinkedAccount, (*_KEYS, *_STORED, "released_at"))
insert_account = Insert(
    LinkedAccount,
    (
        "id",
        "scim_id",
        "provider",
        "user",
        *_KEYS,
        *_STORED,
        "created_at",
        "created_user",
        "manages_profile",
        "released_at",
    ),
)
insert_emails = Insert(AccountEmail, ("id", "account", "value_key", "type", "primary"))


def active_elsewhere(using: str, user_id: Any, own: UUID) -> bool:
    """Tell whether another connection holds the user active."""
    others = LinkedAccount.objects.using(using).filter(user_id=user_id)
    return others.filter(active=True, released_at=None).exclude(pk=own).exists()


def account_keys(resource: Resource) -> dict[str, Any]:
    """Return the columns of an account that follow from its resource.

    An account without ``active`` is one that nobody calls active: it opens nothing.

    Raises:
        InvalidValue: the folded name is empty, or too long to be a key.
    """
    user_name = resource["userName"]
    account_id = fold(user_name)
    if not account_id:
        raise InvalidValue("userName must not be empty.")
    refuse_long_key(user_name, account_id, MAX_KEY_LENGTH, "userName")
    display_name = name_to_read(resource)
    return {
        "account_id": account_id,
        "external_id": resource.get("externalId"),
        "user_name": user_name,
        "display_name": display_name,
        "display_key": None if display_name is None else fold(display_name),
        "active": resource.get("active"),
    }


def name_to_read(resource: Resource) -> str | None:
    """Return what groups show of a user among their members, None where nobody gave such a name.

    RFC 7643 section 2.4 has ``display`` be for people to read, and needs none: a ``userName`` is a
    key, which ``value`` is already.
    """
    names = resource.get("displayName"), resource.get("name", {}).get("formatted")
    return next((name for name in names if name and name.strip()), None)


def email_rows(key: UUID, resource: Resource) -> Sequence[dict[str, Any]]:
    """Return the index rows of the e-mail addresses of a resource; None is unassigned.

    Raises:
        InvalidValue: a folded text is too long to be a key.
    """
    return [
        {
            "id": uuid7(),
            "account": key,
            "value_key": _key(email, "value", MAX_EMAIL_LENGTH),
            "type": _key(email, "type", MAX_TYPE_LENGTH),
            "primary": email.get("primary"),
        }
        for email in resource.get("emails", ())
    ]


def _key(email: Resource, name: str, limit: int) -> str | None:
    if name not in email:
        return None
    key = fold(email[name])
    refuse_long_key(email[name], key, GROWTH * limit, f"emails.{name}")
    return key
