"""Users whom all of the packages watch."""

from __future__ import annotations

from typing import Any

import reversion
from auditlog.registry import auditlog
from crum import get_current_user
from django.contrib.auth.models import AbstractUser
from django.db import models
from simple_history.models import HistoricalRecords


class Person(AbstractUser):
    changed_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    history = HistoricalRecords()

    class Meta:
        app_label = "people"

    def save(self, *args: Any, **kwargs: Any) -> None:
        user = get_current_user()
        self.changed_by = user if user and user.pk else None
        super().save(*args, **kwargs)


reversion.register(Person)
auditlog.register(Person)
