"""Recording what a connection in trouble asks and is answered: switched by people, for hours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from django_scim_provider import ciphers
from django_scim_provider.conf import get_settings
from django_scim_provider.connections.lifecycle import held_connection
from django_scim_provider.models import ProviderConnection, RecordedExchange
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.models.upkeep.recorded_exchanges import MOST_EXCHANGES
from django_scim_provider.storage.events import record_management
from django_scim_provider.storage.transactions import in_transaction

MOST_HOURS = 24


def can_record() -> bool:
    """Tell whether anything can be recorded here: it would be encrypted."""
    return ciphers.ENCRYPTION_AVAILABLE


def is_recorded(connection: ProviderConnection) -> bool:
    """Tell whether requests of the connection are kept now."""
    until = connection.recording_until
    return until is not None and utc(until) > utc_now()


def start_recording(
    connection: ProviderConnection,
    *,
    hours: int,
    most: int,
    actor: AbstractBaseUser | None = None,
) -> None:
    """Keep the next requests of a connection; all of them are forgotten after so many hours.

    What an earlier recording has kept counts among ``most``.

    Raises:
        ValidationError: it would be for longer or for more than may be, or not encrypted.
    """
    if not can_record():
        raise ValidationError(gettext("Requests are kept encrypted only, which is not installed."))
    if not 1 <= hours <= MOST_HOURS or not 1 <= most <= MOST_EXCHANGES:
        raise ValidationError(gettext("So much is not recorded."))
    until = utc_now() + timedelta(hours=hours)
    _switch(connection, until, most, "start_recording", actor)


def stop_recording(
    connection: ProviderConnection, *, actor: AbstractBaseUser | None = None
) -> None:
    """Keep no more requests; those that are kept stay until their time is over."""
    _switch(connection, None, 0, "stop_recording", actor)


def erase_recording(
    connection: ProviderConnection, *, actor: AbstractBaseUser | None = None
) -> int:
    """Record no more and delete what was kept; return how many exchanges that were."""
    using = get_settings().DATABASE

    def work() -> int:
        _held_switch(connection, None, 0)
        rows = RecordedExchange.objects.using(using).filter(provider=connection.provider_id)
        number = rows.delete()[0]
        note_recording(connection, "erase_recording", actor)
        return number

    number = in_transaction(using, connection.provider_id, work)
    connection.refresh_from_db(using=using)
    return number


def note_recording(
    connection: ProviderConnection,
    action: str,
    actor: AbstractBaseUser | None,
    **values: Any,
) -> None:
    """Write the event of what somebody did with a recording, also of reading."""
    record_management(
        get_settings().DATABASE,
        connection.provider_id,
        action,
        actor_id=actor and actor.pk,
        **values,
    )


def _switch(
    connection: ProviderConnection,
    until: Any,
    most: int,
    action: str,
    actor: AbstractBaseUser | None,
) -> None:
    using = get_settings().DATABASE

    def work() -> None:
        _held_switch(connection, until, most)
        note_recording(connection, action, actor)

    in_transaction(using, connection.provider_id, work)
    connection.refresh_from_db(using=using)


def _held_switch(connection: ProviderConnection, until: Any, most: int) -> None:
    using = get_settings().DATABASE
    held = held_connection(connection, using)
    held.recording_until, held.recording_most = until, most
    held.save(using=using, update_fields=["recording_until", "recording_most", "updated_at"])
