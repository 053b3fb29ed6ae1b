"""Deleting the host's user, as Django does it, but for what the app's own tables have of them.

Django's collector asks each table that refers to a user, and six of those are the app's. What
stands in them is known, so one part of a statement each is enough. Where all else that refers to
users can be deleted without a look at it, and nobody listens, the whole plan is known beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.contrib.auth.models import AbstractBaseUser
from django.db import connections
from django.db.models import (
    CASCADE,
    ForeignKey,
    ForeignObjectRel,
    Manager,
    Model,
    ProtectedError,
    RestrictedError,
)
from django.db.models.deletion import Collector

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import (
    CheckRun,
    LinkedAccount,
    ProviderConnection,
    ProvisioningEvent,
    RoleGrant,
    SCIMToken,
    Tombstone,
    WebhookEndpoint,
)
from django_scim_provider.storage.deletions.own_rows import is_watched, referring_to
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.base import SQL
from django_scim_provider.storage.transactions import savepoint

_FORGOTTEN = {(LinkedAccount, "user")}
"""Has no row of the user's any more."""
_DELETED = {(Tombstone, "user"), (RoleGrant, "user")}
_EMPTIED = {
    (CheckRun, "started_by"),
    (ProviderConnection, "owner"),
    (SCIMToken, "created_by"),
    (ProvisioningEvent, "actor"),
    (WebhookEndpoint, "created_by"),
}
_usual = DefaultAdapter.delete_user, Model.delete


def whole_deletion(adapter: DefaultAdapter, user: AbstractBaseUser) -> list[SQL] | None:
    """Return statements that delete a user who owns no connections, with all that goes along.

    Each ends with its condition, and can be run by itself, in this order. None where there is
    something to ask or to tell: the project's own methods of adapter and model, its signals,
    relations whose rows Django looks at.
    """
    if (type(adapter).delete_user, type(user).delete) != _usual:
        return None
    plan = _plan_of(user._meta.model, adapter.using)
    return _filled(plan.parts, user, adapter.using) if plan.is_all else None


def forget_key(user: AbstractBaseUser) -> None:
    """Take the key from the instance of a user who was deleted, as ``Model.delete`` does."""
    setattr(user, str(user._meta.pk.attname), None)


def delete_host_user(adapter: DefaultAdapter, user: AbstractBaseUser, *, owns: bool) -> bool:
    """Delete a user who has no account any more; tell whether that could be.

    ``owns`` is whether there are connections that the user owns. What the project does when it
    deletes a user is done: its adapter's and its model's own methods, its signals.
    """
    using = adapter.using
    if vendor_of(using).orm_only:
        return _deleted_by_orm(adapter, user)
    parts = None if owns else whole_deletion(adapter, user)
    if parts is not None:
        writes = Writes(using)
        for part in _with_rows(parts, user, using):
            writes.add(part)
        writes.run()
        forget_key(user)
        return True
    try:
        with savepoint(using):
            if (type(adapter).delete_user, type(user).delete) == _usual:
                collector = _HostCollector(using, user)
                collector.collect([user])
                collector.delete()
            else:
                adapter.delete_user(user)
    except (ProtectedError, RestrictedError):
        return False
    return True


def _deleted_by_orm(adapter: DefaultAdapter, user: AbstractBaseUser) -> bool:
    """Leave all to Django, whose collector finds what is protected before it deletes anything."""
    try:
        adapter.delete_user(user)
    except (ProtectedError, RestrictedError):
        return False
    return True


def _with_rows(parts: list[SQL], user: AbstractBaseUser, using: str) -> list[SQL]:
    """Return those of the parts that find rows, where each is a statement: one asks for all.

    Where parts are joined none is left out, nor where others may write before they are run.
    """
    locks_rows = connections[using].features.has_select_for_update
    if locks_rows or vendor_of(using).together(["", ""], None) is not None:
        return parts
    *others, own = parts
    asked = []
    for (_, field, _), (_, key) in zip(_plan_of(type(user), using).parts[:-1], others, strict=True):
        table, column = _names(using, field)
        asked.append((f"EXISTS (SELECT 1 FROM {table} WHERE {column} = %s)", key))  # noqa: S608 - as above
    found = Writes(using).run(*asked) if asked else ()
    return [*(part for part, is_there in zip(others, found, strict=True) if is_there), own]


_Part: TypeAlias = "tuple[str, Any, str]"
"""SQL with a place for a value of the user's, the field of that value, and the attribute."""


def _is_own(relation: ForeignObjectRel) -> bool:
    """Tell whether what refers to a user by this relation is the app's to delete or empty."""
    name = relation.related_model, relation.field.name
    if name in _DELETED:
        model = relation.related_model
        return not is_watched(model) and not referring_to(model)
    return name in _FORGOTTEN or name in _EMPTIED


def _is_whole(relation: ForeignObjectRel) -> bool:
    """Tell whether rows of the host's go by this relation with nothing to ask or to tell.

    That is what Django's collector calls a fast deletion, of a model whose base manager is
    Django's.
    """
    model = relation.related_model
    return (
        isinstance(relation.field, ForeignKey)
        and relation.on_delete is CASCADE
        and type(model._base_manager) is Manager
        and not referring_to(model)
        and not any(_concrete(model)._meta.parents.values())
        and not _has_generic_relations(model)
    )


def _concrete(model: type[Model]) -> type[Model]:
    return model._meta.concrete_model or model


def _has_generic_relations(model: type[Model]) -> bool:
    return any(hasattr(field, "bulk_related_objects") for field in model._meta.private_fields)


@dataclass(slots=True)
class _Plan:
    """What goes with each user of a model, in one database."""

    relations: Sequence[ForeignObjectRel]
    parts: list[_Part]
    """In an order in which each can be run by itself."""
    watched: list[type[Model]]
    """Models of whose deletions nobody may want to hear."""
    is_possible: bool

    @property
    def is_all(self) -> bool:
        """Tell whether these statements are all that there is to do."""
        return self.is_possible and not any(is_watched(model) for model in self.watched)


_plans: dict[tuple[type[Model], str], _Plan] = {}


def _plan_of(model: type[Model], using: str) -> _Plan:
    relations = referring_to(model)
    plan = _plans.get((model, using))
    # The relations of a model change while the apps are loaded, and in tests.
    if plan is None or plan.relations != relations:
        plan = _plans[model, using] = _made(model, using, relations)
    return plan


def _made(model: type[Model], using: str, relations: Sequence[ForeignObjectRel]) -> _Plan:
    meta = model._meta
    own = [each for each in relations if _is_own(each)]
    host = [each for each in relations if each not in own]
    is_possible = (
        all(_is_whole(each) for each in host)
        and not _concrete(model)._meta.parents
        and not meta.proxy
        and getattr(meta.pk, "column", None) is not None
        and not _has_generic_relations(model)
    )
    parts = _own_parts(using, own)
    if is_possible:
        parts += [_deletion(using, each.field) for each in host]
        parts.append(_deletion(using, meta.pk))
    models = [each.related_model for each in host]
    deleted = [found for found, _ in _DELETED]
    return _Plan(relations, parts, [model, *models, *deleted], is_possible)


def _own_parts(using: str, own: Sequence[ForeignObjectRel]) -> list[_Part]:
    parts = []
    for relation in own:
        name = relation.related_model, relation.field.name
        if name in _DELETED:
            parts.append(_deletion(using, relation.field))
        elif name in _EMPTIED:
            parts.append(_emptying(using, relation.field))
    return parts


def _deletion(using: str, field: Any) -> _Part:
    table, column = _names(using, field)
    return f"DELETE FROM {table} WHERE {column} = %s", field, _attribute(field)  # noqa: S608 - names of models


def _emptying(using: str, field: Any) -> _Part:
    table, column = _names(using, field)
    return f"UPDATE {table} SET {column} = NULL WHERE {column} = %s", field, _attribute(field)  # noqa: S608 - names of models


def _names(using: str, field: Any) -> tuple[str, str]:
    quote = connections[using].ops.quote_name
    return quote(field.model._meta.db_table), quote(field.column)


def _attribute(field: Any) -> str:
    """Return the attribute of a user whose value stands in a field."""
    target = field.target_field if isinstance(field, ForeignKey) else field
    return str(target.attname)


class _HostCollector(Collector):
    """Django's collector, which leaves what is the app's of one user to one statement.

    That is run among the deletions of rows that nobody has to look at, after ``pre_delete``.
    """

    def __init__(self, using: str, user: AbstractBaseUser) -> None:
        super().__init__(using=using, origin=user)
        self._user = user
        self._is_of_user = False
        own = [each for each in referring_to(user._meta.model) if _is_own(each)]
        self._fields = {each.field for each in own}
        self._due: list[SQL] | None = _filled(_own_parts(using, own), user, using)

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


def _filled(parts: Sequence[_Part], user: AbstractBaseUser, using: str) -> list[SQL]:
    connection = connections[using]
    return [
        (sql, [field.get_db_prep_save(getattr(user, attribute), connection)])
        for sql, field, attribute in parts
    ]
