"""Which values of extensions and own types belong to one resource alone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models.connections import ProviderConnection
from django_scim_provider.models.fields import ExactCharField
from django_scim_provider.models.keys import uuid7

DIGEST_LENGTH = 64
MAX_TYPE_LENGTH = 64


class UniqueValue(models.Model):
    """A value that no two resources of a type in a connection may have, so that one insert wins.

    The row knows its resource by key alone: one whose resource is gone, or has the value no longer,
    keeps nothing from anybody (``storage.unique_index``).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(
        ProviderConnection,
        to_field="provider_id",
        db_column="provider_id",
        db_index=False,  # the constraint starts with it
        on_delete=models.CASCADE,
        related_name="+",
    )
    resource_type = ExactCharField(max_length=MAX_TYPE_LENGTH)
    holder = models.UUIDField()
    """The key of the resource's row."""
    digest = ExactCharField(max_length=DIGEST_LENGTH)
    """Of the resource type, the attribute and the value as filters compare it: of one length,
    where a value may have any."""

    class Meta:
        verbose_name = _("unique value")
        verbose_name_plural = _("unique values")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "digest"], name="scim_unique_value"),
        ]
        indexes: ClassVar = [models.Index(fields=["holder"], name="scim_unique_holder")]

    def __str__(self) -> str:
        return str(self.pk)
