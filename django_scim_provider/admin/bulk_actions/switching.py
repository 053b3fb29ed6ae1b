"""Disabling and enabling many connections."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.bulk_actions.bulk_page import Obstacle
from django_scim_provider.admin.bulk_actions.selection import Progress
from django_scim_provider.admin.bulk_actions.stepwise import StepwisePage
from django_scim_provider.connections.lifecycle import switch_connection
from django_scim_provider.models import ProviderConnection


class BulkSwitchPage(StepwisePage):
    """Enables or disables those that are not yet so."""

    permission = "scim_provider.disable_providerconnection"
    manages = True
    enabled: ClassVar[bool]

    def refusal(self, connection: ProviderConnection, reserved: frozenset[str]) -> str:
        """Leave what is closed, or is so already."""
        refused = super().refusal(connection, reserved)
        if refused:
            return refused
        if connection.decommissioned_at is not None:
            return Obstacle.CLOSED
        already = Obstacle.ENABLED if self.enabled else Obstacle.DISABLED
        return already if connection.enabled == self.enabled else ""

    def act(
        self,
        request: HttpRequest,
        connection: ProviderConnection,
        progress: Progress,
        start: str,
    ) -> None:
        """Switch one connection."""
        switch_connection(connection, enabled=self.enabled, actor=self.actor(request))


class BulkDisablePage(BulkSwitchPage):
    """Refuses all requests of the connections."""

    slug = "disable"
    title = _("Disable the chosen connections")
    button = _("Disable the connections")
    enabled = False
    is_dangerous = True
    logged = "Disabled."

    def explanation(self) -> list[str]:
        """Return what disabling does."""
        return [
            gettext(
                "From the next request on, the identity providers are refused (401). Users, "
                "groups and tokens stay as they are."
            ),
            gettext("Enabled again, the connections work with the tokens that they have."),
        ]

    def told(self, progress: Progress) -> list[str]:
        """Return how many were disabled."""
        number = len(progress.done)
        text = ngettext(
            "%(number)d connection was disabled.", "%(number)d connections were disabled.", number
        )
        return [text % {"number": number}]


class BulkEnablePage(BulkSwitchPage):
    """Lets the identity providers in again."""

    slug = "enable"
    title = _("Enable the chosen connections")
    button = _("Enable the connections")
    enabled = True
    logged = "Enabled."

    def explanation(self) -> list[str]:
        """Return what enabling does."""
        return [gettext("The tokens that are neither revoked nor expired work again.")]

    def told(self, progress: Progress) -> list[str]:
        """Return how many were enabled."""
        number = len(progress.done)
        text = ngettext(
            "%(number)d connection was enabled.", "%(number)d connections were enabled.", number
        )
        return [text % {"number": number}]
