"""Tables as CSV files, streamed: for spreadsheets, which must run nothing of what is in them.

No file leaves without an event for each connection of which it tells, so that it stays known who
took what.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import StreamingHttpResponse

from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProvisioningEvent
from django_scim_provider.models.moments import utc, utc_now
from django_scim_provider.storage.events import record_of_connections
from django_scim_provider.storage.transactions import in_transaction

CHUNK = 500
"""Rows of a piece of the answer."""
ACTIONS = ProvisioningEvent.Action
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
"""Also in full width, as spreadsheets of Japanese take them."""
_FORMULA = re.compile(rf"(^)(?=[{_SIGNS}\t\r\n])|([;\t\r\n] *)(?=[{_SIGNS}])")
"""Where a cell would begin that is a formula: also behind a semicolon or a line's end, at which
spreadsheets of some languages part what others have in quotes."""


@dataclass(frozen=True, slots=True)
class Export:
    """What somebody takes out of some connections."""

    action: str
    """What their events call it, such as ``ACTIONS.EXPORT_PEOPLE``."""
    provider_ids: Sequence[str]
    actor: AbstractBaseUser

    def record(self) -> None:
        """Write the event of each connection, by few statements."""
        using = get_settings().DATABASE
        own = self.provider_ids[0] if len(self.provider_ids) == 1 else ""
        write = partial(
            record_of_connections, using, self.provider_ids, self.action, actor_id=self.actor.pk
        )
        in_transaction(using, own, write)


class _Piece:
    """Hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def as_cell(value: Any) -> str:
    """Return a value as text; where a spreadsheet would begin a formula stands ``'``."""
    if isinstance(value, datetime):
        return utc(value).isoformat()
    return _FORMULA.sub(r"\1\2'", "" if value is None else str(value))


def csv_pieces(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield the header and the rows (RFC 4180), as text of many lines each.

    A cell that a spreadsheet would take for a formula begins with ``'``.
    """
    writer: Any = csv.writer(_Piece())
    yield writer.writerow([as_cell(value) for value in header])
    left = iter(rows)
    while piece := list(islice(left, CHUNK)):
        yield "".join(writer.writerow([as_cell(value) for value in row]) for row in piece)


def csv_answer(
    name: str, header: Sequence[Any], rows: Iterable[Sequence[Any]], export: Export
) -> StreamingHttpResponse:
    """Return a file to save, such as ``scim-NAME-2026-11-28.csv``; nobody on the way keeps it.

    That it was taken is written down before any of it is read.
    """
    export.record()
    today = utc_now().date().isoformat()
    return StreamingHttpResponse(
        csv_pieces(header, rows),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="scim-{name}-{today}.csv"',
            "Cache-Control": "no-store, private",
            "X-Content-Type-Options": "nosniff",
        },
    )
