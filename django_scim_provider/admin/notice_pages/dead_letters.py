"""The messages of webhooks that were given up, for the page of notices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from django_scim_provider.conf import get_settings
from django_scim_provider.models import (
    LinkedAccount,
    OutboxMessage,
    ProviderConnection,
    ProvisionedGroup,
    WebhookEndpoint,
)
from django_scim_provider.webhooks.endpoint_rows import in_words, kind_title

DEAD = 50
"""Messages that were given up and are shown, the latest of them."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up."""

    message: OutboxMessage
    kind: str
    address: str
    """Of the page of whom it is about; empty where there is none."""
    problem: str


def dead_letters(
    connection: ProviderConnection, endpoints: list[WebhookEndpoint]
) -> list[DeadLetter]:
    """Return the latest messages about the connection that were given up, by three statements."""
    using = get_settings().DATABASE
    rows = OutboxMessage.objects.using(using).filter(endpoint__in=[each.pk for each in endpoints])
    rows = rows.filter(state=OutboxMessage.Fate.DEAD, provider=connection).order_by("-pk")
    messages = list(rows.defer("payload")[:DEAD])
    pages = _pages(using, connection, {each.subject for each in messages}) if messages else {}
    return [
        DeadLetter(
            each,
            kind_title(each.kind),
            pages.get(each.subject, ""),
            in_words(each.last_status, each.last_problem),
        )
        for each in messages
    ]


def _pages(using: str, connection: ProviderConnection, ids: set[str]) -> dict[str, str]:
    found = {}
    for model in (LinkedAccount, ProvisionedGroup):
        name = f"admin:scim_provider_{model._meta.model_name}_change"
        rows: Any = model._default_manager.using(using).filter(provider=connection)
        for key, id in rows.filter(scim_id__in=ids).values_list("pk", "scim_id"):
            found[id] = reverse(name, args=[key])
    return found
