"""Users whose primary key is a UUID."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class UUIDUser(AbstractBaseUser):
    """A user name, names and an address, under a UUID."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=255, unique=True)
    email = models.EmailField(blank=True)
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[BaseUserManager["UUIDUser"]] = BaseUserManager()

    USERNAME_FIELD = "username"

    class Meta:
        app_label = "uuid_user"
