"""The first page: the connections that the person manages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from django_scim_provider.insight.at_a_glance.glances import Glance, glances
from django_scim_provider.insight.numbers_told import whole_up_to_most
from django_scim_provider.organizations.naming import organization_names
from django_scim_provider.portal.key_pages import asked_text, page_behind
from django_scim_provider.portal.page import PortalPage, address_of
from django_scim_provider.portal.texts import product_name, state_of_list
from django_scim_provider.portal.wizard import may_connect

PAGE_SIZE = 25
CLOSED_SHOWN = 10


class PortalListPage(PortalPage):
    """The connections with their states, and the way to a new one."""

    template = "django_scim_provider/portal/connections.html"
    title = _("Directory connections")

    def context(self) -> dict[str, Any]:
        """Return a row for each connection, by the same statements for any number."""
        rows = self.management.connections(closed=True).select_related("owner")
        after = asked_text(self.request.GET.get("after"))
        live = rows.filter(decommissioned_at=None)
        page = page_behind(live, "provider_key", after, asked={}, size=PAGE_SIZE)
        closed = rows.exclude(decommissioned_at=None).order_by("-decommissioned_at")
        old = list(closed[:CLOSED_SHOWN]) if not after else []
        names = organization_names([each.organization_id for each in (*page.rows, *old)])
        return {
            "rows": [row(glance, names) for glance in glances(page.rows)],
            "next_query": page.next_query,
            "closed": [
                {"connection": each, "address": address_of("settings", each)} for each in old
            ],
            "may_connect": may_connect(self.management),
        }


def row(glance: Glance, names: Any) -> dict[str, Any]:
    """Return what a line shows of a connection."""
    connection, summary = glance.connection, glance.summary
    condition, badge = state_of_list(glance)
    return {
        "connection": connection,
        "product": product_name(connection.profile),
        "organization": names.get(connection.organization_id or "", ""),
        "condition": condition,
        "badge": badge,
        "people": whole_up_to_most(summary.users - summary.released_users),
        "groups": whole_up_to_most(summary.groups),
        "failing": whole_up_to_most(glance.failing) if glance.failing else "",
        "last_contact": glance.last_contact,
        "now": glance.now,
        "address": address_of("set-up", connection),
        "people_address": address_of("people", connection),
        "groups_address": address_of("groups", connection),
        "failures_address": address_of("failures", connection),
    }
