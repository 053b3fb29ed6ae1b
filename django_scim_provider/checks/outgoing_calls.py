"""What is wrong with the settings of webhooks, notices and checks in the admin."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.core.checks import CheckMessage
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from django_scim_provider.checks.entries import error, warning
from django_scim_provider.ciphers import ENCRYPTION_AVAILABLE
from django_scim_provider.conf import SETTING
from django_scim_provider.models import WebhookEndpoint
from django_scim_provider.webhooks.webhook_tasks import TASKS_AVAILABLE


def check_outgoing(found: dict[str, Any]) -> Iterator[CheckMessage]:
    """Yield what is no network, address, file or backend."""
    for network in found.get("WEBHOOK_ALLOWED_NETWORKS", ()):
        try:
            ipaddress.ip_network(network)
        except ValueError:
            where = f"{SETTING}['WEBHOOK_ALLOWED_NETWORKS']"
            yield error("E002", f"{where}: {network!r} is no network such as '10.1.0.0/16'.")
    for address in found.get("NOTICE_EMAILS", ()):
        try:
            validate_email(address)
        except ValidationError:
            yield error("E002", f"{SETTING}['NOTICE_EMAILS']: {address!r} is no e-mail address.")
    file = found.get("WEBHOOK_CA_FILE")
    if file is not None and not Path(file).is_file():
        yield error("E002", f"{SETTING}['WEBHOOK_CA_FILE']: there is no file {file!r}.")
    for name in ("WEBHOOK_TASKS", "CHECK_TASKS"):
        alias, where = found.get(name), f"{SETTING}['{name}']"
        if alias is not None and not TASKS_AVAILABLE:
            yield error("E002", f"{where} needs Django 6.0.")
        elif alias is not None and alias not in getattr(django_settings, "TASKS", {"default": {}}):
            yield error("E002", f"{where} must be a key of TASKS.")


def check_decryption(using: str) -> Iterator[CheckMessage]:
    """Yield that webhooks cannot be sent without the package that decrypts their secrets."""
    if not ENCRYPTION_AVAILABLE and WebhookEndpoint.objects.using(using).exists():
        message = "There are webhooks, and their secrets cannot be decrypted."
        yield warning("W025", message, "Install django-scim-provider[encryption].")
