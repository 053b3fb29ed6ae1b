"""Companies, their people, and the badges that open their doors."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models

from django_scim_provider.models import AbstractResource, ExactCharField


class Company(models.Model):
    """A customer; its key is the id of its connection."""

    slug = models.SlugField(primary_key=True)
    seats = models.IntegerField(default=2)

    def __str__(self) -> str:
        return self.slug


class Person(AbstractUser):
    """Somebody of one company."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, null=True, on_delete=models.PROTECT)


class Badge(AbstractResource):
    """What opens a door."""

    number = ExactCharField(max_length=20)

    class Meta(AbstractResource.Meta):
        abstract = False
        indexes: ClassVar = [
            *AbstractResource.Meta.indexes,
            models.Index(fields=["provider", "number"], name="customers_badge_number"),
        ]

    def __str__(self) -> str:
        return str(self.number)
