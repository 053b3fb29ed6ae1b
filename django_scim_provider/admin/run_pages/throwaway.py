"""Connections that are made for one run: of no organization and nobody, gone when it is over."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from uuid import UUID

from django_scim_provider.conf import get_settings
from django_scim_provider.models import CheckRun, LinkedAccount, ProviderConnection, SCIMToken
from django_scim_provider.models.connection_profiles import stored_profile
from django_scim_provider.models.keys import least_key_of
from django_scim_provider.models.moments import utc_now
from django_scim_provider.storage.transactions import in_transaction
from django_scim_provider.tokens.scopes import all_scopes
from django_scim_provider.tokens.wire import WireToken, new_secret, store

LIVES = timedelta(minutes=10)
"""How long the token opens anything, also where its process is killed."""
NAME = "Check"
_OWN_ID = re.compile(r"check-([0-9a-f]{12}7[0-9a-f]{19})")


def unsaved(run: CheckRun) -> ProviderConnection:
    """Return the connection of a run, which is as tolerant as the one that the run is about."""
    profile, switches = stored_profile(run.provider)
    return ProviderConnection(
        provider_id=_id(run.pk.hex), name=NAME, profile=profile, profile_switches=dict(switches)
    )


def open_for_reading(run: CheckRun) -> tuple[ProviderConnection, str]:
    """Store the connection with a token that only reads; return both.

    No hook of the project is asked and none told: nobody can provision anybody by it.
    """
    using, connection, secret = get_settings().DATABASE, unsaved(run), new_secret()
    parts = WireToken(secret, connection.provider_id)
    token = SCIMToken(
        provider=connection,
        lookup=parts.lookup,
        secret=store(secret),
        scopes=[scope for scope in all_scopes() if scope.endswith(".read")],
        expires_at=utc_now() + LIVES,
    )

    def work() -> None:
        connection.save(using=using, force_insert=True)
        token.save(using=using, force_insert=True)

    in_transaction(using, connection.provider_id, work)
    return connection, parts.encode()


def remove(*connections: ProviderConnection) -> None:
    """Delete connections that were made for runs, unless somebody has people by them."""
    using = get_settings().DATABASE
    for connection in connections:
        accounts = LinkedAccount.objects.using(using).filter(provider=connection.provider_id)
        if not accounts.exists():
            in_transaction(using, connection.provider_id, partial(connection.delete, using=using))


def remove_left_over(run: CheckRun) -> None:
    """Delete what earlier runs left behind because their process was killed.

    Those of this connection, and any whose token has ended by itself, whatever became of the
    connection that they were about.
    """
    using = get_settings().DATABASE
    rows = CheckRun.objects.using(using).filter(provider=run.provider_id, kind=run.kind)
    ids = {_id(key.hex) for key in rows.exclude(pk=run.pk).values_list("pk", flat=True)}
    found = ProviderConnection.objects.using(using).filter(
        provider_id__startswith="check-", name=NAME, organization_id=None, owner=None
    )
    latest = least_key_of(utc_now() - 2 * LIVES)
    remove(*(each for each in found if each.provider_id in ids or _is_old(each, latest)))


def _is_old(connection: ProviderConnection, latest: UUID) -> bool:
    made = _OWN_ID.fullmatch(connection.provider_id)
    return made is not None and UUID(made[1]) < latest


def _id(hex: str) -> str:
    return f"check-{hex}"
