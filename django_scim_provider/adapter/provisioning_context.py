"""For whom the project is asked: what the adapter and the other seams know of a connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from django_scim_provider.models import ProviderConnection


@dataclass(frozen=True, kw_only=True)
class ProvisioningContext:
    """The connection and the request that a question to the project is about; it never changes."""

    provider_id: str
    """Empty where the admin asks for the roles of the project before a connection is chosen."""
    organization_id: str | None = None
    owner_id: Any = None
    """The key of the user who owns a personal connection; None for nobody."""
    profile: str = "generic"
    """The name of the profile."""
    using: str = "default"
    """Alias of the database that holds connections, accounts and users."""
    token_id: UUID | None = None
    """The key of the ``SCIMToken``; None for a connection from the settings, for a verifier of the
    project's own, and outside requests."""
    request_id: str = ""
    """What ``X-Request-ID`` says; empty outside requests."""
    resource: Mapping[str, Any] | None = None
    """The SCIM resource of a user who is created or changed, as it is going to be; None elsewhere,
    as in deletions and questions about roles of groups."""

    @cached_property
    def connection(self) -> ProviderConnection:
        """Return the row of the connection, which is read the first time that it is looked at.

        Raises:
            ProviderConnection.DoesNotExist: there is none.
        """
        rows = ProviderConnection.objects.using(self.using)
        return rows.get(provider_id=self.provider_id)

    def about(self, resource: Mapping[str, Any]) -> ProvisioningContext:
        """Return the same for another resource; a row that was read is not read again."""
        other = replace(self, resource=resource)
        if "connection" in self.__dict__:
            other.__dict__["connection"] = self.connection
        return other
