"""Names and ``externalId`` of people who were refused: encrypted, and for some days only.

Nothing else reads or writes them: no log, no event, no export.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from django_scim_provider import ciphers
from django_scim_provider.conf import get_settings
from django_scim_provider.models import Failure
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.storage.failures.subjects import Subject

MAX_LENGTH = 128
"""Characters of each that are kept."""
_PURPOSE = "django_scim_provider.storage.failures"


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Who was refused, cut; without a ``repr``, as it names people."""

    name: str
    external_id: str

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing was cut."""
        return max(len(self.name), len(self.external_id)) < MAX_LENGTH


def are_kept() -> bool:
    """Tell whether the project keeps who was refused, and can."""
    return get_settings().FAILED_IDENTITIES > 0 and ciphers.ENCRYPTION_AVAILABLE


@sensitive_variables()
def sealed(subject: Subject, now: datetime) -> tuple[str, datetime | None]:
    """Return what is stored of who it is and until when: ``""`` and None for nothing."""
    if not are_kept() or not (subject.name or subject.external_id):
        return "", None
    told = [subject.name[:MAX_LENGTH], subject.external_id[:MAX_LENGTH]]
    text = ciphers.cipher(_PURPOSE).encrypt(json.dumps(told).encode()).decode()
    return text, now + timedelta(days=get_settings().FAILED_IDENTITIES)


@sensitive_variables()
def identity_of(failure: Failure) -> Identity | None:
    """Return who it is; None where that is not kept, not any more, or cannot be read."""
    until = failure.identity_until
    if not failure.identity or until is None or utc(until) <= utc_now() or not are_kept():
        return None
    # A project that shortens the time means those that it has as well.
    days = timedelta(days=get_settings().FAILED_IDENTITIES)
    if utc(failure.last_at) + days <= utc_now():
        return None
    text = ciphers.decrypted(_PURPOSE, failure.identity)
    return None if text is None else Identity(*json.loads(text))


def forget_identities(failures: QuerySet[Failure]) -> int:
    """Delete who it is from failures, and return of how many."""
    return failures.exclude(identity_until=None).update(**FORGOTTEN)


FORGOTTEN: Mapping[str, str | None] = {"identity": "", "identity_until": None}
"""What the columns hold when nothing is kept."""
