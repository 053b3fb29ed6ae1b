"""The links that stand on all pages of one connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from django_scim_provider.models import ProviderConnection


@dataclass(frozen=True, slots=True)
class Section:
    """A link to a page of the connection."""

    title: Any
    address: str
    is_current: bool


TITLES: dict[str, Any] = {
    "set-up": _("Set-up"),
    "people": _("People"),
    "groups": _("Groups"),
    "failures": _("Failures"),
    "requests": _("Requests"),
    "tokens": pgettext_lazy("of a connection", "Tokens"),
    "webhooks": _("Webhooks"),
    "settings": _("Settings"),
}
"""By the name of the route."""
AFTER_CLOSING = ("people", "groups", "settings")
"""What is left to see of a connection that is closed."""


def sections_of(connection: ProviderConnection, current: str) -> list[Section]:
    """Return the links of a connection in its present state."""
    closed = connection.decommissioned_at is not None
    return [
        Section(title, reverse(f"scim-portal:{name}", args=[connection.pk]), name == current)
        for name, title in TITLES.items()
        if not closed or name in AFTER_CLOSING
    ]
