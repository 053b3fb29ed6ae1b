"""The order in which rows are locked, in every transaction of the app, so that none deadlock.

The row of the connection (shared by writes, exclusive for closing it and for nesting groups);
groups; users of the project; accounts; then what hangs on those: members, grants, memberships,
tombstones. Of each kind in the order of their keys. Groups come before users since which users a
change of a group concerns is known only once the group is locked; users come before accounts since
connections share them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import connections
from django.db.models import BooleanField, F, IntegerField, Model, Subquery
from django.db.models.expressions import RawSQL

from django_scim_provider.conf import get_user_model
from django_scim_provider.core.validation.scim_ids import may_be_id
from django_scim_provider.models import LinkedAccount, ProvisionedGroup
from django_scim_provider.storage.by_scim_id import keys_of, with_id
from django_scim_provider.storage.connection_gate import open_sql
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import locked

CHUNK = 1000
"""Keys of a statement."""


def lock_users(using: str, keys: Iterable[Any]) -> set[Any]:
    """Lock users of the project and return the keys of those that there are."""
    users = get_user_model()._default_manager.using(using).filter(pk__in=set(keys))
    return set(locked(users.order_by("pk")).values_list("pk", flat=True))


def lock_user_of(context: StoreContext, id: str) -> AbstractBaseUser | None:
    """Lock the user of an account of the connection, whose row is not locked yet, and return it.

    The connection is held open by the same statement, before. None where the database has no row
    locks: then the user is read when it is needed.
    """
    connection = connections[context.using]
    if vendor_of(context.using).orm_only or not connection.features.has_select_for_update:
        return None
    accounts = LinkedAccount.objects.using(context.using).of(context.provider_id)
    # Sliced, though an id finds one row: from Django 6.0 on an exact look-up refuses what is not.
    user_id = Subquery(with_id(accounts, id).order_by().values("user_id")[:1])
    is_open = RawSQL(open_sql(connection), (context.provider_id,), IntegerField())  # noqa: S611 - no input in its text
    users = get_user_model()._default_manager.using(context.using).filter(pk=user_id)
    held = locked(users.annotate(scim_connection_is_open=is_open))
    found: AbstractBaseUser | None = next(iter(held), None)
    return found


def note_user(using: str, user: AbstractBaseUser) -> None:
    """Have whoever waits for a locked user run again, as who vouches for the user has changed.

    At REPEATABLE READ PostgreSQL lets them go on with what they saw before the wait, unless the row
    has been written. At READ COMMITTED nothing is.
    """
    if not vendor_of(using).overtaken:
        return
    name = str(get_user_model().USERNAME_FIELD)
    level = RawSQL("current_setting('transaction_isolation') <> 'read committed'", (), _FLAG)
    users = get_user_model()._base_manager.using(using).filter(level, pk=user.pk)
    users.update(**{name: F(name)})


_FLAG = BooleanField()


def lock_accounts(using: str, keys: Iterable[UUID]) -> list[LinkedAccount]:
    """Lock accounts behind their users, and return them."""
    rows = LinkedAccount.objects.using(using).filter(pk__in=set(keys)).order_by("pk")
    lock_users(using, list(rows.order_by().values_list("user_id", flat=True)))
    return list(locked(rows))


def lock_named(context: StoreContext, named: Collection[str]) -> None:
    """Lock, before the first of several operations, the resources whose ids they name.

    Otherwise two requests that name the same in opposite orders would deadlock. The connection is
    held open already.
    """
    using = context.using
    wanted = sorted(id for id in named if may_be_id(id))
    if not wanted or not connections[using].features.has_select_for_update:
        return
    chunks = [wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK)]
    groups: list[UUID] = []
    for chunk in chunks:
        own = ProvisionedGroup.objects.using(using).of(context.provider_id)
        groups += keys_of(own, chunk).values()
    _lock_by_key(ProvisionedGroup, using, groups)
    accounts: dict[UUID, Any] = {}
    for chunk in chunks:
        rows = LinkedAccount.objects.using(using).of(context.provider_id)
        accounts |= dict(rows.filter(scim_id__in=chunk).values_list("pk", "user_id"))
    users = sorted(set(accounts.values()))
    for start in range(0, len(users), CHUNK):
        lock_users(using, users[start : start + CHUNK])
    _lock_by_key(LinkedAccount, using, accounts)


def _lock_by_key(model: type[Model], using: str, keys: Iterable[UUID]) -> None:
    """Lock rows by nothing but their keys.

    With another condition MariaDB may go by its index: it locks the entry there before the row, and
    an UPDATE of that column locks the row before the entry.
    """
    ordered = sorted(keys)
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        by_key = model._default_manager.using(using).filter(pk__in=chunk).order_by("pk")
        list(locked(by_key).values_list("pk"))
