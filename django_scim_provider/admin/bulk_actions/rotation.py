"""Rotating the tokens of many connections: the new ones leave once, as a file."""

from __future__ import annotations

import csv
import hashlib
import io
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.admin.bulk_actions.bulk_page import BulkPage, Obstacle
from django_scim_provider.admin.bulk_actions.selection import Progress
from django_scim_provider.admin.connection_pages.token import reasons
from django_scim_provider.admin.recent_log_in import is_recent, send_to_log_in
from django_scim_provider.conf import get_settings
from django_scim_provider.connections.base_url import scim_root
from django_scim_provider.connections.forms.token_form import BaseTokenForm
from django_scim_provider.insight.downloads import as_cell
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import utc_now
from django_scim_provider.storage.transactions import in_transaction, locked
from django_scim_provider.tokens.service import generate_scim_token

PART = 100
"""Connections of one file: each token costs a hash that is slow on purpose."""
SECONDS = 20.0
"""After so long, a file has no further token, so that it arrives before a proxy gives up."""
COLUMNS = (
    "provider_id",
    "name",
    "organization_id",
    "base_url",
    "token",
    "expires_at",
    "earlier_tokens_end_at",
    "problem",
)


class BulkRotatePage(BulkPage):
    """Answers each button with a file of new tokens, which nothing else shows or keeps.

    The keys of the tokens follow from the form's, so that a part that is asked for again makes no
    further tokens.
    """

    slug = "rotate"
    title = _("Rotate the tokens of the chosen connections")
    button = _("Rotate and download")
    permission = "scim_provider.rotate_scimtoken"
    template = "django_scim_provider/admin/bulk/rotate.html"
    manages = True
    is_dangerous = True

    def explanation(self) -> list[str]:
        """Return what rotating does."""
        return [
            gettext(
                "Each connection gets a new token. They are in the file that you download, and "
                "are shown nowhere else: keep it where tokens belong, and delete it when they are "
                "entered."
            )
        ]

    def refusal(self, connection: ProviderConnection, reserved: frozenset[str]) -> str:
        """Leave what is closed."""
        refused = super().refusal(connection, reserved)
        closed = connection.decommissioned_at is not None
        return refused or (Obstacle.CLOSED if closed else "")

    def show_question(
        self, request: HttpRequest, chosen: Sequence[ProviderConnection], **more: Any
    ) -> HttpResponse:
        """Add the form and a button for each file."""
        number = len(chosen)
        parts = [
            {"value": part, "first": first + 1, "last": min(first + PART, number)}
            for part, first in enumerate(range(0, number, PART))
        ]
        form = BaseTokenForm(initial={"key": uuid7()}, rotates=True)
        told = {"form": form, "parts": parts, "is_recent": is_recent(request), **more}
        return super().show_question(request, chosen, **told)

    @sensitive_variables("lines")
    def respond(self, request: HttpRequest, progress: Progress) -> HttpResponseBase:
        """Make the tokens of a part, and answer with the file."""
        if request.POST.get("part") == "log_in":
            return send_to_log_in(request, self.model_admin.admin_site, self.list_address)
        if not is_recent(request):
            refused = self._ask_again(request, progress)
            refused.status_code = 403
            return refused
        form = BaseTokenForm(request.POST, rotates=True)
        part = request.POST.get("part", "")
        first = int(part) * PART if part.isdecimal() and len(part) < 5 else len(progress.left)
        keys = progress.left[first : first + PART]
        if not keys:
            raise ValidationError(gettext("Choose the connections again."))
        if not form.is_valid():
            return self._ask_again(request, progress, form=form)
        lines = self._lines(request, keys, form)
        day = utc_now().date().isoformat()
        name = f"scim-tokens-{day}-{int(part) + 1}.csv"
        response = HttpResponse(_file(lines), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "no-store, private"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def _ask_again(self, request: HttpRequest, progress: Progress, **more: Any) -> HttpResponse:
        rows = self.model_admin.get_queryset(request).filter(pk__in=progress.left)
        return self.show_question(request, self.slim(rows), **more)

    @sensitive_variables()
    def _lines(
        self, request: HttpRequest, keys: Sequence[UUID], form: BaseTokenForm
    ) -> list[Sequence[Any]]:
        found, until = self.found(request, keys), time.monotonic() + SECONDS
        reserved, live = self.reserved(request, found.values()), _with_tokens(found.values())
        base_url = scim_root(request) or ""
        lines: list[Sequence[Any]] = []
        for key in keys:
            connection = found.get(key)
            if connection is None:
                lines.append(("", "", "", "", "", "", "", self.reason(Obstacle.GONE)))
                continue
            problem = self.refusal(connection, reserved)
            if not problem and connection.provider_id not in live:
                problem = Obstacle.NO_TOKEN
            elif not problem and time.monotonic() > until:
                problem = gettext("was not reached in time; choose it again")
            made: tuple[SCIMToken, str] | None = None
            if not problem:
                try:
                    made = self._rotate(request, connection, form)
                except (ValidationError, PermissionDenied) as error:
                    problem = " ".join(reasons(error))
            lines.append(_line(connection, base_url, made, form, self.reason(problem)))
        return lines

    @sensitive_variables("made")
    def _rotate(
        self, request: HttpRequest, connection: ProviderConnection, form: BaseTokenForm
    ) -> tuple[SCIMToken, str]:
        key, using = key_for(form.cleaned_data["key"], connection.pk), get_settings().DATABASE
        rows = ProviderConnection.objects.using(using).filter(pk=connection.pk)

        @sensitive_variables()
        def work() -> tuple[SCIMToken, str]:
            held = locked(rows).first()
            # Whoever closes it meanwhile means it: a token would open it again.
            if held is None or held.decommissioned_at is not None:
                raise ValidationError(self.reason(Obstacle.CLOSED if held else Obstacle.GONE))
            arguments = {**form.arguments(), "key": key}
            return generate_scim_token(
                connection.provider_id, created_by=self.actor(request), **arguments
            )

        made = in_transaction(using, connection.provider_id, work)
        self.note(request, [connection], f"Generated token {made[0].lookup}.")
        return made


def key_for(form: UUID, connection: UUID) -> UUID:
    """Return the key of the token that one form makes for a connection: always the same.

    Its time is that of the form's key, as in any of version 7.
    """
    digest = hashlib.sha256(form.bytes + connection.bytes).digest()
    number = int.from_bytes(form.bytes[:6] + digest[:10])
    number &= ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=number | 0x7 << 76 | 0x2 << 62)


def _with_tokens(connections: Any) -> set[str]:
    """Return the ids of those that have a token that is neither revoked nor expired."""
    rows = SCIMToken.objects.using(get_settings().DATABASE).live()
    own = rows.filter(provider__in=[each.provider_id for each in connections])
    return {str(id) for id in own.order_by().values_list("provider_id", flat=True)}


@sensitive_variables()
def _line(
    connection: ProviderConnection,
    base_url: str,
    made: tuple[SCIMToken, str] | None,
    form: BaseTokenForm,
    problem: str,
) -> Sequence[Any]:
    about = (connection.provider_id, connection.name, connection.organization_id)
    if made is None:
        return (*about, "", "", "", "", problem)
    token, wire = made
    overlap = form.arguments()["overlap"]
    ends_at = token.created_at + overlap if overlap else token.created_at
    return (*about, base_url, wire, token.expires_at, ends_at, "")


@sensitive_variables()
def _file(lines: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([as_cell(value) for value in line] for line in lines)
    return text.getvalue()
