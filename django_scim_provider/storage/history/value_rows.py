"""Values before and after a change: encrypted, for some days only, and where the project wants it.

Nothing else reads or writes them: no log, no export, no webhook. Secrets are never among them: they
are taken from what is stored, which has none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.views.decorators.debug import sensitive_variables

from django_scim_provider import ciphers
from django_scim_provider.conf import get_settings
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.stored_text import content
from django_scim_provider.models import EventValues
from django_scim_provider.models.keys import least_key_of
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.storage.sql.statements.compiled_writes import Delete, Insert
from django_scim_provider.storage.sql.statements.writes import Writes

MAX_LENGTH = 500
"""Characters of a value that are kept."""
_PURPOSE = "django_scim_provider.storage.history"
insert_values = Insert(EventValues, ("event", "subject", "text", "until"))
_delete = Delete(EventValues, "subject")


class KeptValue(NamedTuple):
    """What an attribute held before and after, as JSON that may be cut; None for nothing."""

    name: str
    before: str | None
    after: str | None

    @property
    def short_name(self) -> str:
        """Return the name without the schema of an extension."""
        return self.name.rpartition(":")[2]


def are_kept() -> bool:
    """Tell whether the project keeps values, and can."""
    return get_settings().EVENT_VALUES > 0 and ciphers.ENCRYPTION_AVAILABLE


@sensitive_variables()
def value_row(
    event: UUID, subject: UUID, names: Iterable[str], before: str, after: str
) -> dict[str, Any] | None:
    """Return the row of what the attributes of these names held; None where none is kept.

    ``before`` and ``after`` are the texts of the resource that are stored.
    """
    if not are_kept():
        return None
    old, new = content(before), content(after)
    told = [
        (name, _shown(old, name), _shown(new, name))
        for name in sorted(names)
        if _shown(old, name) != _shown(new, name)
    ]
    if not told:
        return None
    text = ciphers.cipher(_PURPOSE).encrypt(json.dumps(told).encode()).decode()
    days = timedelta(days=get_settings().EVENT_VALUES)
    return {"event": event, "subject": subject, "text": text, "until": utc_now() + days}


def forget_with(writes: Writes, subject: UUID) -> None:
    """Delete what is kept of an account or group together with it."""
    if are_kept():
        writes.delete(_delete, subject)


def forget_values(using: str, subjects: Sequence[UUID]) -> None:
    """Delete what is kept of accounts or groups that are gone."""
    EventValues.objects.using(using).filter(subject__in=subjects).delete()


@sensitive_variables()
def values_of(kept: EventValues) -> list[KeptValue]:
    """Return what is kept; nothing any more once its days are over or it cannot be read."""
    days = timedelta(days=get_settings().EVENT_VALUES)
    # A project that shortens the time means those that it has as well.
    oldest = least_key_of(utc_now() - days)
    if not are_kept() or utc(kept.until) <= utc_now() or kept.event_id < oldest:
        return []
    text = ciphers.decrypted(_PURPOSE, kept.text)
    return [] if text is None else [KeptValue(*each) for each in json.loads(text)]


def _shown(resource: Resource, name: str) -> str | None:
    """Return the value of an attribute by its name, as ``changed_names`` has it."""
    urn, _, short = name.rpartition(":")
    value = resource.get(urn, {}).get(short) if urn else resource.get(name)
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"
