"""Deleting an account, with the facts about its user that decide what becomes of them."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import connections

from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.storage.deletions.own_rows import ACCOUNT
from django_scim_provider.storage.roles.usage import in_use_question
from django_scim_provider.storage.sql.running import DriverValues
from django_scim_provider.storage.sql.statements.by_orm import Call, Part
from django_scim_provider.storage.sql.statements.compiled_writes import column_of
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.base import SQL
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.account_rows import AccountRow


class Rest(NamedTuple):
    """What there is of a user beside an account that was deleted; read behind the lock."""

    has_others: bool
    """Has another connection an account of the user, in use or not?"""
    has_roles: bool
    """Has the connection mappings or grants?"""
    owns_connections: bool
    has_rows: bool = False
    """Has the user rows of other tables? Asked only where the user is deleted if there is nothing
    else."""


class Alone(NamedTuple):
    """How a user is deleted together with the account, where there is nothing else of them."""

    beside: SQL
    """Asks for rows of other tables that would have to go, or to change; see ``Rest.has_rows``."""
    deletion: SQL
    """The statement, which ends with its condition."""


def delete_account(
    writes: Writes,
    context: StoreContext,
    account: AccountRow,
    user: AbstractBaseUser,
    alone: Alone | None = None,
) -> Rest:
    """Write what waits, delete a locked account, and tell what else there is of its user.

    Where there is nothing else, and ``alone`` says how, the user is deleted by the same statement.
    """
    ACCOUNT.delete(writes, account.key)
    using = context.using
    others = others_question(context, user)
    owned = _owned_question(using, user)
    asked = others, in_use_question(using, context.provider_id), owned
    if alone is None:
        told = writes.run(*asked)
    else:
        told = writes.run_if_none([alone.deletion], *asked, alone.beside)
    return Rest(*map(bool, told))


def others_question(context: StoreContext, user: AbstractBaseUser) -> Part:
    """Return what is 1 where another connection has an account of the user, in use or not."""
    if vendor_of(context.using).orm_only:
        others = LinkedAccount.objects.using(context.using).filter(user=user.pk)
        return Call(others.exclude(**{"provider_id": context.provider_id}).exists)
    sql, values = _exists(context.using, LinkedAccount, "user", user.pk, " AND provider_id <> %s")
    return sql, [*values, context.provider_id]


def _owned_question(using: str, user: AbstractBaseUser) -> Part:
    if vendor_of(using).orm_only:
        return Call(ProviderConnection.objects.using(using).filter(owner=user.pk).exists)
    return _exists(using, ProviderConnection, "owner", user.pk)


def _exists(using: str, model: Any, name: str, key: Any, more: str = "") -> SQL:
    return _exists_sql(using, model, name, more), _column(model, name).adapted([key], using)


@cache
def _exists_sql(using: str, model: Any, name: str, more: str) -> str:
    connection, field = connections[using], model._meta.get_field(name)
    table, column = map(connection.ops.quote_name, (model._meta.db_table, field.column))
    rows = f"SELECT 1 FROM {table} WHERE {column} = %s{more}"  # noqa: S608 - names of the models
    return f"CASE WHEN EXISTS ({vendor_of(using).read_current(rows)}) THEN 1 ELSE 0 END"


@cache
def _column(model: Any, name: str) -> DriverValues:
    return DriverValues.of([column_of(model._meta.get_field(name))])
