"""Provisioning events: who changed what, and how it went."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models.connections import ProviderConnection
from django_scim_provider.models.fields import ExactCharField


class ProvisioningEvent(models.Model):
    """One change, done or refused.

    It names ids and attributes and holds no value of them: no body, token, name or address.
    """

    class Outcome(models.TextChoices):
        """How a change ended."""

        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("failed")

    at = models.DateTimeField(_("at"))
    provider = models.ForeignKey(
        ProviderConnection,
        to_field="provider_id",
        db_column="provider_id",
        db_index=False,  # the index starts with it
        on_delete=models.CASCADE,
        related_name="events",
        verbose_name=_("connection"),
    )
    token_id = models.UUIDField(_("token"), null=True)
    """The key of the ``SCIMToken`` behind a change by an identity provider."""
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("person"),
    )
    """Who made a change that is not an identity provider's."""
    action = models.CharField(_("action"), max_length=32)
    resource_type = ExactCharField(_("resource type"), max_length=64, blank=True)
    resource_id = ExactCharField(_("resource id"), max_length=64, blank=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    scim_type = models.CharField(_("scimType"), max_length=32, blank=True)
    changed = models.TextField(_("changed attributes"), blank=True)
    """Names of top-level attributes, with commas between."""
    request_id = models.CharField(_("request id"), max_length=64, blank=True)
    duration = models.PositiveIntegerField(_("milliseconds"), null=True)

    class Meta:
        verbose_name = _("provisioning event")
        verbose_name_plural = _("provisioning events")
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["provider", "at"], name="scim_event_order")]

    def __str__(self) -> str:
        return f"{self.action} {self.resource_type} {self.resource_id}".strip()
