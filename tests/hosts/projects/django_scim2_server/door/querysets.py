"""Whose people and groups are whose: the command is told so for each connection."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, User


def people_of_okta() -> Any:
    return User.objects.filter(username__endswith="@okta1.example.com")


def people_of_entra() -> Any:
    return User.objects.filter(username__endswith="@entra1.example.com")


def teams_of_okta() -> Any:
    return Group.objects.filter(name__contains=" of okta1")


def teams_of_entra() -> Any:
    return Group.objects.filter(name__contains=" of entra1")
