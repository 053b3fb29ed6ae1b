"""Ignoring a failure, and taking it up again."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.conf import get_settings
from django_scim_provider.models import Failure
from django_scim_provider.models.moments import utc_now
from django_scim_provider.storage.events import record_management
from django_scim_provider.storage.transactions import in_transaction

STATES = Failure.State
MARKS = {
    "ignore": (STATES.OPEN, STATES.IGNORED, "ignore_failure"),
    "reopen": (STATES.IGNORED, STATES.OPEN, "reopen_failure"),
}
"""By what the address calls it: from which state to which, and what events call it."""


def mark_failure(failure: Failure, asked: str, *, actor: AbstractBaseUser) -> bool:
    """Do what one of ``MARKS`` says, with an event; tell whether the failure was in that state."""
    using, provider_id = get_settings().DATABASE, str(failure.provider_id)
    before, after, action = MARKS[asked]
    rows = Failure.objects.using(using).filter(pk=failure.pk, state=before)
    ended = utc_now() if after is STATES.IGNORED else None

    def work() -> bool:
        if not rows.update(state=after, ended_at=ended):
            return False
        record_management(
            using,
            provider_id,
            action,
            actor_id=actor.pk,
            resource_type=failure.resource_type,
            resource_id=failure.resource_id,
        )
        return True

    return in_transaction(using, provider_id, work)
