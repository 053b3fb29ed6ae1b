"""Users with fields of the project's own, and rows beside them."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models


class Person(AbstractUser):
    """Fields of each kind that attributes go into and come from."""

    job_title = models.CharField(max_length=10, blank=True)
    kind = models.CharField(max_length=1, choices=[("E", "Employee"), ("C", "Contractor")])
    hired = models.DateField(null=True, blank=True)
    badge = models.CharField(max_length=10, null=True, unique=True)  # noqa: DJ001 - unique where given
    numbers = models.JSONField(default=list, blank=True)
    building = models.CharField(max_length=20, blank=True)
    phone = models.CharField(max_length=20, blank=True, validators=[RegexValidator(r"^\+?[\d ]+$")])
    boss = models.ForeignKey("self", null=True, on_delete=models.SET_NULL)

    class Meta:
        app_label = "mapped"


class Profile(models.Model):
    """What a row beside the user holds."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="profile")
    department = models.CharField(max_length=20, blank=True)
    desk = models.CharField(max_length=10, null=True, unique=True)  # noqa: DJ001 - unique where given
    touched = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "mapped"

    def __str__(self) -> str:
        return self.department


class Strict(models.Model):
    """A row beside the user that needs what nobody gives."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE)
    floor = models.IntegerField()
    room = models.CharField(max_length=10)

    class Meta:
        app_label = "mapped"

    def __str__(self) -> str:
        return self.room
