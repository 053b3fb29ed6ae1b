"""What goes with a user of the host's, as statements that are made once for each user model.

Where all that refers to users can be deleted without a look at it, and nobody listens, the whole
plan is known beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import connections
from django.db.models import CASCADE, ForeignKey, ForeignObjectRel, Manager, Model

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
from django_scim_provider.storage.deletions.own_rows import are_watched, referring_to
from django_scim_provider.storage.sql.vendors.base import SQL

_FORGOTTEN = {(LinkedAccount, "user")}
"""Has no row of the user's any more."""
_DELETED = {(Tombstone, "user"), (RoleGrant, "user")}
_OWNED = ProviderConnection, "owner"
_EMPTIED = {
    _OWNED,
    (CheckRun, "started_by"),
    (SCIMToken, "created_by"),
    (ProvisioningEvent, "actor"),
    (WebhookEndpoint, "created_by"),
}


class DeletionPart(NamedTuple):
    """A statement with a place for a value of the user's."""

    sql: str
    rows: str
    """The SELECT of what it finds, with the same place."""
    target: Any
    """The field of the value."""
    is_owner: bool
    """Is it about connections that the user owns?"""


def _is_own(relation: ForeignObjectRel) -> bool:
    """Tell whether what refers to a user by this relation is the app's to delete or empty."""
    name = relation.related_model, relation.field.name
    if name in _DELETED:
        model = relation.related_model
        return not are_watched([model]) and not referring_to(model)
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
class DeletionPlan:
    """What goes with each user of a model, in one database."""

    using: str
    relations: Sequence[ForeignObjectRel]
    parts: list[DeletionPart]
    """In an order in which each can be run by itself; the user comes last."""
    watched: list[type[Model]]
    """Models of whose deletions nobody may want to hear."""
    is_possible: bool
    _alone: tuple[str, list[DeletionPart]] | None = field(default=None, init=False)

    @property
    def is_all(self) -> bool:
        """Tell whether these statements are all that there is to do."""
        return self.is_possible and not are_watched(self.watched)

    def alone(self, user: AbstractBaseUser) -> tuple[SQL, SQL]:
        """Return a question and the statement that deletes the user and nothing else.

        The question is 1 where any other part finds a row; connections owned are not asked for. To
        look for nothing costs the database half of what it takes to change nothing.
        """
        if self._alone is None:
            asked = [part for part in self.parts[:-1] if not part.is_owner]
            exists = " OR ".join(f"EXISTS ({part.rows})" for part in asked) or "1 = 0"
            self._alone = f"CASE WHEN {exists} THEN 1 ELSE 0 END", [*asked, self.parts[-1]]
        sql, parts = self._alone
        *beside, own = values_of(parts, user, self.using)
        return (sql, beside), (parts[-1].sql, [own])


_plans: dict[tuple[type[Model], str], DeletionPlan] = {}


def plan_of(model: type[Model], using: str) -> DeletionPlan:
    """Return the plan for a user model."""
    relations = referring_to(model)
    plan = _plans.get((model, using))
    # The relations of a model change while the apps are loaded, and in tests.
    if plan is None or plan.relations != relations:
        plan = _plans[model, using] = _made(model, using, relations)
    return plan


def own_relations(model: type[Model]) -> list[ForeignObjectRel]:
    """Return by which relations rows of the app's, which are its to delete or empty, refer."""
    return [each for each in referring_to(model) if _is_own(each)]


def _made(model: type[Model], using: str, relations: Sequence[ForeignObjectRel]) -> DeletionPlan:
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
    parts = own_parts(using, own)
    if is_possible:
        parts += [_deletion(using, each.field) for each in host]
        parts.append(_deletion(using, meta.pk))
    models = [each.related_model for each in host]
    deleted = [found for found, _ in _DELETED]
    return DeletionPlan(using, relations, parts, [model, *models, *deleted], is_possible)


def own_parts(using: str, own: Sequence[ForeignObjectRel]) -> list[DeletionPart]:
    """Return what deletes or empties the app's own rows that refer to a user."""
    parts = []
    for relation in own:
        name = relation.related_model, relation.field.name
        if name in _DELETED:
            parts.append(_deletion(using, relation.field))
        elif name in _EMPTIED:
            parts.append(_emptying(using, relation.field, is_owner=name == _OWNED))
    return parts


def values_of(parts: Sequence[DeletionPart], user: AbstractBaseUser, using: str) -> list[Any]:
    """Return the value for each part, in the form that the driver takes."""
    found: dict[str, Any] = {}
    for part in parts:
        name = part.target.attname
        if name not in found:  # nearly all of them take the key
            value, connection = getattr(user, name), connections[using]
            found[name] = part.target.get_db_prep_save(value, connection)
    return [found[part.target.attname] for part in parts]


def filled(parts: Sequence[DeletionPart], user: AbstractBaseUser, using: str) -> list[SQL]:
    """Return the statements of parts, with their values."""
    values = values_of(parts, user, using)
    return [(part.sql, [value]) for part, value in zip(parts, values, strict=True)]


def _deletion(using: str, field: Any) -> DeletionPart:
    table, column = _names(using, field)
    rows = f"FROM {table} WHERE {column} = %s"
    return DeletionPart(f"DELETE {rows}", f"SELECT 1 {rows}", _target(field), is_owner=False)


def _emptying(using: str, field: Any, *, is_owner: bool) -> DeletionPart:
    table, column = _names(using, field)
    sql = f"UPDATE {table} SET {column} = NULL WHERE {column} = %s"  # noqa: S608 - names of models
    rows = f"SELECT 1 FROM {table} WHERE {column} = %s"  # noqa: S608 - as above
    return DeletionPart(sql, rows, _target(field), is_owner)


def _names(using: str, field: Any) -> tuple[str, str]:
    quote = connections[using].ops.quote_name
    return quote(field.model._meta.db_table), quote(field.column)


def _target(field: Any) -> Any:
    """Return the field of a user whose value stands in a field."""
    return field.target_field if isinstance(field, ForeignKey) else field
