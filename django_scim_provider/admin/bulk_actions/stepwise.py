"""Actions that go through what was chosen step by step, so that no request takes long."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext

from django_scim_provider.admin.bulk_actions.bulk_page import BulkPage, NamedConnection, Obstacle
from django_scim_provider.admin.bulk_actions.selection import Progress
from django_scim_provider.core.errors import SCIMError
from django_scim_provider.models import ProviderConnection

STEP = 100
"""Connections of one request at most."""
SECONDS = 5.0
"""After so long, a request begins no further connection."""
ROWS = 5000
"""Or after so many rows of connections were looked at (``Progress.spent``)."""
SHOWN = 100
"""Connections that the result names of each kind."""


class StepwisePage(BulkPage):
    """Acts on some connections in each request, each in a transaction of its own.

    The answer carries what is left, and a script sends it again; without scripts a button does.
    """

    logged: ClassVar[str]
    """What the admin's history says of each connection."""

    def respond(self, request: HttpRequest, progress: Progress) -> HttpResponseBase:
        """Do a step, and show how far it is or what became of all."""
        step = progress.left[:STEP]
        found = self.found(request, step)
        reserved = self.reserved(request, found.values())
        until, done = time.monotonic() + SECONDS, []
        start, progress.position = progress.position, ""
        for key in step:
            if time.monotonic() > until or progress.spent >= ROWS:
                break
            connection = found.get(key)
            if connection is None:
                reason: str = Obstacle.GONE
            else:
                reason = self._refused_or_done(request, connection, reserved, progress, start)
            if progress.position:
                break
            start = ""
            progress.left.remove(key)
            if reason or connection is None:
                progress.refuse(key, reason)
            else:
                progress.done.append(key)
                done.append(connection)
        self.note(request, done, self.logged)
        if progress.left:
            return self._show_progress(request, progress)
        return self._show_result(request, progress)

    def _refused_or_done(
        self,
        request: HttpRequest,
        connection: ProviderConnection,
        reserved: frozenset[str],
        progress: Progress,
        start: str,
    ) -> str:
        """Act on one connection, and return why that was not done."""
        refused = self.refusal(connection, reserved)
        if refused:
            return refused
        try:
            self.act(request, connection, progress, start)
        except ValidationError as error:
            return " ".join(error.messages)
        except PermissionDenied as error:
            return str(error) or gettext("You may not do this.")
        except SCIMError as error:
            return error.detail
        return ""

    def act(
        self,
        request: HttpRequest,
        connection: ProviderConnection,
        progress: Progress,
        start: str,
    ) -> None:
        """Act on one connection from ``start`` on, the ``position`` of the request before.

        Where something of it is left, it sets ``progress.position``.

        Raises:
            ValidationError, PermissionDenied, SCIMError: it is refused, and the next one follows.
        """
        raise NotImplementedError

    def _show_progress(self, request: HttpRequest, progress: Progress) -> HttpResponseBase:
        return self.render(
            request,
            "django_scim_provider/admin/bulk/progress.html",
            fields={**progress.fields(), **self.kept(request)},
            worked=progress.worked,
            total=progress.total,
        )

    def kept(self, request: HttpRequest) -> dict[str, str]:
        """Return answers to the question that hold for the next steps as well."""
        return {}

    def _show_result(self, request: HttpRequest, progress: Progress) -> HttpResponseBase:
        shown = [*progress.done[:SHOWN]]
        for keys in progress.refused.values():
            shown += keys[:SHOWN]
        found = self.found(request, shown)
        return self.render(
            request,
            "django_scim_provider/admin/bulk/result.html",
            told=self.told(progress),
            done=self._names(found, progress.done),
            more_done=max(0, len(progress.done) - SHOWN),
            refused=[
                {
                    "reason": self.reason(reason),
                    "number": len(keys),
                    "names": self._names(found, keys),
                    "more": max(0, len(keys) - SHOWN),
                }
                for reason, keys in progress.refused.items()
            ],
        )

    def told(self, progress: Progress) -> list[str]:
        """Return what was done, in sentences."""
        raise NotImplementedError

    def _names(
        self, found: dict[UUID, ProviderConnection], keys: Sequence[UUID]
    ) -> list[NamedConnection]:
        return [self.named(found[key]) for key in keys[:SHOWN] if key in found]
