"""What is known of a bearer token: what its verifier says, and what it opens in the end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenClaims:
    """What a verifier returns for a good token; the app looks up and checks the rest.

    Raises:
        TypeError: ``provider_id`` is no text, or ``scopes`` is no collection of texts.
    """

    provider_id: str
    """The id of the connection."""
    scopes: Collection[str]
    """What the token may do, such as ``{"scim.users.read"}``; none is nothing. Those that are no
    scopes of the app's are passed over, so a token may have others as well."""

    def __post_init__(self) -> None:
        if not isinstance(self.provider_id, str):
            raise TypeError("provider_id must be a text.")
        if isinstance(self.scopes, str):
            raise TypeError("scopes must be a collection of names; split the text.")
        # An iterator would be used up by looking at it, and fail later where it fails.
        named = isinstance(self.scopes, Collection)
        if not named or not all(isinstance(scope, str) for scope in self.scopes):
            raise TypeError("scopes must be a collection of names.")


@dataclass(frozen=True, slots=True)
class SCIMClient:
    """``request.user`` of a SCIM request: the identity provider, not a user of the project."""

    pk: str
    """The id of the connection."""
    is_authenticated: bool = True
    is_anonymous: bool = False
    is_active: bool = True
    is_staff: bool = False
    is_superuser: bool = False

    def __str__(self) -> str:
        return f"SCIM client {self.pk}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedToken:
    """What a token opens; ``request.auth`` of a SCIM request."""

    provider_id: str
    organization_id: str | None
    profile: str
    profile_switches: Mapping[str, bool]
    """What is on or off over the profile."""
    scopes: frozenset[str]
    owner_id: Any = None
    """The key of the user who owns a personal connection; None for nobody."""
    token_id: UUID | None
    """The row of the token; None for one from ``DEFAULT_SCIM`` or of another issuer."""
    has_open_failures: bool = True
    """Has the connection failures that a success may end? Who does not know says so."""
    webhooks: bool = True
    """May there be webhooks that hear of the connection?"""
    recording_until: datetime | None = None
    """Until when requests of the connection are recorded; None: they are not."""
