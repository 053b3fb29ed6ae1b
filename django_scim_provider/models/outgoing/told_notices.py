"""What people were told of, so that they are told once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models.connections import connection_key
from django_scim_provider.models.fields import ExactCharField
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import MomentField


class Notice(models.Model):
    """Something about a connection that people should know; it is gone when that is over."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = connection_key("notices")
    kind = models.CharField(_("kind"), max_length=32)
    subject = ExactCharField(_("subject"), max_length=64, blank=True)
    """The key of a token, with the days that it had left; empty: the connection."""
    at = MomentField(_("since"))
    facts: models.JSONField[dict[str, object], dict[str, object]] = models.JSONField(default=dict)
    """Numbers and moments that the sentence names."""
    mailed_at = MomentField(_("mailed at"), null=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "kind", "subject"], name="scim_notice_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.provider_id}"


class Turn(models.Model):
    """Who of several processes does something that one has to do alone, and until when."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = ExactCharField(max_length=32)
    holder = models.UUIDField(null=True)
    until = MomentField()

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        constraints: ClassVar = [models.UniqueConstraint(fields=["name"], name="scim_turn_name")]

    def __str__(self) -> str:
        return str(self.name)
