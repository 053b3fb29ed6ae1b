"""Users in two tables, under names that have to be quoted, with an address of any length."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class Person(AbstractUser):
    """Whoever there is; the names of its table and columns are those of an older database."""

    username = models.CharField(max_length=150, unique=True, db_column="Log-in Name")
    email = models.TextField(blank=True, db_column="E-Mail")
    is_staff = models.BooleanField(default=False, db_column="select")

    class Meta:
        app_label = "odd_user"
        db_table = "All People"


class Employee(Person):
    """Who can log in: the user model, whose names are in the table of its parent."""

    room: ClassVar = models.CharField(max_length=20, blank=True)

    EMAIL_FIELD = "email"

    class Meta:
        app_label = "odd_user"
        db_table = "order"
