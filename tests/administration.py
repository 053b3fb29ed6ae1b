"""What tests of the admin do over and over."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from django_scim_provider.models import ProviderConnection
from django_scim_provider.models.keys import uuid7


def url(model: type, page: str, *arguments: Any) -> str:
    return reverse(f"admin:scim_provider_{model.__name__.lower()}_{page}", args=arguments)


def staff(name: str, *permissions: str, **fields: Any) -> Any:
    user = get_user_model()._default_manager.create(username=name, is_staff=True, **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def logged_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def generate(client: Client, connection: ProviderConnection, **answers: Any) -> Any:
    answers = {"key": uuid7(), **answers}
    return client.post(url(ProviderConnection, "generate_token", connection.pk), answers)


def confirmed(client: Client, address: str, answers: dict[str, Any]) -> Any:
    """Send a form that shows what it does, and once more with what it showed."""
    page = client.post(address, answers)
    found = _shown(page)
    return page if found is None else client.post(address, {**answers, "shown": found})


def after_a_look(client: Client, address: str, answers: dict[str, Any]) -> dict[str, Any]:
    """Return the answers to a form with what it showed, so that it acts the next time."""
    return {**answers, "shown": _shown(client.post(address, answers))}


def _shown(page: Any) -> str | None:
    found = re.search(r'name="shown" value="([0-9a-f]+)"', page.content.decode())
    return None if found is None else found.group(1)


def shown_token(page: Any) -> str:
    found = re.search(r'id="scim-token" value="([^"]+)"', page.content.decode())
    assert found is not None
    return found.group(1)
