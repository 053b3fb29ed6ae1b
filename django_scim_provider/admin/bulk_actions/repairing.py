"""Repairing what drifted from many connections."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.bulk_actions.bulk_page import Obstacle
from django_scim_provider.admin.bulk_actions.selection import Progress
from django_scim_provider.admin.bulk_actions.stepwise import ROWS, StepwisePage
from django_scim_provider.admin.connection_pages.drift import comparison_of
from django_scim_provider.models import ProviderConnection


class BulkRepairPage(StepwisePage):
    """Compares and repairs one connection after another, some thousand people in each request."""

    slug = "repair"
    title = _("Repair drift of the chosen connections")
    button = _("Compare and repair")
    permission = "scim_provider.repair_providerconnection"
    logged = "Repaired drift."
    is_dangerous = True

    def explanation(self) -> list[str]:
        """Return what a repair does."""
        return [
            gettext(
                "Users, memberships and roles are brought in line with what the identity providers "
                "said last. The page “Drift” of a connection shows beforehand what differs."
            ),
            gettext(
                "The repair goes by the rules of provisioning: whoever is protected is left alone, "
                "and access is closed but not opened."
            ),
        ]

    def refusal(self, connection: ProviderConnection, reserved: frozenset[str]) -> str:
        """Leave what opens nothing."""
        if connection.decommissioned_at is not None:
            return Obstacle.CLOSED
        return "" if connection.enabled else Obstacle.DISABLED

    def act(
        self,
        request: HttpRequest,
        connection: ProviderConnection,
        progress: Progress,
        start: str,
    ) -> None:
        """Repair as much as the request still may."""
        drift = comparison_of(connection, repair=True).run(
            actor=self.actor(request), start=start or None, most=ROWS - progress.spent
        )
        progress.spent += drift.compared
        progress.number += drift.repaired
        progress.position = drift.position or ""

    def told(self, progress: Progress) -> list[str]:
        """Return how many were repaired, of how many connections."""
        people = ngettext("%(number)d was repaired.", "%(number)d were repaired.", progress.number)
        number = len(progress.done)
        of = ngettext(
            "%(number)d connection was compared.", "%(number)d connections were compared.", number
        )
        return [of % {"number": number}, people % {"number": progress.number}]
