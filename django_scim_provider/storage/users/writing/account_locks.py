"""The lock of a write: an account, the user behind it before it, and the connection before both.

By one statement where the database locks the rows of a join in a given order, or takes several
locks by one, and the project's manager of users does no more than Django's; else by a statement for
each table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, IntegerField, Model, QuerySet
from django.db.models.expressions import RawSQL

from django_scim_provider.conf import get_user_model, until_settings_change
from django_scim_provider.core.errors import Unauthorized
from django_scim_provider.core.validation.scim_ids import may_be_id
from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.storage.by_scim_id import to_lock
from django_scim_provider.storage.connection_gate import (
    hold_open,
    is_open_sql,
    knows_with_the_lock,
    open_sql,
)
from django_scim_provider.storage.locks import lock_user_of
from django_scim_provider.storage.portable.locked_rows import row_of
from django_scim_provider.storage.portable.sight import Sight
from django_scim_provider.storage.sql.instances import Instances, instances_of, is_plain
from django_scim_provider.storage.sql.running import Row, fetch_one
from django_scim_provider.storage.sql.statements.compiled import OpenPlace, Select
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import locked
from django_scim_provider.storage.users.account_rows import AccountRow, find_account
from django_scim_provider.storage.users.rendering import ToldGroups, told_sql
from django_scim_provider.storage.users.screening.asking import is_plain as answers_as_django
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


def lock_account(
    context: StoreContext, id: str, *, hidden: bool = False, tells: bool = True
) -> AccountRow | None:
    """Return the account, locked until the transaction ends, and its user before it; or None.

    ``hidden`` finds those as well whose users are no longer members of the organization. ``tells``
    is whether the groups of the account are going to be told, so that they are read beside it.

    Raises:
        Unauthorized: the connection was closed after the token had been verified.
    """
    if not may_be_id(id):
        return None
    using, user = context.using, None
    if vendor_of(using).orm_only:
        return _by_orm(context, id, hidden=hidden)
    joined = _joined(using, get_user_model(), tells) if _users_are_plain(using) else None
    if joined is None:
        user = lock_user_of(context, id)
        only = None if hidden else seen(using, context.organization_id)
        row = next(iter(_lock.rows(using, context.provider_id, id, only=only)), None)
    else:
        sql, places, users = joined
        found = fetch_one(using, sql, [(context.provider_id, id)[place] for place in places])
        row = None if found is None else found[: len(_COLUMNS) + 2]
        # Who is a member is asked by a statement of its own: one that waited shows, beside the rows
        # that it locked, what was there when it began.
        asks = context.organization_id is not None and not hidden
        if row is not None and asks and find_account(context, id) is None:
            row = None
        if found is not None and row is not None:
            user = users.made(found[len(row) :])
    return None if row is None else _account(row, id, user, connections[using])


def _by_orm(context: StoreContext, id: str, *, hidden: bool) -> AccountRow | None:
    """Lock one after the other; what the row holds is read last."""
    using = context.using
    hold_open(context)
    accounts = LinkedAccount.objects.using(using).of(context.provider_id)
    found = accounts.filter(scim_id=id).order_by().values_list("pk", "user_id").first()
    if found is None:
        return None
    key, user_id = found
    users = locked(get_user_model()._default_manager.using(using).filter(pk=user_id))
    user: AbstractBaseUser | None = users.first()
    row = row_of(accounts, key, _COLUMNS, None if hidden else Sight(context))
    return None if row is None else _account((*row, 1, key), id, user, connections[using])


def _account(
    row: Row, id: str, user: AbstractBaseUser | None, connection: BaseDatabaseWrapper
) -> AccountRow:
    key, text, version, active, user_id, *flags, opened, told = row
    manages, created, released = map(bool, flags)
    if not opened:
        raise Unauthorized()
    return AccountRow(
        key if type(key) is UUID else UUID(str(key)),
        id,
        text,
        version,
        bool(active) and not released,
        user_id,
        manages,
        created,
        told,
        released,
        opened > 1 if knows_with_the_lock(connection) else None,
        user,
    )


def _users_are_plain(using: str) -> bool:
    manager = get_user_model()._default_manager
    # Django's own manager answers for itself; what another one returns is looked at.
    return answers_as_django(manager) or is_plain(manager.using(using))


_Joined: TypeAlias = "tuple[str, Sequence[int], Instances]"
"""A SELECT of an account with its user, where its parameters take the provider id (0) and the SCIM
id (1), and how the user is read."""


@until_settings_change
def _joined(using: str, model: type[Model], tells: bool) -> _Joined | None:
    """Return the statement that locks all three; None where there is no such."""
    connection = connections[using]
    users = instances_of(model, using, "u")
    if users is None:
        return None
    marks = vendor_of(connection).row_marks("c", "u", "a")
    if marks is None:
        return _in_turn(connection, model, users, tells)
    provider, scim_id = _column(connection, "provider"), _column(connection, "scim_id")
    shared = _column(connection, "provider_id", "c", ProviderConnection)
    sql = f"""
        SELECT {_selected(connection, is_open_sql(connection, "c"), users, tells)}
        FROM {_table(connection, ProviderConnection)} c
        JOIN {_table(connection, LinkedAccount)} a ON {provider} = {shared}
        JOIN {_table(connection, model)} u ON {_is_of(connection, model)}
        WHERE {provider} = %s AND {scim_id} = %s{marks}
    """  # noqa: S608 - names of the models
    return sql, (0, 1), users


def _in_turn(
    connection: BaseDatabaseWrapper, model: type[Model], users: Instances, tells: bool
) -> _Joined | None:
    """Return a statement that takes a lock after the other; None where there is no such.

    The account is found by its key: see ``by_scim_id.to_lock``.
    """
    provider, scim_id = _column(connection, "provider"), _column(connection, "scim_id")
    accounts, is_open = _table(connection, LinkedAccount), f"({open_sql(connection)})"
    own = f"FROM {accounts} a WHERE {provider} = %s AND {scim_id} = %s LIMIT 1"
    user = f"(SELECT {_column(connection, 'user')} {own})"
    of_user = f"{_column(connection, 'pk', 'u', model)} = {user}"
    select = f"""
        SELECT {_selected(connection, is_open, users, tells)}
        FROM {accounts} a JOIN {_table(connection, model)} u ON {_is_of(connection, model)}
        WHERE {_column(connection, "pk")} = (SELECT {_column(connection, "pk")} {own}) FOR UPDATE
    """  # noqa: S608 - names of the models
    locks = (
        open_sql(connection),
        f"SELECT 1 FROM {_table(connection, model)} u WHERE {of_user} FOR UPDATE",  # noqa: S608 - as above
    )
    sql = vendor_of(connection).after_locks(locks, select)
    return None if sql is None else (sql, (0, 0, 1, 0, 0, 1), users)


def _selected(connection: BaseDatabaseWrapper, is_open: str, users: Instances, tells: bool) -> str:
    own = [_column(connection, name) for name in _COLUMNS]
    told = told_sql(connection, own[0]) if tells else "NULL"
    return ", ".join([*own, is_open, told, *users.columns])


def _is_of(connection: BaseDatabaseWrapper, model: type[Model]) -> str:
    """Return that ``u`` is the user of the account ``a``."""
    return f"{_column(connection, 'pk', 'u', model)} = {_column(connection, 'user')}"


def _table(connection: BaseDatabaseWrapper, model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _column(
    connection: BaseDatabaseWrapper,
    name: str,
    alias: str = "a",
    model: type[Model] = LinkedAccount,
) -> str:
    field: Any = model._meta.pk if name == "pk" else model._meta.get_field(name)
    return f"{alias}.{connection.ops.quote_name(field.column)}"


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
