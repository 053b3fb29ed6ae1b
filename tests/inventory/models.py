"""Printers, what points at them, and roles that are neither groups nor memberships."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from django_scim_provider.models import AbstractResource


class InUse(models.Manager["Printer"]):
    """Hides what was scrapped: that has no shelf any more, which is 0."""

    def get_queryset(self) -> models.QuerySet[Printer]:
        """Return the printers in use."""
        return super().get_queryset().exclude(shelf=0)


class Printer(AbstractResource):
    """A printer."""

    serial_number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=64, default="unnamed")
    floor = models.IntegerField(null=True)
    shelf = models.IntegerField()

    objects = InUse()
    everything: ClassVar[models.Manager[Printer]] = models.Manager()

    class Meta(AbstractResource.Meta):
        abstract = False


class Cartridge(models.Model):
    """What keeps a printer from being deleted."""

    printer = models.ForeignKey(Printer, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return str(self.pk)


class Assignment(models.Model):
    """A role of a user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    role = models.CharField(max_length=20)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "role"], name="inventory_assignment_once"),
        ]

    def __str__(self) -> str:
        return self.role
