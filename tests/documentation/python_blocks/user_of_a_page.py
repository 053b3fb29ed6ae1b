"""A user model with the fields that a page maps, of which no table is made."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.test.utils import isolate_apps


@isolate_apps("tests.inventory")
def mapped_user() -> Any:
    """Return the model; a row of a profile is beside each of its users."""

    class Person(AbstractBaseUser):
        username = models.CharField(max_length=100, unique=True)
        email = models.EmailField()
        is_active = models.BooleanField(default=True)
        job_title = models.CharField(max_length=100, blank=True)
        phone = models.CharField(max_length=20, blank=True)
        kind = models.CharField(max_length=1, choices={"E": "Employee", "C": "Contractor"})
        language = models.CharField(max_length=10, blank=True)
        nick_name = models.CharField(max_length=100, blank=True)

        USERNAME_FIELD = "username"
        EMAIL_FIELD = "email"
        REQUIRED_FIELDS: ClassVar = []

        class Meta:
            app_label = "inventory"

    class Profile(models.Model):
        person = models.OneToOneField(Person, models.CASCADE, related_name="profile")
        department = models.CharField(max_length=100, blank=True)
        cost_center = models.CharField(max_length=100, blank=True)

        class Meta:
            app_label = "inventory"

        def __str__(self) -> str:
            return self.department

    assert Profile in {each.related_model for each in Person._meta.related_objects}
    return Person
