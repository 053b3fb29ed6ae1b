"""What people do with webhooks: each an event of the connection, in one transaction."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.ciphers import ENCRYPTION_AVAILABLE
from django_scim_provider.conf import get_settings
from django_scim_provider.models import OutboxMessage, ProviderConnection, WebhookEndpoint
from django_scim_provider.models.moments import as_held, utc_now
from django_scim_provider.models.outgoing.webhook_endpoints import CHOSEN, MessageKind, kinds_text
from django_scim_provider.storage.announcing.outbox_rows import message_row, store_messages
from django_scim_provider.storage.events import record_management
from django_scim_provider.storage.transactions import in_transaction, locked
from django_scim_provider.webhooks.allowed_addresses import NotAllowed, resolved, target_of
from django_scim_provider.webhooks.webhook_secrets import encrypted, new_webhook_secret

logger = logging.getLogger("django_scim_provider")

MAX_ENDPOINTS = 10
"""Of one connection, and of all connections together: each change is written for each of them."""
OVERLAP = timedelta(hours=24)
"""How long an earlier secret signs beside the new one."""


@sensitive_variables("secret")
def add_endpoint(
    connection: ProviderConnection | None,
    address: str,
    *,
    kinds: Iterable[str] = CHOSEN,
    actor: AbstractBaseUser | None = None,
    key: UUID | None = None,
) -> tuple[WebhookEndpoint, str]:
    """Return a new endpoint and its secret, which is readable nowhere from now on.

    None for all connections of the project: who may do that is the caller's to know. With ``key``
    the same call makes one endpoint however often it is made.

    Raises:
        ValidationError: the address is none, or leads to where webhooks may not; a kind does not
            exist; there are too many endpoints; or the extra ``encryption`` is missing.
    """
    if not ENCRYPTION_AVAILABLE:
        message = _("Webhooks need the package cryptography, which is not installed.")
        raise ValidationError(message, code="encryption")
    refuse_address(address)
    chosen = [str(kind) for kind in kinds]
    if not chosen or not set(chosen) <= {kind.value for kind in CHOSEN}:
        raise ValidationError(_("Choose what the webhook is told."), code="kinds")
    secret, using = new_webhook_secret(), get_settings().DATABASE
    provider_id = None if connection is None else connection.provider_id
    endpoint = WebhookEndpoint(
        provider_id=provider_id,
        address=address,
        secret=encrypted(secret),
        kinds=kinds_text(chosen),
        created_by_id=None if actor is None else actor.pk,
        **({} if key is None else {"pk": key}),
    )

    def work() -> None:
        if connection is not None:  # so that two who add count each other's
            list(locked(ProviderConnection.objects.using(using).filter(pk=connection.pk)))
        rows = WebhookEndpoint.objects.using(using)
        beside = rows.filter(provider=provider_id).values_list("pk")[:MAX_ENDPOINTS]
        if len(beside) >= MAX_ENDPOINTS:  # counting is no part of MongoDB's transactions
            raise ValidationError(_("There are too many webhooks; remove one first."), code="limit")
        if rows.filter(pk=endpoint.pk).exists():
            raise ValidationError(_("This webhook was already made."), code="repeated")
        endpoint.save(using=using, force_insert=True)
        _record(endpoint, "create_webhook", actor)

    in_transaction(using, provider_id or "", work)
    return endpoint, secret


def refuse_address(address: str) -> None:
    """Refuse what is no address of a webhook; it is asked again at each call.

    Raises:
        ValidationError: saying why, without naming what the name resolves to.
    """
    try:
        resolved(target_of(address))
    except NotAllowed as error:
        message = _("The address leads to a network that webhooks may not reach.")
        raise ValidationError(message, code="network") from error
    except (OSError, UnicodeError) as error:
        raise ValidationError(_("The name of the host was not found."), code="host") from error


@sensitive_variables("secret")
def rotate_secret(
    endpoint: WebhookEndpoint,
    *,
    overlap: timedelta = OVERLAP,
    known: str = "",
    actor: AbstractBaseUser | None = None,
) -> str:
    """Return a new secret; the one of before signs as well until ``overlap`` is over.

    ``known`` is the digest of the secret that is to be replaced; empty: whichever there is.

    Raises:
        ValidationError: it has been replaced already, or the endpoint is not there any more.
    """
    secret = new_webhook_secret()
    stored = encrypted(secret)

    def work(row: WebhookEndpoint) -> None:
        if known and known != digest_of_secret(row):
            message = _("The secret was rotated already and is shown once.")
            raise ValidationError(message, code="repeated")
        row.previous_secret, row.secret = row.secret, stored
        row.previous_until = as_held(utc_now() + overlap)
        row.save(update_fields=["previous_secret", "previous_until", "secret"])
        _record(row, "rotate_webhook_secret", actor)

    if not _with_locked(endpoint, work):
        raise ValidationError(_("The webhook was removed."), code="gone")
    return secret


def digest_of_secret(endpoint: WebhookEndpoint) -> str:
    """Return what tells a stored secret from the next one, and nothing about either."""
    return hashlib.sha256(endpoint.secret.encode()).hexdigest()[:16]


def switch_endpoint(
    endpoint: WebhookEndpoint, *, enabled: bool, actor: AbstractBaseUser | None = None
) -> None:
    """Disable an endpoint, which is told of nothing more, or enable it.

    What waits goes on waiting, and goes out when it is enabled again.
    """

    def work(row: WebhookEndpoint) -> None:
        row.enabled, row.gone_at, row.paused_until, row.failures = enabled, None, None, 0
        row.save(update_fields=["enabled", "gone_at", "paused_until", "failures"])
        _record(row, "enable_webhook" if enabled else "disable_webhook", actor)

    _with_locked(endpoint, work)


def remove_endpoint(endpoint: WebhookEndpoint, *, actor: AbstractBaseUser | None = None) -> None:
    """Delete an endpoint with all that waits for it."""

    def work(row: WebhookEndpoint) -> None:
        _record(row, "delete_webhook", actor)
        row.delete()

    _with_locked(endpoint, work)


def send_test(endpoint: WebhookEndpoint, connection: ProviderConnection) -> None:
    """Put a message into the queue that tells nothing but that the endpoint works."""
    using = get_settings().DATABASE
    row = message_row(endpoint.pk, connection.provider_id, MessageKind.TEST, utc_now(), data={})
    in_transaction(using, connection.provider_id, lambda: store_messages(using, [row]))


def resend(
    endpoint: WebhookEndpoint,
    *,
    only: UUID | None = None,
    actor: AbstractBaseUser | None = None,
) -> int:
    """Send again what was given up, or one message of it; return how many there are.

    They come after what was told since, so receivers read the resource anew.
    """
    found: list[int] = []

    def work(row: WebhookEndpoint) -> None:
        states, now = OutboxMessage.Fate, utc_now()
        dead = OutboxMessage.objects.using(row._state.db).filter(endpoint=row, state=states.DEAD)
        if only is not None:
            dead = dead.filter(pk=only)
        values: dict[str, Any] = {"state": states.WAITING, "ended_at": None, "attempts": 0}
        found[:] = [dead.update(**values, next_attempt_at=now)]
        row.paused_until, row.failures = None, 0
        row.save(update_fields=["paused_until", "failures"])
        _record(row, "resend_webhook", actor)

    _with_locked(endpoint, work)
    return found[0] if found else 0


def _with_locked(endpoint: WebhookEndpoint, work: Callable[[WebhookEndpoint], None]) -> bool:
    """Do something with the row as it is now; False, and nothing is done, where it is gone."""
    using = get_settings().DATABASE

    def run() -> bool:
        row = locked(WebhookEndpoint.objects.using(using).filter(pk=endpoint.pk)).first()
        if row is not None:
            work(row)
        return row is not None

    return in_transaction(using, str(endpoint.provider_id or ""), run)


def _record(endpoint: WebhookEndpoint, action: str, actor: AbstractBaseUser | None) -> None:
    using, key = get_settings().DATABASE, None if actor is None else actor.pk
    if endpoint.provider_id is None:  # events belong to connections
        logger.info("SCIM webhook of all connections: %s %s by %s", action, endpoint.pk, key)
        return
    record_management(
        using,
        str(endpoint.provider_id),
        action,
        actor_id=key,
        resource_type="Webhook",
        resource_id=endpoint.pk,
    )
