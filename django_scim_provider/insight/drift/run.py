"""Comparing a connection with the project, and repairing, in batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from django_scim_provider.conf import get_settings
from django_scim_provider.core.schemas.definitions import ResourceType
from django_scim_provider.insight.drift.accounts import Accounts
from django_scim_provider.insight.drift.findings import Divergence, Drift
from django_scim_provider.insight.drift.grants import Grants
from django_scim_provider.insight.drift.groups import Groups
from django_scim_provider.insight.drift.stages import Stage
from django_scim_provider.models import ProviderConnection
from django_scim_provider.models.moments import utc_now
from django_scim_provider.storage.connection_gate import refuse_closed
from django_scim_provider.storage.events import record_management
from django_scim_provider.storage.request_context import inside
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import context_of
from django_scim_provider.storage.transactions import in_transaction, write_aside

BATCH_SIZE = 500
MAX_BATCH_SIZE = 5000
"""Keys of a batch are parameters of one statement; SQLite takes 32,766."""


class DriftComparison:
    """What of a connection is to be compared, and how.

    ``user_type`` and ``group_type`` are those of the registry. With ``repair``, what differs is
    brought in line: each batch is one transaction, so that a run that was interrupted goes on
    where it was when it is called again. Where no part of one can be undone, each finding has its
    own: a batch would begin again for everybody who fails. Nothing is repaired that provisioning
    would not write; ``reopen`` gives back access that the project took from people whom the
    identity provider calls active.

    Raises:
        ValidationError: a closed connection cannot be repaired.
        Forbidden: the connection is an organization's, and the project has none.
    """

    def __init__(
        self,
        connection: ProviderConnection,
        *,
        user_type: ResourceType,
        group_type: ResourceType,
        repair: bool = False,
        reopen: bool = False,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        if repair and not connection.is_usable:
            raise ValidationError(
                gettext("The connection is disabled or decommissioned; nothing is repaired.")
            )
        self.connection = connection
        self.context = context_of(connection)
        self.repair = repair
        self.batch_size = batch_size
        self.stages: tuple[Stage, ...] = (
            Groups(self.context, group_type),
            Accounts(self.context, user_type, reopen=reopen),
            Grants(self.context, user_type),
        )

    @inside(attrgetter("context"))
    def run(
        self,
        *,
        actor: AbstractBaseUser | None = None,
        start: str | None = None,
        most: int | None = None,
        findings: int | None = None,
        seconds: float | None = None,
        seen: Callable[[Divergence], None] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Drift:
        """Compare, and repair where that was asked for; return how it went.

        It begins at ``start``, a ``position`` of an earlier run, and stops after the batch with
        which ``most`` rows were compared, so many ``findings`` made, or so many ``seconds`` over.
        ``seen`` is called with each finding, ``progress`` with how many rows are done and of how
        many. A run over everything is noted on the connection.
        """
        drift, found, began = Drift(), 0, time.monotonic()
        total = 0 if progress is None else sum(stage.total() for stage in self.stages)
        if self.repair:
            using, id = self.context.using, self.context.provider_id
            by = actor and actor.pk
            in_transaction(
                using, id, partial(record_management, using, id, "repair_drift", actor_id=by)
            )
        batches = self._batches(start)
        for stage, keys in batches:
            drift.compared += len(keys)
            for finding in self._handled(stage, keys):
                found += 1
                drift.add(finding)
                if seen is not None:
                    seen(finding)
            if progress is not None:
                progress(min(drift.compared, total), total)
            if (
                (most is not None and drift.compared >= most)
                or (findings is not None and found >= findings)
                or (seconds is not None and time.monotonic() - began >= seconds)
            ):
                if next(batches, None) is not None:
                    drift.position = f"{stage.name}:{keys[-1]}"
                break
        if start is None and drift.position is None:
            self._note(drift)
        return drift

    def _batches(self, start: str | None) -> Iterator[tuple[Stage, list[Any]]]:
        """Yield keys that are compared together.

        Raises:
            ValidationError: ``start`` is not a position.
        """
        names = [stage.name for stage in self.stages]
        name, _, text = (start or f"{names[0]}:").partition(":")
        after = self.stages[names.index(name)].parse(text) if name in names and text else None
        if start is not None and after is None:
            raise ValidationError(gettext("There is no such position to continue from."))
        for stage in self.stages[names.index(name) :]:
            while keys := stage.keys(after, self.batch_size):
                yield stage, keys
                after = keys[-1]
            after = None

    def _handled(self, stage: Stage, keys: Sequence[Any]) -> Iterable[Divergence]:
        """Return what differs, or differed until now."""
        found = stage.find(keys)
        # A change that came between two reads looks like a difference, so those are read again.
        differing = [finding.key for finding in found]
        if not differing:
            return []
        drifted = [finding.key for finding in found if finding.is_drift]
        if not self.repair or not drifted:
            return stage.find(differing)
        if vendor_of(self.context.using).has_savepoints:
            return self._repaired(stage, differing)
        return self._one_by_one(stage, differing, set(drifted))

    def _one_by_one(
        self, stage: Stage, differing: Sequence[Any], drifted: Collection[Any]
    ) -> Iterator[Divergence]:
        kept = stage.find([key for key in differing if key not in drifted])
        others = {finding.key: finding for finding in kept}
        for key in differing:
            if key in drifted:
                yield from self._repaired(stage, [key])
            elif key in others:
                yield others[key]

    def _repaired(self, stage: Stage, keys: Sequence[Any]) -> list[Divergence]:
        def work() -> list[Divergence]:
            refuse_closed(self.context.using, self.context.provider_id)
            return stage.repair(keys)

        return in_transaction(self.context.using, self.context.provider_id, work)

    def _note(self, drift: Drift) -> None:
        using = get_settings().DATABASE
        rows = ProviderConnection.objects.using(using).filter(pk=self.connection.pk)
        noted = {"drift_count": drift.differing, "drift_checked_at": utc_now()}
        write_aside(using, "How a SCIM comparison went", lambda: rows.update(**noted))
        self.connection.refresh_from_db(fields=list(noted))
