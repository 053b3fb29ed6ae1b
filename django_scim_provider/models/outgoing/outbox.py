"""The outbox: messages that wait for a webhook endpoint, written together with what they tell."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models.connections import ProviderConnection
from django_scim_provider.models.fields import ExactCharField
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import MomentField
from django_scim_provider.models.outgoing.webhook_endpoints import WebhookEndpoint

KEPT = timedelta(days=3)
"""How long messages that were delivered are kept, for the page to show."""
KEPT_LONG = timedelta(days=30)
"""The same of those that were given up, or could not go out."""


class OutboxMessage(models.Model):
    """One message for one endpoint.

    Messages about the same subject go out one after another, by ``version`` and key: the version is
    the resource's own, as clocks of several servers may differ. Neither reference is a constraint
    of the database: each write of a request would lock the endpoint's row.
    """

    class Fate(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", _("waiting")
        DONE = "done", _("delivered")
        DEAD = "dead", _("given up")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint,
        on_delete=models.CASCADE,
        db_index=False,  # the indexes start with it
        db_constraint=False,
        related_name="messages",
        verbose_name=_("webhook"),
    )
    provider = models.ForeignKey(
        ProviderConnection,
        to_field="provider_id",
        db_column="provider_id",
        on_delete=models.CASCADE,
        db_index=False,
        db_constraint=False,
        related_name="+",
        verbose_name=_("connection"),
    )
    kind = models.CharField(_("kind"), max_length=32)
    subject = ExactCharField(_("subject"), max_length=255)
    """The SCIM id of whom it is about; empty: the connection."""
    version = models.PositiveIntegerField(default=0)
    payload = models.TextField(_("payload"))
    """JSON, as it is sent."""
    at = MomentField(_("at"))
    state = models.CharField(_("state"), max_length=8, choices=Fate, default=Fate.WAITING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = MomentField(_("next attempt at"))
    ended_at = MomentField(_("ended at"), null=True)
    last_status = models.PositiveSmallIntegerField(_("last HTTP status"), null=True)
    last_problem = models.CharField(_("last problem"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(fields=["endpoint", "state", "id"], name="scim_outbox_queue"),
            models.Index(fields=["endpoint", "subject", "state"], name="scim_outbox_subject"),
            # What is due anywhere, and what ended long ago.
            models.Index(fields=["state", "next_attempt_at"], name="scim_outbox_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()
