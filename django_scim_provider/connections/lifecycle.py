"""Opening and closing connections."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_scim_provider.conf import get_settings
from django_scim_provider.models import Failure, ProviderConnection, RecordedExchange
from django_scim_provider.models.moments import utc_now
from django_scim_provider.storage.events import record_management
from django_scim_provider.storage.failures.identities import forget_identities
from django_scim_provider.storage.transactions import in_transaction, locked
from django_scim_provider.tokens.service import revoke_connection_tokens


def close_connection(
    connection: ProviderConnection, *, actor: AbstractBaseUser | None = None
) -> None:
    """Disable every token of a connection for good; its accounts stay as they are.

    Waits for the writes that are under way; none is committed afterwards. The provider id stays
    taken: only the same owner or organization can bring the connection back to life, by generating
    a token.
    """
    using = get_settings().DATABASE

    def work() -> None:
        held = held_connection(connection, using)
        if held.decommissioned_at is None:
            held.decommissioned_at, held.recording_until = utc_now(), None
            changed = ["decommissioned_at", "recording_until", "updated_at"]
            held.save(using=using, update_fields=changed)
            failures = Failure.objects.using(using).filter(provider=held.provider_id)
            forget_identities(failures)
            RecordedExchange.objects.using(using).filter(provider=held.provider_id).delete()
            record_management(
                using, held.provider_id, "delete_connection", actor_id=actor and actor.pk
            )
        revoke_connection_tokens(held, actor=actor)

    in_transaction(using, connection.provider_id, work)
    connection.refresh_from_db(using=using)


def switch_connection(
    connection: ProviderConnection, *, enabled: bool, actor: AbstractBaseUser | None = None
) -> None:
    """Refuse all requests of a connection from the next one on, or let them in again.

    Waits for the writes that are under way; none is committed afterwards.
    """
    using = get_settings().DATABASE

    def work() -> None:
        held = held_connection(connection, using)
        if held.enabled != enabled:
            held.enabled = enabled
            held.save(using=using, update_fields=["enabled", "updated_at"])
            action = "enable_connection" if enabled else "disable_connection"
            record_management(using, held.provider_id, action, actor_id=actor and actor.pk)

    in_transaction(using, connection.provider_id, work)
    connection.refresh_from_db(using=using)


def rename_connection(
    connection: ProviderConnection, name: str, *, actor: AbstractBaseUser | None = None
) -> None:
    """Give a connection another name for people to read; its id stays."""
    using = get_settings().DATABASE

    def work() -> None:
        held = held_connection(connection, using)
        if held.name != name:
            held.name = name
            held.save(using=using, update_fields=["name", "updated_at"])
            record_management(
                using,
                held.provider_id,
                "update_connection",
                actor_id=actor and actor.pk,
                changed=("name",),
            )

    in_transaction(using, connection.provider_id, work)
    connection.refresh_from_db(using=using)


def held_connection(connection: ProviderConnection, using: str) -> ProviderConnection:
    """Return the connection as it is now, locked."""
    return locked(ProviderConnection.objects.using(using).filter(pk=connection.pk)).get()


def refuse_unusable(connection: ProviderConnection) -> None:
    """Refuse a connection that takes nobody in.

    Raises:
        ValidationError: it is disabled or decommissioned.
    """
    if not connection.is_usable:
        raise ValidationError(_("The connection is disabled or decommissioned."))
