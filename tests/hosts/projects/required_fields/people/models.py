"""Users of whom more is needed than an identity provider says by itself."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class Person(AbstractUser):
    birth = models.DateField()
    badge = models.CharField(max_length=20, unique=True)

    REQUIRED_FIELDS: ClassVar = ["birth", "badge"]

    class Meta:
        app_label = "people"
