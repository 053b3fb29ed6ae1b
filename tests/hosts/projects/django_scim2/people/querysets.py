"""Whose people and teams are whose: the command is told so for each connection."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model


def people_of_okta() -> Any:
    return get_user_model().objects.filter(username__endswith="@okta1.example.com")


def people_of_entra() -> Any:
    return get_user_model().objects.filter(username__endswith="@entra1.example.com")


def teams() -> Any:
    return apps.get_app_config("people").get_model("Team")._default_manager


def teams_of_okta() -> Any:
    return teams().filter(name__contains=" of okta1")


def teams_of_entra() -> Any:
    return teams().filter(name__contains=" of entra1")
