"""Saving the host's users as ``Model.save`` does it, by statements that are compiled once.

The ORM takes longer to build such a statement than the database to answer it. Whatever the project
has of its own is run as ever, by ``save`` itself: methods of the model or of its base manager,
receivers of signals, fields of its own classes, values that only the database knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, connections, transaction
from django.db.models import (
    AutoField,
    BigAutoField,
    Field,
    Manager,
    Model,
    QuerySet,
    SmallAutoField,
)
from django.db.models.signals import post_save, pre_save

from django_scim_provider.storage.sql.running import execute, fetch_all
from django_scim_provider.storage.sql.statements.compiled_writes import Insert, Update
from django_scim_provider.storage.sql.vendors import vendor_of

_SAVES = (Model.save, AbstractBaseUser.save)
_METHODS = [
    (name, getattr(Model, name, None))
    for name in (
        "_do_insert",
        "_do_update",
        "_get_pk_val",
        "_is_pk_set",
        "_prepare_related_fields_for_save",
        "_save_parents",
        "_save_table",
        "save_base",
    )
]
"""What ``save`` consists of; releases of Django differ in what they have."""
_FIELDS = "django.db.models.fields"
_AUTO = (AutoField, BigAutoField, SmallAutoField)


def save_user(user: Any, using: str, changed: Sequence[str] | None = None) -> None:
    """Store a new user, or the fields of one that changed."""
    model: Any = type(user)
    is_own = not vendor_of(using).orm_only and saves_as_django(model)
    if is_own and _is_one_table(model) and _is_plain(user):
        if changed is None:
            is_saved = _insert(user, model, using)
        else:
            is_saved = _update(user, model, using, frozenset(changed))
        if is_saved:
            user._state.db, user._state.adding = using, False
            return
    if changed is None:
        user.save(using=using, force_insert=True)
    else:
        if not vendor_of(using).keeps_nulls_out:
            _refuse_nulls(user, changed)
        user.save(using=using, update_fields=changed)


def _refuse_nulls(user: Any, changed: Sequence[str]) -> None:
    """Raise what MongoDB's backend raises of a new user, and of one that is changed does not."""
    for name in changed:
        field = user._meta.get_field(name)
        if not field.null and getattr(user, field.attname) is None:
            raise IntegrityError(f"You can't set {field.name} (a non-nullable field) to None.")


def saves_as_django(model: Any) -> bool:
    """Tell whether the project does nothing of its own in a save, and nobody listens."""
    return (
        model.save in _SAVES
        and all(getattr(model, name, None) is own for name, own in _METHODS)
        and not (pre_save.has_listeners(model) or post_save.has_listeners(model))
    )


@lru_cache(maxsize=16)
def _is_one_table(model: Any) -> bool:
    """Tell whether a save is one statement, with nothing in it that is the project's own."""
    meta = model._meta
    manager = meta.base_manager
    return (
        not (meta.parents or meta.proxy or meta.auto_created or meta.order_with_respect_to)
        and type(manager) is Manager
        and manager._queryset_class is QuerySet  # type: ignore[attr-defined]  # not in the stubs
        and type(meta.pk) in _AUTO
        # The key is made by the database, and AutoField has an own way to save since Django 6.1.
        and all(_is_simple(field) for field in meta.concrete_fields if field is not meta.pk)
    )


def _is_simple(field: Any) -> bool:
    kind = type(field)
    return (
        kind.__module__ == _FIELDS
        and not field.is_relation
        and not field.generated
        and not field.has_db_default()
        and not hasattr(field, "get_placeholder")
        and kind.get_db_prep_save is Field.get_db_prep_save
    )


def _is_plain(user: Any) -> bool:
    """Tell whether there is nothing else to do with a save, such as telling of a new password."""
    return getattr(user, "_password", None) is None and not user.get_deferred_fields()


def _insert(user: Any, model: Any, using: str) -> bool:
    """Insert a user whose key the database makes; tell whether that was done."""
    connection = connections[using]
    if user.pk is not None or not connection.features.can_return_columns_from_insert:
        return False
    fields, insert = _new(model)
    values = {field.name: field.pre_save(user, True) for field in fields}
    if any(map(_is_expression, values.values())):
        return False
    sql, parameters = insert.statement(using, [values], connection)
    key = connection.ops.quote_name(model._meta.pk.column)
    with transaction.mark_for_rollback_on_error(using=using):
        ((user.pk,),) = fetch_all(using, f"{sql} RETURNING {key}", parameters)
    return True


def _update(user: Any, model: Any, using: str, changed: frozenset[str]) -> bool:
    fields, update = _changed(model, changed)
    if update is None or user.pk is None:
        return False
    values = {field.name: field.pre_save(user, False) for field in fields}
    if any(map(_is_expression, values.values())):
        return False
    sql, parameters = update.statement(using, user.pk, values)
    with transaction.mark_for_rollback_on_error(using=using):
        # Nobody there: ``save`` says so in its own words.
        return execute(using, sql, parameters) > 0


def _is_expression(value: Any) -> bool:
    return hasattr(value, "resolve_expression")


@lru_cache(maxsize=16)
def _new(model: Any) -> tuple[list[Any], Insert]:
    fields = [field for field in model._meta.concrete_fields if field is not model._meta.pk]
    return fields, Insert(model, [field.name for field in fields])


@lru_cache(maxsize=64)
def _changed(model: Any, changed: frozenset[str]) -> tuple[list[Any], Update | None]:
    """Return the fields of these names, in the model's order, and what writes them.

    Names that are no fields are for ``save`` to refuse.
    """
    fields = [
        field
        for field in model._meta.concrete_fields
        if not field.primary_key and (field.name in changed or field.attname in changed)
    ]
    known = {name for field in fields for name in (field.name, field.attname)}
    if not fields or not changed <= known:
        return fields, None
    return fields, Update(model, [field.name for field in fields])
