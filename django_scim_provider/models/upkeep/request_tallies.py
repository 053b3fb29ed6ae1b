"""How many requests the days of a connection had that are over."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models.connections import connection_key
from django_scim_provider.models.keys import uuid7


class RequestTally(models.Model):
    """The latest days of a connection, counted once: a day that is over gets no more events.

    It holds numbers, kinds of requests, and keys of events: nothing that people sent. Whoever reads
    it counts what is missing, so that no request of an identity provider writes it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = connection_key("+")
    until = models.DateField()
    """The day in UTC before which all days are counted."""
    days: models.JSONField[list[list[int]], list[list[int]]] = models.JSONField(default=list)
    """For each of the days before ``until``, the oldest first: how many requests were done, how
    many refused, and how many failed."""
    kinds: models.JSONField[list[Any], list[Any]] = models.JSONField(default=list)
    """For each of these days a list of its kinds, at most so many, the most frequent first: action,
    resource type, outcome, status, ``scimType``, and how many there were."""
    failures: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """The keys of the latest events of these days that were refused or failed, newest first."""

    class Meta:
        verbose_name = _("tally of requests")
        verbose_name_plural = _("tallies of requests")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider"], name="scim_tally_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.until}"
