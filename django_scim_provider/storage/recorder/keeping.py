"""The rows of the recorder: written by one statement, and forgotten in time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import DatabaseError, IntegrityError
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from django_scim_provider import ciphers
from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProviderConnection, RecordedExchange
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.models.upkeep.recorded_exchanges import MOST_EXCHANGES
from django_scim_provider.storage.recorder.numbered import NumberedInsert
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.error_codes import cause_of
from django_scim_provider.storage.transactions import write_aside

MAX_BODY = 64 * 1024
"""Characters of a body that are kept."""
TRIES = 5
"""How often a number is asked for that somebody else has taken meanwhile."""
_PURPOSE = "django_scim_provider.storage.recorder"
_insert = NumberedInsert(
    RecordedExchange,
    (
        *("id", "provider", "at", "expires_at", "operation", "status", "request_id"),
        *("duration", "sealed"),
    ),
    number="number",
    among="provider",
)


@dataclass(slots=True, kw_only=True, repr=False)
class Recorded:
    """What is sealed of an exchange; without a ``repr``, as it is about people."""

    method: str
    path: str
    """Below the SCIM root."""
    query: dict[str, str]
    headers: dict[str, str]
    body: str = ""
    """JSON; cut where it is long."""
    note: str = ""
    """Why there is no body, or not all of it: ``cut``, ``large``, ``unread``."""
    scopes: list[str] = field(default_factory=list)
    """What the token was allowed."""
    answer_headers: dict[str, str]
    answer: str = ""
    answer_note: str = ""


@sensitive_variables()
def keep(provider_id: str, until: datetime, row: Mapping[str, Any], told: Recorded) -> None:
    """Store an exchange that has ended, where fewer than the connection wants are there.

    ``row`` are the columns in clear. A database that fails is logged and costs the request nothing.
    """
    if not ciphers.ENCRYPTION_AVAILABLE:
        return
    using = get_settings().DATABASE
    text = json.dumps(asdict(told), separators=(",", ":"))
    values = {
        **row,
        "id": uuid7(),
        "provider": provider_id,
        "expires_at": until,
        "sealed": ciphers.cipher(_PURPOSE).encrypt(text.encode()).decode(),
    }

    def write() -> None:
        for left in reversed(range(TRIES)):
            try:
                _insert.run_numbered(using, values, most=MOST_EXCHANGES)
            except IntegrityError:
                if not left:
                    raise
            except DatabaseError as error:
                if not left or cause_of(error) is not Cause.CONFLICT:
                    raise
            else:
                return

    write_aside(using, "A recorded SCIM request", write)


@sensitive_variables()
def unsealed(row: RecordedExchange) -> Recorded | None:
    """Return what was kept; None where its time is over or no key of today opens it."""
    if not ciphers.ENCRYPTION_AVAILABLE or utc(row.expires_at) <= utc_now():
        return None
    text = ciphers.decrypted(_PURPOSE, row.sealed)
    return None if text is None else Recorded(**json.loads(text))


def kept_of(provider_id: Any) -> QuerySet[RecordedExchange]:
    """Return what is kept of a connection, in its order."""
    rows = RecordedExchange.objects.using(get_settings().DATABASE)
    return rows.filter(provider=provider_id, expires_at__gt=utc_now()).order_by("number")


def forget_expired(connection: ProviderConnection | None = None) -> int:
    """Delete what has been kept for its time, and return how many they were."""
    rows = RecordedExchange.objects.using(get_settings().DATABASE)
    if connection is not None:
        rows = rows.filter(provider=connection.provider_id)
    return rows.filter(expires_at__lte=utc_now()).delete()[0]


def end_of_time(provider_id: str) -> None:
    """Forget what a recording has kept whose time is over; the token look-up asks no more then."""
    using, now = get_settings().DATABASE, utc_now()

    def write() -> None:
        rows = RecordedExchange.objects.using(using).filter(**{"provider_id": provider_id})
        rows.filter(expires_at__lte=now).delete()
        connections = ProviderConnection.objects.using(using).filter(provider_id=provider_id)
        connections.filter(recording_until__lte=now).update(recording_until=None)

    write_aside(using, "The end of a recording of SCIM requests", write)
