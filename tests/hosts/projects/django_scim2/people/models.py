"""People and teams as django-scim2 asks for them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin


class Team(AbstractSCIMGroupMixin, models.Model):  # type: ignore[misc]  # without types
    name = models.CharField(max_length=150)

    class Meta:
        app_label = "people"

    def __str__(self) -> str:
        return str(self.name)


class Person(AbstractSCIMUserMixin, AbstractUser):  # type: ignore[misc]  # likewise
    teams: Any = models.ManyToManyField(Team, related_name="user_set")

    class Meta:
        app_label = "people"

    @property
    def scim_groups(self) -> Any:
        return self.teams
