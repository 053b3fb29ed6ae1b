"""Printers, and what points at them."""

from __future__ import annotations

from django.db import models

from django_scim_provider.models import AbstractResource


class Printer(AbstractResource):
    """A printer."""

    serial_number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=64, default="unnamed")
    floor = models.IntegerField(null=True)
    shelf = models.IntegerField()

    class Meta(AbstractResource.Meta):
        abstract = False


class Cartridge(models.Model):
    """What keeps a printer from being deleted."""

    printer = models.ForeignKey(Printer, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return str(self.pk)
