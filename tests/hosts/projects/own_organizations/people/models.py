"""Companies and who works there."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Organization(models.Model):
    slug = models.SlugField(primary_key=True)
    is_open = models.BooleanField(default=True)

    class Meta:
        app_label = "people"

    def __str__(self) -> str:
        return self.slug


class Membership(models.Model):
    """No row without the day on which somebody joined."""

    class Kind(models.TextChoices):
        OWNER = "Ω", "Owner"
        MANAGER = "A+", "Manager"
        EMPLOYEE = "E", "Employee"

    company = models.ForeignKey(Organization, on_delete=models.CASCADE)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    kind = models.CharField(max_length=2, choices=Kind.choices)
    valid = models.BooleanField()
    joined_on = models.DateField()

    class Meta:
        app_label = "people"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "person"], name="people_once")
        ]

    def __str__(self) -> str:
        return f"{self.company}: {self.person}"
