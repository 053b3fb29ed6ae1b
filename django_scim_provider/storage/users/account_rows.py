"""The rows of accounts, as the statements that requests run all day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import connections
from django.db.models import CharField, QuerySet

from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.folding import fold
from django_scim_provider.core.schemas.definitions import MAX_NAME_LENGTH, Resource, ResourceType
from django_scim_provider.core.schemas.user import MAX_EMAIL_LENGTH, MAX_TYPE_LENGTH
from django_scim_provider.core.stored_text import stored_texts
from django_scim_provider.core.validation.lengths import GROWTH, refuse_long_key
from django_scim_provider.core.validation.scim_ids import may_be_id
from django_scim_provider.models import AccountEmail, LinkedAccount
from django_scim_provider.models.keys import uuid7
from django_scim_provider.storage.by_scim_id import with_id
from django_scim_provider.storage.portable.sight import Sight
from django_scim_provider.storage.sql.statements.by_orm import Call, Part
from django_scim_provider.storage.sql.statements.compiled import OpenPlace, Select
from django_scim_provider.storage.sql.statements.compiled_writes import Delete, Insert, Update
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
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
    told: Any
    """What the row tells of the user's groups, as it was when the lock was asked for."""
    released: bool
    looks_at_people: bool | None
    """Has the connection mappings that look at people? None: to be asked behind the lock."""
    user: AbstractBaseUser | None
    """The user, locked; None where the database has no row locks, or the manager hides it."""


def _finding(using: str, provider_id: str, id: str) -> QuerySet[Any, Any]:
    rows = with_id(LinkedAccount.objects.using(using).of(provider_id), id)
    return rows.filter(OpenPlace()).order_by().values_list("resource", "version")


def _showing(using: str, provider_id: str, id: str) -> QuerySet[Any, Any]:
    return _finding(using, provider_id, id).values_list("resource", "version", ToldGroups())


_find = Select(_finding, _OWN, _STAND_INS)
_show = Select(_showing, _OWN, _STAND_INS)


def find_account(
    context: StoreContext, id: str, *, with_groups: bool = False
) -> tuple[str, int, Any] | None:
    """Return text, version, and what is told of the user's groups; None for nobody in sight."""
    if not may_be_id(id):
        return None
    using = context.using
    if vendor_of(using).orm_only:
        rows = with_id(LinkedAccount.objects.using(using).of(context.provider_id), id).order_by()
        for text, version, key in Sight(context).rows(rows, "resource", "version", "pk"):
            return text, version, key if with_groups else False
        return None
    only = seen(using, context.organization_id)
    found = _show if with_groups else _find
    for text, version, *told in found.rows(using, context.provider_id, id, only=only):
        return text, version, told[0] if told else False
    return None


_KEYS = ("account_id", "external_id", "user_name", "display_name", "display_key", "active")
_STORED = ("resource", "version", "last_modified")
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
delete_emails = Delete(AccountEmail, "account")
insert_emails = Insert(AccountEmail, ("id", "account", "provider", "value_key", "type", "primary"))


def active_elsewhere(using: str, user_id: Any, own: UUID) -> Part:
    """Return what is 1 where another account than ``own`` holds the user active, else 0."""
    if vendor_of(using).orm_only:
        held = LinkedAccount.objects.using(using).filter(user=user_id, active=True)
        return Call(held.filter(released_at=None).exclude(pk=own).exists)
    key: Any = LinkedAccount._meta.pk
    connection, user = connections[using], LinkedAccount._meta.get_field("user")
    values = user.get_db_prep_save(user_id, connection), key.get_db_prep_save(own, connection)
    return _elsewhere_sql(using), list(values)


@lru_cache(maxsize=16)
def _elsewhere_sql(using: str) -> str:
    meta, quote = LinkedAccount._meta, connections[using].ops.quote_name
    user, active, released, key = (
        quote(str(meta.get_field(name).column))  # type: ignore[union-attr]  # fields with a column
        for name in ("user", "active", "released_at", "id")
    )
    rows = (
        f"SELECT 1 FROM {quote(meta.db_table)} WHERE {user} = %s AND {active} "  # noqa: S608 - names of the model
        f"AND {released} IS NULL AND {key} <> %s"
    )
    return f"CASE WHEN EXISTS ({vendor_of(using).read_current(rows)}) THEN 1 ELSE 0 END"


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


def stored_columns(
    resource: Resource,
    resource_type: ResourceType,
    id: str,
    version: int,
    created: datetime,
    last_modified: datetime,
) -> dict[str, Any]:
    """Return the columns of an account that each write of its resource changes."""
    texts = stored_texts(
        resource,
        resource_type,
        id=id,
        version=version,
        created=created,
        last_modified=last_modified,
    )
    columns = {"version": version, "last_modified": last_modified, "released_at": None}
    return columns | texts


def name_to_read(resource: Resource) -> str | None:
    """Return what groups show of a user among their members, None where nobody gave such a name.

    RFC 7643 section 2.4 has ``display`` be for people to read, and needs none: a ``userName`` is a
    key, which ``value`` is already.
    """
    names = resource.get("displayName"), resource.get("name", {}).get("formatted")
    return next((name for name in names if name and name.strip()), None)


def email_rows(provider_id: str, key: UUID, resource: Resource) -> Sequence[dict[str, Any]]:
    """Return the index rows of the e-mail addresses of a resource; None is unassigned.

    Raises:
        InvalidValue: a folded text is too long to be a key.
    """
    return [
        {
            "id": uuid7(),
            "account": key,
            "provider": provider_id,
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
