"""What a reconciliation gave to people and took from them, for the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django_scim_provider.models.keys import uuid7
from django_scim_provider.storage.events import record_change
from django_scim_provider.storage.history.effect_rows import KINDS, effect, write_effects
from django_scim_provider.storage.roles.targets import RoleTarget
from django_scim_provider.storage.store_context import StoreContext

NOBODY = UUID(int=0)
"""Stands for the event until that is known."""


class RoleRecord:
    """Waits for the event that tells of it, and is written in one statement."""

    def __init__(self, context: StoreContext) -> None:
        self.context = context
        self.accounts: dict[Any, UUID] = {}
        """The keys of the connection's accounts by those of their users."""
        self.events: Mapping[Any, UUID] = {}
        """The keys of the events of single users, where each has their own."""
        self._rows: list[dict[str, Any]] = []

    def granted(
        self,
        users: Iterable[Any],
        target: RoleTarget,
        through: Mapping[tuple[Any, RoleTarget], UUID],
    ) -> None:
        """Note who got a role, and the group or mapping that stands for it."""
        for user in users:
            self._note(user, KINDS.GRANTED, target, through.get((user.pk, target)))

    def revoked(self, users: Iterable[Any], target: RoleTarget) -> None:
        """Note who lost a role, as nothing stands for it any more."""
        for user in users:
            self._note(user, KINDS.REVOKED, target, None)

    def _note(self, user: Any, kind: str, target: RoleTarget, through: UUID | None) -> None:
        account = self.accounts.get(user.pk)
        if account is not None:  # else it is deleted, and nothing shows what happened to it
            event = self.events.get(user.pk, NOBODY)
            self._rows.append(effect(event, account, kind, role=target.key, through=through))

    def write(self, event: UUID | None) -> None:
        """Write what was noted; without an event, with one of its own."""
        rows, self._rows = self._rows, []
        if not rows:
            return
        if any(row["event"] == NOBODY for row in rows):
            event = self._event(event)
        told = [{**row, "event": event} if row["event"] == NOBODY else row for row in rows]
        write_effects(self.context.using, told)

    def _event(self, event: UUID | None) -> UUID:
        if event is None:
            event = uuid7()
            record_change(
                self.context, "reconcile", "", "", status=200, changed=["roles"], key=event
            )
        return event
