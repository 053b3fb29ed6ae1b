"""Users whose address is theirs alone."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class Resident(AbstractUser):
    """Django's own user, with an address that no other has."""

    id = models.BigAutoField(primary_key=True)
    email = models.EmailField(unique=True)

    class Meta:
        app_label = "unique_address"
