"""Bearer tokens of connections."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models.connections import ProviderConnection
from django_scim_provider.models.fields import ExactCharField
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import MomentField, utc_now


class SCIMTokenQuerySet(models.QuerySet["SCIMToken"]):
    """Tokens by their state."""

    def live(self, now: datetime | None = None) -> SCIMTokenQuerySet:
        """Return the tokens that are neither revoked nor expired."""
        return self.filter(live_at(now or utc_now()))


def live_at(now: datetime) -> Q:
    """Return the condition of tokens that are neither revoked nor expired."""
    return Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))


class SCIMToken(models.Model):
    """A token that an identity provider holds; the secret is kept in stored form only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(
        ProviderConnection,
        to_field="provider_id",
        db_column="provider_id",
        on_delete=models.CASCADE,
        related_name="tokens",
        verbose_name=_("connection"),
    )
    lookup = ExactCharField(_("lookup id"), max_length=8, unique=True, editable=False)
    secret = models.TextField(_("stored secret"), editable=False)
    label = models.CharField(_("label"), max_length=255, blank=True)
    scopes: models.JSONField[Any, Any] = models.JSONField(
        _("scopes"), default=list, blank=True, help_text=_("An empty list means all scopes.")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = MomentField(_("created at"), auto_now_add=True)
    expires_at = MomentField(_("expires at"), null=True, blank=True)
    revoked_at = MomentField(_("revoked at"), null=True, blank=True, editable=False)
    last_used_at = MomentField(_("last used at"), null=True, blank=True, editable=False)

    objects = SCIMTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("SCIM token")
        verbose_name_plural = _("SCIM tokens")
        ordering: ClassVar = ["-created_at"]
        permissions: ClassVar = [
            ("rotate_scimtoken", "Can rotate SCIM tokens"),
            ("revoke_scimtoken", "Can revoke SCIM tokens"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} ({self.lookup}…)"
