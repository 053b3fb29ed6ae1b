"""Making and revoking tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.models.connection_profiles import profile_fields
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import utc_now
from django_scim_provider.organizations.existence import refuse_unknown_organization
from django_scim_provider.signals import (
    after_scim_token_generated,
    before_scim_token_generated,
    scim_token_revoked,
)
from django_scim_provider.storage.events import record_management
from django_scim_provider.storage.transactions import after_commit, in_transaction, locked
from django_scim_provider.tokens.connection_rows import insert_or_wait
from django_scim_provider.tokens.lifetimes import moment_after
from django_scim_provider.tokens.scopes import all_scopes
from django_scim_provider.tokens.wire import WireToken, fits_a_token, new_secret, store
from django_scim_provider.validators import validate_note, validate_wire_part


@sensitive_variables("secret")
def generate_scim_token(
    provider_id: str,
    *,
    organization_id: str | None = None,
    owner: AbstractBaseUser | None = None,
    scopes: Iterable[str] | None = None,
    expires_in: timedelta | None = None,
    label: str = "",
    created_by: AbstractBaseUser | None = None,
    membership: Any = None,
    overlap: timedelta | None = None,
    key: UUID | None = None,
    profile: str | None = None,
    profile_switches: Mapping[str, bool] | None = None,
    name: str | None = None,
) -> tuple[SCIMToken, str]:
    """Return a new token of a connection, and its wire form, which cannot be shown again.

    The connection is made where it is missing; ``organization_id`` and ``owner`` are those of the
    connection, and may be left out for one that exists. The tokens that it had are revoked at once,
    or live on for ``overlap``. No ``scopes`` are all of them. A connection that was decommissioned
    comes back to life for the owner or organization that it belongs to. The caller has checked that
    the person may; ``membership`` is passed to the hooks. A form that may be sent twice names the
    ``key`` of the row, so that the second time makes no token. ``name``, ``profile`` and
    ``profile_switches`` are those of a new connection; one that exists must have the same.

    Raises:
        ValidationError: an argument is not valid, too many tokens would be live, the project has no
            organizations or, for a new connection, does not know the one named, or there is a token
            with that key (code ``repeated``).
        PermissionDenied: the connection belongs to another owner or organization.
    """
    now = utc_now()
    allowed = _allowed(scopes)
    validate_ids(provider_id, organization_id)
    described = profile_fields(profile, profile_switches)
    for note in (label, "" if name is None else name):
        validate_note(note)
    described |= {} if name is None else {"name": name}
    expires_at = moment_after(now, expires_in)
    ends_at = moment_after(now, overlap)
    using = get_settings().DATABASE
    row_key, secret = key or uuid7(), new_secret()  # the same in each try, as hooks see them

    @sensitive_variables("parts", "wire", "sent")
    def work() -> tuple[SCIMToken, str]:
        connection = _connection(provider_id, organization_id, owner, using, described)
        if key is not None and SCIMToken.objects.using(using).filter(pk=key).exists():
            raise ValidationError(_("This token was already generated."), code="repeated")
        parts = WireToken(secret, provider_id, connection.organization_id)
        wire = parts.encode()
        token = SCIMToken(
            id=row_key,
            provider=connection,
            lookup=parts.lookup,
            label=label,
            scopes=allowed,
            created_by_id=None if created_by is None else created_by.pk,
            expires_at=expires_at,
        )
        sent = {
            "user": created_by or owner,
            "membership": membership,
            "connection": connection,
            "token": token,
            "scim_token": wire,
        }
        _ask_receivers(sent, secret)
        actor = created_by or owner
        _revive(connection, using, actor)
        _retire(connection, now, ends_at, using, actor)
        token.secret = store(secret)
        token.save(using=using, force_insert=True)
        record_management(
            using, provider_id, "generate_token", actor_id=actor and actor.pk, token_id=token.pk
        )
        announce = after_scim_token_generated.send_robust
        after_commit(using, partial(announce, sender=ProviderConnection, **sent))
        return token, wire

    return in_transaction(using, provider_id, work)


@sensitive_variables()
def _ask_receivers(sent: dict[str, Any], secret: str) -> None:
    """Give the receivers the chance to veto.

    Raises:
        PermissionDenied: one raised something that shows the token, which must not reach a log.
    """
    try:
        before_scim_token_generated.send(sender=ProviderConnection, **sent)
    except Exception as error:
        shown = f"{error!r} {error}"
        if secret not in shown and sent["scim_token"] not in shown:
            raise
    else:
        return
    raise PermissionDenied(_("The token was refused."))


def revoke_scim_token(token: SCIMToken, *, actor: AbstractBaseUser | None = None) -> None:
    """Make a token useless from the next request on; one that is revoked already stays so."""
    using = get_settings().DATABASE
    rows = SCIMToken.objects.using(using).filter(pk=token.pk)
    revoke = partial(_revoke, rows, utc_now(), using, actor)
    in_transaction(using, str(token.provider_id), revoke)
    token.refresh_from_db(using=using)


def revoke_connection_tokens(
    connection: ProviderConnection, *, actor: AbstractBaseUser | None = None
) -> None:
    """Make all tokens of a connection useless from the next request on."""
    using = get_settings().DATABASE
    rows = SCIMToken.objects.using(using).filter(provider=connection)
    revoke = partial(_revoke, rows, utc_now(), using, actor)
    in_transaction(using, connection.provider_id, revoke)


def revoke_tokens_of_owner(owner: AbstractBaseUser) -> None:
    """Make the tokens of a user's personal connections useless; the user is about to be deleted."""
    using = get_settings().DATABASE
    own = ProviderConnection.objects.using(using).filter(owner=owner.pk, organization_id=None)

    def work() -> None:
        held = {"provider__in": list(own.values_list("provider_id", flat=True))}
        _revoke(SCIMToken.objects.using(using).filter(**held), utc_now(), using)

    in_transaction(using, "", work)


def _allowed(scopes: Iterable[str] | None) -> list[str]:
    wanted = sorted(set(scopes or ()))
    known = all_scopes()
    for scope in wanted:
        if scope not in known:
            raise ValidationError(
                _("%(scope)s is not a scope; the scopes are %(scopes)s."),
                code="invalid",
                params={"scope": scope, "scopes": ", ".join(known)},
            )
    return wanted


def validate_ids(provider_id: str, organization_id: str | None) -> None:
    """Refuse ids that no token could carry, and organizations where the project has none.

    Raises:
        ValidationError: saying which.
    """
    validate_wire_part(provider_id)
    if organization_id is not None:
        validate_wire_part(organization_id)
        if get_settings().ORGANIZATION_BACKEND is None:
            raise ValidationError(_("Organizations are not enabled."), code="organizations")
    if not fits_a_token(provider_id, organization_id):
        raise ValidationError(_("The ids are too long for a token."), code="max_length")


def _connection(
    provider_id: str,
    organization_id: str | None,
    owner: AbstractBaseUser | None,
    using: str,
    described: dict[str, Any],
) -> ProviderConnection:
    """Return the connection, locked, or a new one; what it belongs to never changes.

    Raises:
        ValidationError: another connection has this id but for case, a new one would belong to an
            organization that the project does not know, or this one has another name or profile.
        PermissionDenied: it belongs to somebody else; one that is decommissioned has to be named
            with what it belongs to.
    """
    found = ProviderConnection.objects.using(using).filter(provider_id=provider_id)
    connection = locked(found).first()
    if connection is None:
        refuse_unknown_organization(organization_id)
        new = ProviderConnection(
            provider_id=provider_id,
            organization_id=organization_id,
            owner_id=None if owner is None else owner.pk,
            **described,
        )
        try:
            insert_or_wait(new, using)
            connection = locked(found).get()
        except (IntegrityError, ProviderConnection.DoesNotExist) as error:
            message = _("A provider id like this one is taken.")
            raise ValidationError(message, code="unique") from error
    if organization_id is not None and organization_id != connection.organization_id:
        raise PermissionDenied(_("The connection belongs to another organization."))
    if owner is not None and owner.pk != connection.owner_id:
        raise PermissionDenied(_("The connection does not belong to this owner."))
    other = [name for name, value in described.items() if getattr(connection, name) != value]
    if other == ["name"]:
        message = _("The connection exists and has another name; change that in the admin.")
        raise ValidationError(message, code="name")
    if other:
        message = _("The connection exists and has another profile; change that in the admin.")
        raise ValidationError(message, code="profile")
    belongs_to = (connection.organization_id, connection.owner_id)
    named = (organization_id, None if owner is None else owner.pk)
    if connection.decommissioned_at is not None and named != belongs_to:
        raise PermissionDenied(_("The connection is decommissioned."))
    return connection


def _revive(connection: ProviderConnection, using: str, actor: AbstractBaseUser | None) -> None:
    """Open a decommissioned connection; accounts come back as its provider writes them."""
    if connection.decommissioned_at is not None:
        connection.decommissioned_at = None
        connection.save(using=using, update_fields=["decommissioned_at", "updated_at"])
        provider_id = str(connection.provider_id)
        record_management(using, provider_id, "revive_connection", actor_id=actor and actor.pk)


def _retire(
    connection: ProviderConnection,
    now: datetime,
    ends_at: datetime | None,
    using: str,
    actor: AbstractBaseUser | None,
) -> None:
    """Revoke the tokens that the connection has, or let them end at ``ends_at``."""
    live = SCIMToken.objects.using(using).filter(provider=connection).live(now)
    if ends_at is None:
        _revoke(live, now, using, actor)
        return
    most = get_settings().MAX_LIVE_TOKENS
    if len(live.values_list("pk")[:most]) >= most:  # counting is no part of MongoDB's transactions
        raise ValidationError(_("Too many tokens are live; revoke one first."), code="limit")
    live.filter(expires_at=None).update(expires_at=ends_at)
    live.filter(expires_at__gt=ends_at).update(expires_at=ends_at)


def _revoke(
    tokens: QuerySet[SCIMToken],
    now: datetime,
    using: str,
    actor: AbstractBaseUser | None = None,
) -> None:
    """Revoke those that are not revoked yet, and send a signal for each after the commit."""
    live = tokens.filter(revoked_at=None).order_by("pk")
    for token in locked(live).prefetch_related("provider"):  # a join would lock connections, too
        token.revoked_at = now
        token.save(using=using, update_fields=["revoked_at"])
        provider_id = str(token.provider.provider_id)
        record_management(
            using, provider_id, "revoke_token", actor_id=actor and actor.pk, token_id=token.pk
        )
        tell = partial(
            scim_token_revoked.send_robust, sender=SCIMToken, connection=token.provider, token=token
        )
        after_commit(using, tell)
