"""Printers, what points at them, and roles that are neither groups nor memberships."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from django_scim_provider.models import AbstractResource, ExactCharField, FoldedKeyField


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


class Scanner(AbstractResource):
    """A scanner, with a column of each kind that filters can use."""

    serial_number = ExactCharField(max_length=20)
    name = models.CharField(max_length=64, null=True)  # noqa: DJ001 - a name need not be known
    name_key = FoldedKeyField(source="name", max_length=128, null=True)
    maker = models.CharField(max_length=64, null=True)  # noqa: DJ001 - as above
    maker_key = FoldedKeyField(source="maker", max_length=128, null=True)
    floor = models.BigIntegerField(null=True)
    weight = models.FloatField(null=True)
    in_colour = models.BooleanField(null=True)
    bought_at = models.DateTimeField(null=True)

    class Meta(AbstractResource.Meta):
        abstract = False
        indexes: ClassVar = [
            *AbstractResource.Meta.indexes,
            models.Index(fields=["provider", "serial_number"]),
            models.Index(fields=["provider", "name_key"]),
            models.Index(fields=["provider", "floor"]),
        ]

    def __str__(self) -> str:
        return str(self.serial_number)


class Licence(AbstractResource):
    """A licence, whose name may be there once in a connection, in whatever case."""

    name = models.CharField(max_length=64)
    name_key = FoldedKeyField(source="name", max_length=128)

    class Meta(AbstractResource.Meta):
        abstract = False
        constraints: ClassVar = [
            *AbstractResource.Meta.constraints,
            models.UniqueConstraint(
                fields=["provider", "name_key"], name="inventory_licence_name_key"
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)
