"""The messages of webhooks that were given up, for the page of notices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.admin.sites import AdminSite

from django_scim_provider.admin.console.navigation import page_address
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
    connection: ProviderConnection, endpoints: list[WebhookEndpoint], site: AdminSite
) -> list[DeadLetter]:
    """Return the latest messages about the connection that were given up, by three statements."""
    using = get_settings().DATABASE
    rows = OutboxMessage.objects.using(using).filter(endpoint__in=[each.pk for each in endpoints])
    rows = rows.filter(state=OutboxMessage.Fate.DEAD, provider=connection).order_by("-pk")
    messages = list(rows.defer("payload")[:DEAD])
    ids = {each.subject for each in messages}
    pages = _pages(using, connection, ids, site) if messages else {}
    return [
        DeadLetter(
            each,
            kind_title(each.kind),
            pages.get(each.subject, ""),
            in_words(each.last_status, each.last_problem),
        )
        for each in messages
    ]


def _pages(
    using: str, connection: ProviderConnection, ids: set[str], site: AdminSite
) -> dict[str, str]:
    found = {}
    for model in (LinkedAccount, ProvisionedGroup):
        rows: Any = model._default_manager.using(using).filter(provider=connection)
        for key, id in rows.filter(scim_id__in=ids).values_list("pk", "scim_id"):
            found[id] = page_address(site, model, key)
    return found
