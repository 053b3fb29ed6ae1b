"""Exporting the people and groups of many connections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.bulk_actions.bulk_page import BulkPage
from django_scim_provider.admin.bulk_actions.selection import Progress
from django_scim_provider.admin.console.touched import VIEW_ACCOUNTS
from django_scim_provider.insight.downloads import ACTIONS, Export, csv_answer
from django_scim_provider.insight.exports.directory_export import (
    GROUPS,
    PEOPLE,
    group_rows,
    people_rows,
)
from django_scim_provider.models import ProviderConnection

EXPORTS: dict[str, tuple[Any, str, str, tuple[str, ...], Any]] = {
    "people": (
        _("Download people (CSV)"),
        VIEW_ACCOUNTS,
        ACTIONS.EXPORT_PEOPLE,
        PEOPLE,
        people_rows,
    ),
    "groups": (
        _("Download groups (CSV)"),
        "scim_provider.view_provisionedgroup",
        ACTIONS.EXPORT_GROUPS,
        GROUPS,
        group_rows,
    ),
}
"""What can be exported: the button, what the reader needs beside the permission to export, the
action of the event, the columns, and what makes the rows."""


class BulkExportPage(BulkPage):
    """Answers with a file that is sent as it is made; each connection has an event of it."""

    slug = "export"
    title = _("Export people and groups of the chosen connections")
    button = ""
    permission = "scim_provider.export_providerconnection"
    template = "django_scim_provider/admin/bulk/export.html"

    def explanation(self) -> list[str]:
        """Return what the files hold."""
        return [
            gettext(
                "The files name people: user names, ids, states and times, as the lists show them. "
                "Who exports, and when, stays in the events of each connection."
            )
        ]

    def is_permitted(self, request: HttpRequest) -> bool:
        """Let those in who may see one of the kinds."""
        return super().is_permitted(request) and bool(_offered(request))

    def show_question(
        self, request: HttpRequest, chosen: Sequence[ProviderConnection], **more: Any
    ) -> HttpResponse:
        """Add a button for each kind that the reader may see."""
        buttons = [(kind, EXPORTS[kind][0]) for kind in _offered(request)]
        return super().show_question(request, chosen, kinds=buttons, **more)

    def respond(self, request: HttpRequest, progress: Progress) -> HttpResponseBase:
        """Answer with the file.

        Raises:
            PermissionDenied: the reader may not see what is asked for.
        """
        kind = request.POST.get("kind", "")
        if kind not in EXPORTS or not progress.left:
            raise ValidationError(gettext("Choose the connections again."))
        if kind not in _offered(request):
            raise PermissionDenied
        rows = self.model_admin.get_queryset(request).filter(pk__in=progress.left)
        connections = self.slim(rows)
        ids = [each.provider_id for each in connections]
        _button, _needed, action, columns, rows_of = EXPORTS[kind]
        export = Export(action, ids, self.actor(request))
        answer = csv_answer(kind, columns, rows_of(ids), export)
        self.note(request, connections, f"Exported {kind}.")
        return answer


def _offered(request: HttpRequest) -> list[str]:
    return [kind for kind, each in EXPORTS.items() if request.user.has_perm(each[1])]
