"""What tests need in the database, in one line each."""

from __future__ import annotations

from typing import Any

from django_scim_provider.models import ProviderConnection
from django_scim_provider.services.tokens import generate_scim_token


def make_connection(*, provider_id: str = "acme", **fields: Any) -> ProviderConnection:
    """Return a stored connection."""
    return ProviderConnection.objects.create(provider_id=provider_id, **fields)


def make_token(*, provider_id: str = "acme", **options: Any) -> str:
    """Return the wire form of a token; the connection is made where it is missing."""
    return generate_scim_token(provider_id, **options)[1]
