"""Deleting the host's user, as Django does it, but for what the app's own tables have of them.

Django's collector asks each table that refers to a user, and six of those are the app's. What
stands in them is known, so one part of a statement each is enough.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connections
from django.db.models import Model, ProtectedError, RestrictedError
from django.db.models.deletion import Collector

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.storage.deletions.host_plans import (
    DeletionPlan,
    filled,
    own_parts,
    own_relations,
    plan_of,
)
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.base import SQL
from django_scim_provider.storage.transactions import refused

_usual = DefaultAdapter.delete_user, Model.delete


def whole_plan(adapter: DefaultAdapter, user: AbstractBaseUser) -> DeletionPlan | None:
    """Return what deletes a user who owns no connections, with all that goes along.

    None where there is something to ask or to tell: the project's own methods of adapter and model,
    its signals, relations whose rows Django looks at.
    """
    if (type(adapter).delete_user, type(user).delete) != _usual:
        return None
    plan = plan_of(user._meta.model, adapter.using)
    return plan if plan.is_all else None


def forget_key(user: AbstractBaseUser) -> None:
    """Take the key from the instance of a user who was deleted, as ``Model.delete`` does."""
    setattr(user, str(user._meta.pk.attname), None)


def delete_host_user(adapter: DefaultAdapter, user: AbstractBaseUser, *, owns: bool) -> bool:
    """Delete a user who has no account any more; tell whether that could be.

    ``owns`` is whether there are connections that the user owns. What the project does when it
    deletes a user is done: its adapter's and its model's own methods, its signals.
    """
    using = adapter.using
    orm_only = vendor_of(using).orm_only
    plan = None if owns or orm_only else whole_plan(adapter, user)
    if plan is not None:
        writes = Writes(using)
        for part in _with_rows(plan, user):
            writes.add(part)
        writes.run()
        forget_key(user)
        return True

    def delete() -> None:
        if orm_only or (type(adapter).delete_user, type(user).delete) != _usual:
            adapter.delete_user(user)
            return
        collector = _HostCollector(using, user)
        collector.collect([user])
        collector.delete()

    return refused(using, f"delete {user.pk}", delete, _protected) is None


def _protected(error: Exception) -> bool:
    if isinstance(error, (ProtectedError, RestrictedError)):
        return True
    raise error


def _with_rows(plan: DeletionPlan, user: AbstractBaseUser) -> list[SQL]:
    """Return those of the parts that find rows, where each is a statement: one asks for all.

    Where parts are joined none is left out, nor where others may write before they are run.
    """
    using, parts = plan.using, filled(plan.parts, user, plan.using)
    locks_rows = connections[using].features.has_select_for_update
    if locks_rows or vendor_of(using).together(["", ""], None) is not None:
        return parts
    *others, own = parts
    pairs = zip(plan.parts[:-1], others, strict=True)
    asked = [(f"EXISTS ({part.rows})", key) for part, (_, key) in pairs]
    found = Writes(using).run(*asked) if asked else ()
    return [*(part for part, is_there in zip(others, found, strict=True) if is_there), own]


class _HostCollector(Collector):
    """Django's collector, which leaves what is the app's of one user to one statement.

    That is run among the deletions of rows that nobody has to look at, after ``pre_delete``.
    """

    def __init__(self, using: str, user: AbstractBaseUser) -> None:
        super().__init__(using=using, origin=user)
        self._user = user
        self._is_of_user = False
        own = own_relations(user._meta.model)
        self._fields = {each.field for each in own}
        self._due: list[SQL] | None = filled(own_parts(using, own), user, using)

    def collect(self, objs: Any, *args: Any, **kwargs: Any) -> None:
        """Collect what goes with objects; see whether they are the user alone."""
        outer = self._is_of_user
        self._is_of_user = isinstance(objs, list) and len(objs) == 1 and objs[0] is self._user
        try:
            super().collect(objs, *args, **kwargs)
        finally:
            self._is_of_user = outer

    def can_fast_delete(self, objs: Any, from_field: Any = None) -> bool:
        """Tell that the app's own rows of the user need no look."""
        if self._is_of_user and from_field in self._fields:
            return True
        return bool(super().can_fast_delete(objs, from_field))

    def related_objects(self, related_model: Any, related_fields: Any, objs: Any) -> Any:
        """Return what deletes related rows; of the app's own, what does all that is due."""
        if self._is_of_user and self._fields.issuperset(related_fields):
            return _OwnRelated(related_model, self.take_due)
        return super().related_objects(related_model, related_fields, objs)

    def take_due(self) -> list[SQL]:
        """Return what is due with the app's own rows, once."""
        due, self._due = self._due or [], None
        return due


class _OwnRelated:
    """Stands among a collector's querysets for rows of the app's own."""

    def __init__(self, model: type[Model], take_due: Callable[[], list[SQL]]) -> None:
        self.model = model
        self._take_due = take_due

    def _raw_delete(self, using: str) -> int:
        writes = Writes(using)
        for part in self._take_due():
            writes.add(part)
        writes.run()
        return 0
