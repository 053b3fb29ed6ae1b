"""Whose resources a store answers for, and for which request."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.functional import SimpleLazyObject

from django_scim_provider.adapter.provisioning_context import ProvisioningContext
from django_scim_provider.conf import get_settings
from django_scim_provider.core.profiles import STRICT, Profile
from django_scim_provider.models import ProviderConnection


@dataclass(slots=True, eq=False)
class EventBatch:
    """Events of one transaction, in their order, until it writes them at its end.

    They hold in memory what a killed process forgets together with the changes.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    started: float | None = field(default_factory=time.perf_counter)
    """When the operation at hand began, by ``time.perf_counter()``; None: nobody asks how long it
    takes."""

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Forget what was added in the block when it raises: the changes are undone as well."""
        before = len(self.rows)
        try:
            yield
        except BaseException:
            del self.rows[before:]
            raise

    def next_operation(self) -> None:
        """Measure from now on."""
        self.started = time.perf_counter()

    def clear(self) -> None:
        """Begin again, for another try of the transaction."""
        self.rows.clear()
        self.next_operation()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreContext:
    """Whose resources a store answers for, and for which request."""

    provider_id: str
    organization_id: str | None = None
    owner_id: Any = None
    """The key of the user who owns the connection, whom it must not touch."""
    profile: Profile = STRICT
    """What is tolerated of bodies; upkeep, which reads none, needs no other."""
    profile_name: str = "generic"
    """What the project is told of the profile."""
    using: str = "default"
    """Alias of the database."""
    base_url: str = ""
    """Address of the SCIM root, without a trailing slash."""
    token_id: UUID | None = None
    request_id: str = ""
    started: float | None = None
    """When the request began, by ``time.perf_counter()``."""
    events: EventBatch | None = None
    """Where events wait for the end of the transaction; None: each is written at once."""
    webhooks: bool = True
    """May anybody be told of what changes? Requests know; whoever does not has it asked."""
    held_open: bool = False
    """The transaction at hand holds the connection open already, so that no write asks again."""

    def for_project(self, resource: Mapping[str, Any] | None = None) -> ProvisioningContext:
        """Return what the project may know; ``resource`` is that of the user who is written."""
        return ProvisioningContext(
            provider_id=self.provider_id,
            organization_id=self.organization_id,
            owner_id=self.owner_id,
            profile=self.profile_name,
            using=self.using,
            token_id=self.token_id,
            request_id=self.request_id,
            resource=resource,
        )


def context_of(
    connection: ProviderConnection, *, base_url: str = "", profile: Profile = STRICT
) -> StoreContext:
    """Return the context for code of the project, commands and the admin.

    Upkeep names no ``profile``, so a connection whose profile is declared no more can be repaired
    and decommissioned all the same.
    """
    return StoreContext(
        provider_id=connection.provider_id,
        organization_id=connection.organization_id,
        owner_id=connection.personal_owner_id,
        profile=profile,
        profile_name=connection.profile,
        using=get_settings().DATABASE,
        base_url=base_url,
    )


def connection_of(context: StoreContext) -> Any:
    """Return the row of the connection, which is read only where the project looks at it."""
    rows = ProviderConnection.objects.using(context.using)
    return SimpleLazyObject(lambda: rows.get(provider_id=context.provider_id))
