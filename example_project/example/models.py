"""What the example's people and things are, beyond what Django knows."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models

from django_scim_provider.models import AbstractResource, ExactCharField, FoldedKeyField


class User(AbstractUser):
    """A person; the identity provider says which badge opens the door, and where the desk is."""

    badge_number = models.CharField(max_length=64, blank=True)
    desk = models.CharField(max_length=64, blank=True)


class Device(AbstractResource):
    """A device that an identity provider keeps the inventory of."""

    serial_number = ExactCharField(max_length=64)
    name = models.CharField(max_length=128, blank=True)
    name_key = FoldedKeyField(source="name", max_length=255, null=True)

    class Meta(AbstractResource.Meta):
        abstract = False
        constraints: ClassVar = [
            *AbstractResource.Meta.constraints,
            models.UniqueConstraint(
                fields=["provider", "serial_number"], name="example_device_serial_number"
            ),
        ]
        indexes: ClassVar = [
            *AbstractResource.Meta.indexes,
            models.Index(fields=["provider", "name_key"]),
        ]

    def __str__(self) -> str:
        return self.name or self.serial_number
