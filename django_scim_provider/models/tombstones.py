"""Tombstones: what is remembered of accounts that were deleted while their users live on."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_scim_provider.core.schemas.definitions import MAX_NAME_LENGTH
from django_scim_provider.core.validation.lengths import GROWTH
from django_scim_provider.models.connections import ProviderConnection
from django_scim_provider.models.fields import ExactCharField
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import MomentField


class Tombstone(models.Model):
    """A deleted account, by which one of the same name finds its user again.

    Where both have an ``externalId``, that has to be the same; alone it finds nobody.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(
        ProviderConnection,
        to_field="provider_id",
        db_column="provider_id",
        db_index=False,  # every constraint and index below starts with it
        on_delete=models.PROTECT,  # a provider id stays taken while anything belongs to it
        related_name="tombstones",
        verbose_name=_("connection"),
    )
    external_id = ExactCharField(_("external id"), max_length=MAX_NAME_LENGTH, null=True)
    account_id = ExactCharField(_("account id"), max_length=GROWTH * MAX_NAME_LENGTH)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("user"),
    )
    created_user = models.BooleanField(_("created the user"))
    manages_profile = models.BooleanField(_("manages the profile"))
    deactivated_user = models.BooleanField(
        _("deactivated the user"),
        help_text=_(
            "Whether the deletion deactivated the user, so that a return may reactivate them."
        ),
    )
    created_at = MomentField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("tombstone")
        verbose_name_plural = _("tombstones")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "user"], name="scim_tombstone_user"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["provider", "account_id"], name="scim_tombstone_key"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
