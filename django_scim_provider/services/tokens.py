"""Making and revoking tokens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from django_scim_provider.conf import get_settings
from django_scim_provider.core.folding import fold
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.signals import (
    after_scim_token_generated,
    before_scim_token_generated,
    scim_token_revoked,
)
from django_scim_provider.tokens import SCOPES, WireToken, new_secret, store
from django_scim_provider.validators import validate_wire_part


def generate_scim_token(
    provider_id: str,
    *,
    organization_id: str | None = None,
    owner: AbstractBaseUser | None = None,
    scopes: Iterable[str] = (),
    expires_in: timedelta | None = None,
    label: str = "",
    created_by: AbstractBaseUser | None = None,
    overlap: timedelta | None = None,
) -> tuple[SCIMToken, str]:
    """Return a new token of a connection, and its wire form, which cannot be shown again.

    The connection is made where it is missing. The tokens that it had are revoked at once, or live on
    for ``overlap``. Whoever calls this has to know that the person may.

    Raises:
        ValidationError: an id or a scope is not valid, or too many tokens would be live.
        PermissionDenied: the connection belongs to another owner or organization, or is
            decommissioned.
    """
    _validate(provider_id, organization_id, scopes)
    using = get_settings().DATABASE
    now = timezone.now()
    with transaction.atomic(using=using):
        connection = _connection(provider_id, organization_id, owner, using)
        parts = WireToken(new_secret(), provider_id, connection.organization_id)
        wire = parts.encode()
        sent = {"connection": connection, "user": created_by or owner, "token": wire}
        before_scim_token_generated.send(sender=ProviderConnection, **sent)
        _retire(connection, now, overlap, using)
        token = SCIMToken(
            provider=connection,
            lookup=parts.lookup,
            secret=store(parts.secret),
            label=label,
            scopes=sorted(set(scopes)),
            created_by=created_by,
            expires_at=now + expires_in if expires_in else None,
        )
        token.save(using=using, force_insert=True)
        announce = partial(
            after_scim_token_generated.send_robust, sender=ProviderConnection, **sent
        )
        transaction.on_commit(announce, using=using)
    return token, wire


def revoke_scim_token(token: SCIMToken) -> None:
    """Make a token useless from the next request on; one that is revoked already stays so."""
    using = get_settings().DATABASE
    with transaction.atomic(using=using):
        rows = SCIMToken.objects.using(using).filter(pk=token.pk, revoked_at=None)
        if rows.update(revoked_at=timezone.now()):
            token.refresh_from_db(using=using)
            tell = partial(
                scim_token_revoked.send_robust,
                sender=SCIMToken,
                connection=token.provider,
                scim_token=token,
            )
            transaction.on_commit(tell, using=using)


def _validate(provider_id: str, organization_id: str | None, scopes: Iterable[str]) -> None:
    validate_wire_part(provider_id)
    if organization_id is not None:
        validate_wire_part(organization_id)
    for scope in scopes:
        if scope not in SCOPES:
            raise ValidationError(
                _("%(scope)s is not a scope; the scopes are %(scopes)s."),
                code="invalid",
                params={"scope": scope, "scopes": ", ".join(SCOPES)},
            )


def _connection(
    provider_id: str, organization_id: str | None, owner: AbstractBaseUser | None, using: str
) -> ProviderConnection:
    """Return the connection, locked, or a new one; what it belongs to never changes."""
    connections = ProviderConnection.objects.using(using)
    found = connections.select_for_update().filter(provider_id=provider_id).first()
    if found is None:
        twins = connections.filter(provider_id__iexact=provider_id)
        if any(fold(twin.provider_id) == fold(provider_id) for twin in twins):
            raise ValidationError(_("A provider id like this one is taken."), code="unique")
        return connections.create(
            provider_id=provider_id, organization_id=organization_id, owner=owner
        )
    if organization_id is not None and organization_id != found.organization_id:
        raise PermissionDenied(_("The connection belongs to another organization."))
    if owner is not None and found.owner_id not in (None, owner.pk):
        raise PermissionDenied(_("The connection belongs to somebody else."))
    if found.decommissioned_at is not None:
        raise PermissionDenied(_("The connection is decommissioned."))
    return found


def _retire(
    connection: ProviderConnection, now: datetime, overlap: timedelta | None, using: str
) -> None:
    """Revoke the tokens that the connection has, or let them end with the overlap."""
    live = SCIMToken.objects.using(using).filter(provider=connection).live(now)
    if overlap is None:
        live.update(revoked_at=now)
        return
    if live.count() >= get_settings().MAX_LIVE_TOKENS:
        raise ValidationError(_("Too many tokens are live; revoke one first."), code="limit")
    end = now + overlap
    live.filter(expires_at=None).update(expires_at=end)
    live.filter(expires_at__gt=end).update(expires_at=end)
