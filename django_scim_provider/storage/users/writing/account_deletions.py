"""Deleting an account, with the facts about its user that decide what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import connections

from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.storage.deletions.own_rows import ACCOUNT
from django_scim_provider.storage.roles.usage import in_use_question
from django_scim_provider.storage.sql.statements.by_orm import Call, Part
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


def delete_account(
    writes: Writes,
    context: StoreContext,
    account: AccountRow,
    user: AbstractBaseUser,
    parts: Sequence[SQL] | None = None,
) -> Rest:
    """Write what waits, delete a locked account, and tell what else there is of its user.

    Where there is nothing else, ``parts`` are run as well, by the same statement; see
    ``Writes.run_if_none``.
    """
    ACCOUNT.delete(writes, account.key)
    using = context.using
    others = others_question(context, user)
    owned = _owned_question(using, user)
    asked = others, in_use_question(using, context.provider_id), owned
    told = writes.run(*asked) if parts is None else writes.run_if_none(parts, *asked)
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
    connection, field = connections[using], model._meta.get_field(name)
    table, column = map(connection.ops.quote_name, (model._meta.db_table, field.column))
    rows = f"SELECT 1 FROM {table} WHERE {column} = %s{more}"  # noqa: S608 - names of the models
    sql = f"CASE WHEN EXISTS ({vendor_of(using).read_current(rows)}) THEN 1 ELSE 0 END"
    return sql, [field.get_db_prep_save(key, connection)]
