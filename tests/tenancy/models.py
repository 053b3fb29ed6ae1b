"""A project's own organizations and memberships, as ``MembershipModelBackend`` takes them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Organization(models.Model):
    """A tenant."""

    id = models.CharField(primary_key=True, max_length=64)
    is_open = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.id


class Membership(models.Model):
    """What joins a user to a tenant."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    role = models.CharField(max_length=64, default="member")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "user"], name="tenancy_one_membership")
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.user_id}"


class Team(models.Model):
    """A part of a tenant."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return str(self.pk)


class TeamMember(models.Model):
    """What joins a user to a part of a tenant."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return str(self.pk)


class Invoice(models.Model):
    """Something of a user that must not vanish."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return str(self.pk)
