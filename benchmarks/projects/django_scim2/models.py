"""Users and groups as django-scim2 asks for them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin


class Group(AbstractSCIMGroupMixin):  # type: ignore[misc]  # of a package that is not installed here
    """A group."""

    name = models.CharField(max_length=150)

    def __str__(self) -> str:
        return self.name


class User(AbstractSCIMUserMixin, AbstractBaseUser):  # type: ignore[misc]  # likewise
    """A person."""

    username = models.CharField(max_length=150, unique=True)
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    groups: Any = models.ManyToManyField(Group, related_name="user_set")

    USERNAME_FIELD: ClassVar[str] = "username"
    objects: ClassVar[Any] = BaseUserManager()

    def __str__(self) -> str:
        return self.username

    @property
    def scim_groups(self) -> Any:
        """What the package asks for."""
        return self.groups
