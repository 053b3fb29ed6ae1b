"""People of whom a directory says more than a name, on their row and on one beside it."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class Person(AbstractUser):
    job_title = models.CharField(max_length=60, blank=True)
    nick_name = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=1, default="E", choices=[("E", "Employee"), ("G", "Guest")])
    language = models.CharField(max_length=10, default="en")
    phone = models.CharField(max_length=30, blank=True)
    mobile = models.CharField(max_length=30, blank=True)
    number = models.PositiveIntegerField(null=True, unique=True)
    chats = models.JSONField(default=list, blank=True)


class Profile(models.Model):
    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="profile")
    department = models.CharField(max_length=60, blank=True)
    cost_center = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=60, blank=True)
    web_site = models.URLField(blank=True)

    def __str__(self) -> str:
        return self.department
