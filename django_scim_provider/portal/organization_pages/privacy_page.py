"""What is kept of the people of a connection, why, and how long."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from django_scim_provider.insight.privacy.told import told_of
from django_scim_provider.portal.page import PortalConnectionPage


class PortalPrivacyPage(PortalConnectionPage):
    """Says all that is kept; what the operator has set is told and not named."""

    template = "django_scim_provider/portal/privacy.html"
    title = _("What is kept of people")
    section = "settings"
    for_closed = True

    def context(self) -> dict[str, Any]:
        """Return each kind with its numbers."""
        return {"kinds": told_of(self.connection.provider_id)}
