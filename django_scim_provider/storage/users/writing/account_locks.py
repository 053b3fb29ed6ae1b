"""The lock of a write: an account, the user behind it before it, and the connection before both.

By one statement where the database locks the rows of a join in a given order, and the project's
manager of users does no more than Django's; else by a statement for each table.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import connections
from django.db.models import CharField, IntegerField, Model, QuerySet
from django.db.models.expressions import RawSQL

from django_scim_provider.conf import get_user_model
from django_scim_provider.core.errors import Unauthorized
from django_scim_provider.core.validation.scim_ids import may_be_id
from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.storage.by_scim_id import to_lock
from django_scim_provider.storage.connection_gate import is_open_sql, open_sql
from django_scim_provider.storage.locks import lock_user_of
from django_scim_provider.storage.sql.compiled import OpenPlace, Select
from django_scim_provider.storage.sql.instances import Instances, instances_of, is_plain
from django_scim_provider.storage.sql.running import Row, fetch_one
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.account_rows import AccountRow, find_account
from django_scim_provider.storage.users.rendering import ToldGroups, told_sql
from django_scim_provider.storage.users.visibility import seen

_COLUMNS = (
    "pk",
    "resource",
    "version",
    "active",
    "user_id",
    "manages_profile",
    "created_user",
    "released_at",
)


def lock_account(context: StoreContext, id: str, *, hidden: bool = False) -> AccountRow | None:
    """Return the account, locked until the transaction ends, and its user before it; or None.

    ``hidden`` finds those as well whose users are no longer members of the organization.

    Raises:
        Unauthorized: the connection was closed after the token had been verified.
    """
    if not may_be_id(id):
        return None
    using, user = context.using, None
    joined = _joined(using, get_user_model()) if _users_are_plain(using) else None
    if joined is None:
        user = lock_user_of(context, id)
        only = None if hidden else seen(using, context.organization_id)
        row = next(iter(_lock.rows(using, context.provider_id, id, only=only)), None)
    else:
        sql, users = joined
        found = fetch_one(using, sql, (context.provider_id, id))
        row = None if found is None else found[: len(_COLUMNS) + 2]
        # Who is a member is asked by a statement of its own: one that waited shows, beside the rows
        # that it locked, what was there when it began.
        asks = context.organization_id is not None and not hidden
        if row is not None and asks and find_account(context, id) is None:
            row = None
        if found is not None and row is not None:
            user = users.made(found[len(row) :])
    return None if row is None else _account(row, id, user)


def _account(row: Row, id: str, user: AbstractBaseUser | None) -> AccountRow:
    key, text, version, active, user_id, *flags, told = row
    manages, created, released, is_open = map(bool, flags)
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
        told,
        released,
        user,
    )


def _users_are_plain(using: str) -> bool:
    return is_plain(get_user_model()._default_manager.using(using))


@lru_cache(maxsize=16)
def _joined(using: str, model: type[Model]) -> tuple[str, Instances] | None:
    """Return the SELECT of an account with its user, and how the user is read; None: no join."""
    connection = connections[using]
    marks = vendor_of(connection).row_marks("c", "u", "a")
    users = instances_of(model, using, "u")
    if marks is None or users is None:
        return None
    quote = connection.ops.quote_name

    def column(alias: str, kind: type[Model], name: str) -> str:
        field: Any = kind._meta.pk if name == "pk" else kind._meta.get_field(name)
        return f"{alias}.{quote(field.column)}"

    own = [column("a", LinkedAccount, name) for name in _COLUMNS]
    told, provider = told_sql(connection, own[0]), column("a", LinkedAccount, "provider")
    selected = [*own, is_open_sql(connection, "c"), told, *users.columns]
    sql = f"""
        SELECT {", ".join(selected)}
        FROM {quote(ProviderConnection._meta.db_table)} c
        JOIN {quote(LinkedAccount._meta.db_table)} a
            ON {provider} = {column("c", ProviderConnection, "provider_id")}
        JOIN {quote(model._meta.db_table)} u
            ON {column("u", model, "pk")} = {column("a", LinkedAccount, "user")}
        WHERE {provider} = %s AND {column("a", LinkedAccount, "scim_id")} = %s{marks}
    """  # noqa: S608 - names of the models
    return sql, users


def _locking(using: str, provider_id: str, id: str) -> QuerySet[Any, Any]:
    connection = connections[using]
    own = to_lock(LinkedAccount.objects.using(using).of(provider_id), id)
    rows = (
        own.filter(OpenPlace())
        .order_by()
        .values_list(
            *_COLUMNS,
            RawSQL(open_sql(connection), (provider_id,), IntegerField()),  # noqa: S611 - no input in its text
            ToldGroups(),
        )
    )
    # Compiled outside a transaction, where select_for_update() would refuse: rows() runs in one.
    if connection.features.has_select_for_update:
        no_key = bool(connection.features.has_select_for_no_key_update)
        rows.query.select_for_update = True
        rows.query.select_for_no_key_update = no_key
    return rows


_lock = Select(_locking, (CharField(), CharField()), ("<provider>", "<id>"))
