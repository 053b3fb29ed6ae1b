"""The first page of a connection: how it is, how far its set-up is, and what to enter where."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from django_scim_provider.insight.at_a_glance.first_steps import first_steps_of
from django_scim_provider.insight.at_a_glance.glances import glances
from django_scim_provider.portal.connection_list import row
from django_scim_provider.portal.page import PortalConnectionPage
from django_scim_provider.portal.shown_token import shown_steps, what_to_enter
from django_scim_provider.portal.texts import sentence_for


class PortalSetUpPage(PortalConnectionPage):
    """Ticks appear as requests arrive; a small script looks again, and a link does without it."""

    template = "django_scim_provider/portal/set_up.html"
    title = _("Set-up")
    section = "set-up"

    def context(self) -> dict[str, Any]:
        """Return the state in words, the steps and the instructions."""
        found = first_steps_of(self.connection)
        (glance,) = glances([self.connection])
        return {
            **what_to_enter(self.request, self.connection),
            "row": row(glance, {}),
            "sentence": sentence_for(glance),
            "steps": shown_steps(found),
            "is_waiting": not found.done,
            "live_address": self.request.path,
        }
