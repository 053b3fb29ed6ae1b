"""Rows of the app's own that go together, by statements that are compiled.

Django's collector asks for each table that could refer to a row. What refers to the app's rows is
known, so it is asked only where the project looks on: where somebody listens to the deletion of
such rows, or a model of the project's refers to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connections
from django.db.models import DO_NOTHING, ForeignObjectRel, Model
from django.db.models.deletion import get_candidate_relations_to_delete
from django.db.models.signals import post_delete, pre_delete

from django_scim_provider.models import (
    AccountDocument,
    AccountEmail,
    GroupDocument,
    GroupMember,
    LinkedAccount,
    ProvisionedGroup,
)
from django_scim_provider.storage.sql.statements.compiled_writes import Delete
from django_scim_provider.storage.sql.statements.writes import Writes

OWNERS_UID = "django_scim_provider.owners"
"""Names the app's own receiver, which ends the tokens of what a deleted user owned."""
_ANYBODY = id(None)
"""What a receiver has for a sender that wants to hear of all models."""


class OwnRows:
    """A row of one of the app's models, named last, and those of others that go before it."""

    def __init__(self, *parts: Delete) -> None:
        self._parts = parts
        self._models = {part.model for part in parts}

    def delete(self, writes: Writes, key: Any) -> None:
        """Delete the row and those that refer to it; or add that to what is written."""
        if self._are_watched:
            self._collect(writes.using, key)
            return
        for part in self._parts:
            writes.delete(part, key)

    def _collect(self, using: str, key: Any) -> None:
        parts = self._parts
        if connections[using].features.can_defer_constraint_checks:
            # Else Django empties keys that may be NULL before it deletes their rows, of which a
            # constraint wants one. So those rows go first.
            parts = parts[-1:]
        for part in parts:
            rows = part.model._base_manager.using(using)
            rows.filter(**{part.column: key}).delete()

    @property
    def _are_watched(self) -> bool:
        """Tell whether the project has to learn of each row that goes."""
        return are_watched(self._models) or not all(map(self._knows_all_of, self._models))

    def _knows_all_of(self, model: type[Model]) -> bool:
        return all(found.related_model in self._models for found in referring_to(model))


def are_watched(models: Iterable[type[Model]]) -> bool:
    """Tell whether somebody beside the app listens to the deletion of rows of one of the models."""
    senders = {
        sender
        for signal in (pre_delete, post_delete)
        for (receiver, sender), *_ in signal.receivers
        if receiver != OWNERS_UID
    }
    return bool(senders) and not senders.isdisjoint([_ANYBODY, *map(id, models)])


_referring: dict[type[Model], tuple[Any, list[ForeignObjectRel]]] = {}


def referring_to(model: type[Model]) -> list[ForeignObjectRel]:
    """Return the relations by which other rows go, or change, when one of a model's does."""
    # Django keeps this list until the models of the project change.
    fields: Any = model._meta.get_fields(include_hidden=True)
    known = _referring.get(model)
    if known is None or known[0] is not fields:
        found: Iterable[Any] = get_candidate_relations_to_delete(model._meta)
        rows = [each for each in found if each.field.remote_field.on_delete is not DO_NOTHING]
        known = _referring[model] = fields, rows
    return known[1]


ACCOUNT = OwnRows(
    Delete(GroupMember, "account"),
    Delete(AccountEmail, "account"),
    Delete(AccountDocument, "account"),
    Delete(LinkedAccount, "id"),
)
GROUP = OwnRows(
    Delete(GroupMember, "group"),
    Delete(GroupMember, "child"),
    Delete(GroupDocument, "group"),
    Delete(ProvisionedGroup, "id"),
)
