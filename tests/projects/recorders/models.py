"""Users with a history, an audit log, versions, and a column for who changed them last."""

from __future__ import annotations

from typing import Any

import reversion
from auditlog.registry import auditlog
from crum import get_current_user
from django.contrib.auth.models import AbstractUser
from django.db import models
from simple_history.models import HistoricalRecords


class Person(AbstractUser):
    """Django's own user, watched by all of them."""

    changed_by = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="changed"
    )
    history = HistoricalRecords(excluded_fields=["changed_by"])

    class Meta:
        app_label = "recorders"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Note who does it, as django-crum's documentation shows."""
        user = get_current_user()
        self.changed_by = user if user and user.pk else None
        super().save(*args, **kwargs)


reversion.register(Person)
auditlog.register(Person)
