"""Rows beside the user: models with a one-to-one relation to the user model, as profiles are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import OneToOneRel

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.attribute_map.map_fields import relation_of
from django_scim_provider.conf import get_user_model
from django_scim_provider.storage.users.writing.saving import saves_as_django

Beside = Mapping[str, Mapping[str, Any]]
"""By the accessor of a relation, the fields of the row and their values."""


def split(fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return what is written of the user, and what of rows beside it."""
    own: dict[str, Any] = {}
    beside: dict[str, dict[str, Any]] = {}
    for name, value in fields.items():
        accessor, dot, field = name.partition(".")
        if dot:
            beside.setdefault(accessor, {})[field] = value
        else:
            own[name] = value
    return own, beside


def related_model(accessor: str) -> Any:
    """Return the model of a relation."""
    return relation_of(get_user_model(), accessor).related_model


def link_of(accessor: str) -> str:
    """Return the column by which rows of a relation name their user."""
    return relation_of(get_user_model(), accessor).field.attname


def row_beside(user: Any, accessor: str) -> Any:
    """Return the row of a relation beside a user; None without one.

    It is read where the user was read, whatever a router says of such rows.
    """
    relation = relation_of(get_user_model(), accessor)
    if not relation.is_cached(user):
        found = _held(user._state.db, relation, [(user, {})])
        relation.set_cached_value(user, found.get(_key(relation, user)))
    return relation.get_cached_value(user)


def differences_beside(user: Any, beside: Beside) -> dict[str, tuple[Any, Any]]:
    """Return what ``save_beside`` would change of a user: names, what is, and what it becomes."""
    found: dict[str, tuple[Any, Any]] = {}
    for accessor, values in beside.items():
        row = row_beside(user, accessor)
        for name, value in values.items():
            now = None if row is None else getattr(row, name)
            if now != value and not (row is None and _is_empty(value)):
                found[f"{accessor}.{name}"] = now, value
    return found


def save_beside(
    adapter: DefaultAdapter, pairs: Sequence[tuple[Any, Beside]], *, new: bool = False
) -> None:
    """Store the rows beside users; a row that is missing is made where it has something to hold.

    The users are locked or were just made (``new``), so that nobody else makes the row. Of many
    users, the rows of each relation take one statement to be found and one to be made.
    """
    for accessor in dict.fromkeys(name for _, beside in pairs for name in beside):
        relation = relation_of(get_user_model(), accessor)
        wanted = [(user, beside[accessor]) for user, beside in pairs if accessor in beside]
        held = {} if new and _makes_nothing(adapter) else _held(adapter.using, relation, wanted)
        missing = []
        for user, values in wanted:
            row = held.get(_key(relation, user))
            if row is not None:
                _change(row, values, adapter.using)
            elif not all(map(_is_empty, values.values())):
                missing.append(relation.related_model(**{relation.field.name: user}, **values))
        _make(relation.related_model, missing, adapter.using)


def _is_empty(value: Any) -> bool:
    return value in (None, "", [], {})


def _makes_nothing(adapter: DefaultAdapter) -> bool:
    """Tell whether nothing of the project can have made a row for a new user."""
    makes = type(adapter).create_user
    return makes is DefaultAdapter.create_user and saves_as_django(get_user_model())


def _held(using: str, relation: OneToOneRel, wanted: Sequence[tuple[Any, Any]]) -> dict[Any, Any]:
    rows: Any = relation.related_model
    link = relation.field.attname
    keys = [_key(relation, user) for user, _ in wanted]
    found = rows._base_manager.using(using).filter(**{f"{link}__in": keys})
    return {getattr(row, link): row for row in found}


def _key(relation: OneToOneRel, user: Any) -> Any:
    return getattr(user, relation.field.target_field.attname)


def _change(row: Any, values: Mapping[str, Any], using: str) -> None:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(row, name, values[name])
    noted = [each.name for each in row._meta.concrete_fields if getattr(each, "auto_now", False)]
    row.save(using=using, update_fields=[*changed, *noted])


def _make(model: Any, rows: Sequence[Any], using: str) -> None:
    """Insert rows; together where the project has nothing of its own in a save."""
    together = len(rows) > 1 and saves_as_django(model) and not model._meta.parents
    if together:
        model._base_manager.using(using).bulk_create(rows)
        return
    for row in rows:
        row.save(using=using, force_insert=True)
