"""Connections: one tenant's link to one identity provider."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_scim_provider.conf import get_settings
from django_scim_provider.core.folding import fold
from django_scim_provider.models.connection_profiles import (
    MAX_NAME_LENGTH,
    profile_choices,
    validate_switches,
)
from django_scim_provider.models.fields import ExactCharField, FoldedKeyField
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import MomentField
from django_scim_provider.validators import MAX_ID_LENGTH, validate_wire_part


class ProviderConnectionQuerySet(models.QuerySet["ProviderConnection"]):
    """Connections by their state."""

    def usable(self) -> ProviderConnectionQuerySet:
        """Return the connections whose tokens open something."""
        return self.filter(enabled=True, decommissioned_at=None)


class ProviderConnection(models.Model):
    """One tenant's link to one identity provider.

    ``provider_id`` never changes, and only the owner or organization that had it can take it up
    again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider_id = ExactCharField(
        _("provider id"),
        max_length=MAX_ID_LENGTH,
        unique=True,
        validators=[validate_wire_part],
        help_text=_("Part of the connection's tokens; it cannot be changed later."),
    )
    provider_key = FoldedKeyField(source="provider_id", max_length=MAX_ID_LENGTH, unique=True)
    """Two connections never differ by case or width of letters only."""
    organization_id = ExactCharField(
        _("organization id"),
        max_length=MAX_ID_LENGTH,
        null=True,
        blank=True,
        validators=[validate_wire_part],
        help_text=_("The organization whose members the connection provisions, if any."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="scim_connections",
        verbose_name=_("owner"),
    )
    name = models.CharField(_("name"), max_length=255, blank=True)
    profile = models.CharField(
        _("profile"), max_length=MAX_NAME_LENGTH, default="generic", choices=profile_choices
    )
    profile_switches: models.JSONField[Any, Any] = models.JSONField(
        _("switches"),
        default=dict,
        blank=True,
        validators=[validate_switches],
        help_text=_("What is on or off whatever the profile says, as names with true or false."),
    )
    """Read whole and never looked into by SQL, which databases do in different ways."""
    enabled = models.BooleanField(_("enabled"), default=True)
    decommissioned_at = MomentField(_("decommissioned at"), null=True, blank=True, editable=False)
    drift_count = models.PositiveIntegerField(_("drift"), null=True, editable=False)
    """Accounts and groups that differed from the project when they were last compared."""
    drift_checked_at = MomentField(_("compared at"), null=True, editable=False)
    recording_until = MomentField(_("recorded until"), null=True, blank=True, editable=False)
    """Until then requests and answers are kept (``RecordedExchange``); None: they are not."""
    recording_most = models.PositiveSmallIntegerField(default=0, editable=False)
    """How many are kept at most."""
    created_at = MomentField(_("created at"), auto_now_add=True)
    updated_at = MomentField(_("updated at"), auto_now=True)

    objects = ProviderConnectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        ordering: ClassVar = ["provider_id"]
        permissions: ClassVar = [
            ("disable_providerconnection", "Can enable and disable connections"),
            ("decommission_providerconnection", "Can decommission connections"),
            ("repair_providerconnection", "Can repair what drifted from connections"),
            ("export_providerconnection", "Can export people and groups of connections"),
        ]

    def __str__(self) -> str:
        return self.name or self.provider_id

    @property
    def personal_owner_id(self) -> Any:
        """Return the key of the owner of a personal connection; one of an organization has none."""
        return self.owner_id if self.organization_id is None else None

    @property
    def is_usable(self) -> bool:
        """Tell whether its tokens open something."""
        return self.enabled and self.decommissioned_at is None

    def clean(self) -> None:
        """Refuse a ``provider_id`` that another one resembles but for case; the form cannot see it.

        Raises:
            ValidationError: there is one.
        """
        super().clean()
        rows = ProviderConnection.objects.using(get_settings().DATABASE)
        twins = rows.filter(provider_key=fold(self.provider_id))
        if twins.exclude(pk=self.pk).exists():
            raise ValidationError({"provider_id": _("This provider id is taken.")}, code="unique")


def connection_key(related_name: str) -> models.ForeignKey[ProviderConnection, ProviderConnection]:
    """Return the field of what goes with its connection, named by the id as on the wire.

    It has no index of its own: one of the model's begins with it.
    """
    return models.ForeignKey(
        ProviderConnection,
        to_field="provider_id",
        db_column="provider_id",
        db_index=False,
        on_delete=models.CASCADE,
        related_name=related_name,
        verbose_name=_("connection"),
    )
