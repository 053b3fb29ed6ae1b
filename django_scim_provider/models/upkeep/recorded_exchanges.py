"""Requests of a connection with their answers, kept for some hours while it is looked into."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models.connections import connection_key
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import MomentField

MOST_EXCHANGES = 1000
"""Exchanges of one connection that are kept at most; the database refuses more."""


class RecordedExchange(models.Model):
    """A request and its answer, without secrets and encrypted; ``storage.recorder`` has both ways.

    In clear stand only what events hold as well: when, what kind of request, how it ended.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = connection_key("recorded_exchanges")
    number = models.PositiveSmallIntegerField(_("number"))
    """From 1, in the order in which the answers were made."""
    at = MomentField(_("at"))
    expires_at = MomentField(_("kept until"))
    operation = models.CharField(_("operation"), max_length=64)
    """Such as ``users.create``."""
    status = models.PositiveSmallIntegerField(_("HTTP status"))
    request_id = models.CharField(_("request id"), max_length=64, blank=True)
    duration = models.PositiveIntegerField(_("milliseconds"))
    sealed = models.TextField(editable=False)
    """The rest, encrypted."""

    class Meta:
        verbose_name = _("recorded request")
        verbose_name_plural = _("recorded requests")
        ordering: ClassVar = ["provider_id", "number"]
        default_permissions = ()
        permissions: ClassVar = [
            ("record_exchanges", "Can record requests of connections"),
            ("view_recorded_exchanges", "Can read recorded requests of connections"),
            ("replay_recorded_exchanges", "Can try recorded requests again"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "number"], name="scim_recorded_number"),
            models.CheckConstraint(
                condition=models.Q(number__gte=1, number__lte=MOST_EXCHANGES),
                name="scim_recorded_most",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="scim_recorded_expiry")]

    def __str__(self) -> str:
        return f"{self.number} {self.operation} {self.status}"
