"""Making and revoking tokens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connections, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.signals import (
    after_scim_token_generated,
    before_scim_token_generated,
    scim_token_revoked,
)
from django_scim_provider.tokens import MAX_TOKEN_LENGTH, SCOPES, WireToken, new_secret, store
from django_scim_provider.validators import validate_wire_part


@sensitive_variables("parts", "wire")
def generate_scim_token(
    provider_id: str,
    *,
    organization_id: str | None = None,
    owner: AbstractBaseUser | None = None,
    scopes: Iterable[str] | None = None,
    expires_in: timedelta | None = None,
    label: str = "",
    created_by: AbstractBaseUser | None = None,
    overlap: timedelta | None = None,
) -> tuple[SCIMToken, str]:
    """Return a new token of a connection, and its wire form, which cannot be shown again.

    The connection is made where it is missing; ``organization_id`` and ``owner`` are those of the
    connection, and may be left out for one that exists. The tokens that it had are revoked at once,
    or live on for ``overlap``. No ``scopes`` are all of them. Whoever calls this has to know that
    the person may.

    Raises:
        ValidationError: an argument is not valid, or too many tokens would be live.
        PermissionDenied: the connection belongs to another owner or organization, or is
            decommissioned.
    """
    now = timezone.now()
    allowed = _allowed(scopes)
    _validate_ids(provider_id, organization_id)
    expires_at = _moment_after(now, expires_in)
    ends_at = _moment_after(now, overlap)
    using = get_settings().DATABASE
    with transaction.atomic(using=using):
        connection = _connection(provider_id, organization_id, owner, using)
        parts = WireToken(new_secret(), provider_id, connection.organization_id)
        token = SCIMToken(
            provider=connection,
            lookup=parts.lookup,
            label=label,
            scopes=allowed,
            created_by_id=None if created_by is None else created_by.pk,
            expires_at=expires_at,
        )
        sent = {"connection": connection, "scim_token": token, "user": created_by or owner}
        before_scim_token_generated.send(sender=ProviderConnection, **sent)
        _retire(connection, now, ends_at, using)
        token.secret = store(parts.secret)
        token.save(using=using, force_insert=True)
        announce = after_scim_token_generated.send_robust
        transaction.on_commit(partial(announce, sender=ProviderConnection, **sent), using=using)
    return token, parts.encode()


def revoke_scim_token(token: SCIMToken) -> None:
    """Make a token useless from the next request on; one that is revoked already stays so."""
    using = get_settings().DATABASE
    with transaction.atomic(using=using):
        _revoke(SCIMToken.objects.using(using).filter(pk=token.pk), timezone.now(), using)
    token.refresh_from_db(using=using)


def revoke_connection_tokens(connection: ProviderConnection) -> None:
    """Make all tokens of a connection useless from the next request on."""
    using = get_settings().DATABASE
    with transaction.atomic(using=using):
        rows = SCIMToken.objects.using(using).filter(provider=connection)
        _revoke(rows, timezone.now(), using)


def _allowed(scopes: Iterable[str] | None) -> list[str]:
    wanted = sorted(set(scopes or ()))
    for scope in wanted:
        if scope not in SCOPES:
            raise ValidationError(
                _("%(scope)s is not a scope; the scopes are %(scopes)s."),
                code="invalid",
                params={"scope": scope, "scopes": ", ".join(SCOPES)},
            )
    return wanted


def _validate_ids(provider_id: str, organization_id: str | None) -> None:
    validate_wire_part(provider_id)
    if organization_id is not None:
        validate_wire_part(organization_id)
    if len(WireToken(new_secret(), provider_id, organization_id).encode()) > MAX_TOKEN_LENGTH:
        raise ValidationError(_("The ids are too long for a token."), code="max_length")


def _moment_after(now: datetime, delay: timedelta | None) -> datetime | None:
    if delay is None:
        return None
    if delay <= timedelta(0):
        raise ValidationError(_("A time span must be positive."), code="invalid")
    try:
        return now + delay
    except OverflowError as error:
        raise ValidationError(_("The time span is too long."), code="invalid") from error


def _connection(
    provider_id: str, organization_id: str | None, owner: AbstractBaseUser | None, using: str
) -> ProviderConnection:
    """Return the connection, locked, or a new one; what it belongs to never changes.

    Raises:
        ValidationError: another connection has this id but for case.
        PermissionDenied: it belongs to somebody else or is decommissioned.
    """
    found = ProviderConnection.objects.using(using).filter(provider_id=provider_id)
    connection = found.select_for_update().first()
    if connection is None:
        new = ProviderConnection(
            provider_id=provider_id,
            organization_id=organization_id,
            owner_id=None if owner is None else owner.pk,
        )
        try:
            _insert_or_wait(new, using)
            connection = found.select_for_update().get()
        except (IntegrityError, ProviderConnection.DoesNotExist) as error:
            message = _("A provider id like this one is taken.")
            raise ValidationError(message, code="unique") from error
    if organization_id is not None and organization_id != connection.organization_id:
        raise PermissionDenied(_("The connection belongs to another organization."))
    if owner is not None and owner.pk != connection.owner_id:
        raise PermissionDenied(_("The connection does not belong to this owner."))
    if connection.decommissioned_at is not None:
        raise PermissionDenied(_("The connection is decommissioned."))
    return connection


def _insert_or_wait(connection: ProviderConnection, using: str) -> None:
    """Store the connection unless another transaction just did, which is waited for.

    An INSERT that fails leaves a transaction of MySQL or MariaDB with a shared lock on the row; two
    that hold one and ask for the exclusive lock are a deadlock. The update takes that lock at once.
    """
    features = connections[using].features
    rows = ProviderConnection.objects.using(using)
    if not features.supports_update_conflicts:
        connection.save(using=using, force_insert=True)
    elif features.supports_update_conflicts_with_target:
        rows.bulk_create(
            [connection],
            update_conflicts=True,
            update_fields=["provider_key"],
            unique_fields=["provider_id"],
        )
    else:
        rows.bulk_create([connection], update_conflicts=True, update_fields=["provider_key"])


def _retire(
    connection: ProviderConnection, now: datetime, ends_at: datetime | None, using: str
) -> None:
    """Revoke the tokens that the connection has, or let them end at ``ends_at``."""
    live = SCIMToken.objects.using(using).filter(provider=connection).live(now)
    if ends_at is None:
        _revoke(live, now, using)
        return
    if live.count() >= get_settings().MAX_LIVE_TOKENS:
        raise ValidationError(_("Too many tokens are live; revoke one first."), code="limit")
    live.filter(expires_at=None).update(expires_at=ends_at)
    live.filter(expires_at__gt=ends_at).update(expires_at=ends_at)


def _revoke(tokens: QuerySet[SCIMToken], now: datetime, using: str) -> None:
    """Revoke those that are not yet, and tell so of each after the commit."""
    for token in tokens.filter(revoked_at=None).select_related("provider").select_for_update():
        token.revoked_at = now
        token.save(using=using, update_fields=["revoked_at"])
        tell = partial(
            scim_token_revoked.send_robust,
            sender=SCIMToken,
            connection=token.provider,
            scim_token=token,
        )
        transaction.on_commit(tell, using=using)
