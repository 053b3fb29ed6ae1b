"""Webhook endpoints: the addresses that are told of changes and of trouble."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, Q
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models.connections import ProviderConnection
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import MomentField

MAX_ADDRESS_LENGTH = 1000


class MessageKind(models.TextChoices):
    """What a message tells."""

    USER_PROVISIONED = "user.provisioned", _("a person was provisioned")
    USER_UPDATED = "user.updated", _("a person was changed")
    USER_DEACTIVATED = "user.deactivated", _("a person was deactivated")
    USER_DEPROVISIONED = "user.deprovisioned", _("a person was removed")
    GROUP_CHANGED = "group.changed", _("a group was made, changed or removed")
    TOKEN_EXPIRING = "token.expiring", _("a token is about to expire")
    CONNECTION_SILENT = "connection.silent", _("a connection is silent")
    CONNECTION_FAILING = "connection.failing", _("requests of a connection fail")
    CONNECTION_DRIFT = "connection.drift", _("the project differs from the identity provider")
    TEST = "webhook.test", _("a test")


CHOSEN = tuple(kind for kind in MessageKind if kind is not MessageKind.TEST)
"""The kinds that an endpoint may ask for; a test goes to any."""


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    """Endpoints by whom they hear of."""

    def hearing_of(self, provider_id: str | F) -> WebhookEndpointQuerySet:
        """Return the enabled ones that are told of a connection."""
        return self.filter(Q(provider=provider_id) | Q(provider=None), enabled=True)


class WebhookEndpoint(models.Model):
    """An address outside of the project, with the secret that signs what is sent there.

    Secrets stand here encrypted. The columns of its queue are the senders': no address is tried
    while ``paused_until`` is ahead, and one sender at a time holds ``lease``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(
        ProviderConnection,
        to_field="provider_id",
        db_column="provider_id",
        db_index=False,  # in Meta, where it is named
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="webhooks",
        verbose_name=_("connection"),
    )
    """None: it is told of all connections of the project."""
    address = models.CharField(_("address"), max_length=MAX_ADDRESS_LENGTH)
    secret = models.TextField(_("encrypted secret"), editable=False)
    previous_secret = models.TextField(_("encrypted earlier secret"), blank=True, editable=False)
    previous_until = MomentField(_("earlier secret signs until"), null=True, editable=False)
    kinds = models.CharField(_("kinds"), max_length=255, blank=True)
    """With commas between them and around them, for SQL to look into; empty: all."""
    enabled = models.BooleanField(_("enabled"), default=True)
    gone_at = MomentField(_("said that it is gone at"), null=True, editable=False)
    """When the receiver answered 410, which disables the endpoint."""
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = MomentField(_("created at"), auto_now_add=True)
    lease = models.UUIDField(null=True, editable=False)
    leased_until = MomentField(null=True, editable=False)
    turn_at = MomentField(null=True, editable=False)
    """When a sender took it up last: who waits longest comes next."""
    paused_until = MomentField(_("paused until"), null=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    last_status = models.PositiveSmallIntegerField(_("last HTTP status"), null=True, editable=False)
    last_problem = models.CharField(_("last problem"), max_length=64, blank=True, editable=False)
    last_success_at = MomentField(_("last success"), null=True, editable=False)
    last_failure_at = MomentField(_("last failure"), null=True, editable=False)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering: ClassVar = ["pk"]
        permissions: ClassVar = [("manage_webhooks", "Can manage webhooks")]
        indexes: ClassVar = [models.Index(fields=["provider"], name="scim_webhook_provider")]

    def __str__(self) -> str:
        return self.address

    @property
    def chosen_kinds(self) -> tuple[str, ...]:
        """Return the kinds that it is told of."""
        if not self.kinds:
            return tuple(kind.value for kind in CHOSEN)
        return tuple(self.kinds.strip(",").split(","))


def kinds_text(kinds: Iterable[str]) -> str:
    """Return kinds as the column has them; all of them are none."""
    chosen = set(kinds)
    if chosen == {kind.value for kind in CHOSEN}:
        return ""
    return "".join(["," + kind for kind in sorted(chosen)]) + ","


def has_webhooks(provider_id: F) -> Exists:
    """Return the expression whether anybody is told of the connection that a query looks at."""
    return Exists(WebhookEndpoint.objects.hearing_of(provider_id).order_by())
