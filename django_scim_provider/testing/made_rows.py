"""What tests need in the database, in one line each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProviderConnection
from django_scim_provider.testing.scim_client import SCIMTestClient
from django_scim_provider.tokens.service import generate_scim_token

OVERLAP = timedelta(hours=1)
"""How long the earlier tokens of a connection live on beside that of another client."""


def make_connection(*, provider_id: str = "acme", **fields: Any) -> ProviderConnection:
    """Return a stored connection; fields are those of the model, such as ``profile``."""
    rows = ProviderConnection.objects.using(get_settings().DATABASE)
    return rows.create(provider_id=provider_id, **fields)


def found_or_made(*, provider_id: str = "acme", **fields: Any) -> ProviderConnection:
    """Return the connection of that id, which is stored with these fields where it is missing."""
    rows = ProviderConnection.objects.using(get_settings().DATABASE)
    return rows.get_or_create(provider_id=provider_id, defaults=fields)[0]


def make_token(*, provider_id: str = "acme", **options: Any) -> str:
    """Return the wire form of a token; the connection is made where it is missing.

    Options are those of ``generate_scim_token``, such as ``scopes`` and ``organization_id``; the
    tokens that the connection had end, unless there is an ``overlap``.
    """
    return generate_scim_token(provider_id, **options)[1]


def client_of(
    connection: ProviderConnection, *, scopes: Iterable[str] | None = None
) -> SCIMTestClient:
    """Return a client of a connection with a token of its own; None of ``scopes`` are all."""
    token = make_token(provider_id=connection.provider_id, scopes=scopes, overlap=OVERLAP)
    return SCIMTestClient(token)
