"""Sending by workers of Django's tasks, where Django has them (6.0 and later)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from django_scim_provider.conf import get_settings
from django_scim_provider.webhooks.sender import send_waiting

try:
    from django.tasks import task
except ImportError:  # Django 5.2
    TASKS_AVAILABLE = False
else:
    TASKS_AVAILABLE = True


def send_messages() -> int:
    """Send what waits for webhooks, and return how many messages were delivered."""
    return send_waiting(get_settings().DATABASE)


if TASKS_AVAILABLE:
    # Workers find the task where the function is.
    send_messages = task()(send_messages)  # type: ignore[assignment]  # a task is no function


def enqueue() -> None:
    """Have a worker send.

    Raises:
        ImproperlyConfigured: this Django has no tasks.
    """
    if not TASKS_AVAILABLE:
        raise ImproperlyConfigured("WEBHOOK_TASKS needs Django 6.0.")
    found: Any = send_messages
    found.using(backend=get_settings().WEBHOOK_TASKS).enqueue()
