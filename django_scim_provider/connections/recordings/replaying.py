"""Trying recorded requests again, as a dry run: what would be answered by the settings of today.

The people and groups are those of today, too: what was made back then is there already. A request
whose secrets were taken out is sent without them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db import connections
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.conf import get_settings
from django_scim_provider.connections.recordings.rehearsing import (
    Rehearsal,
    Reply,
    TimeIsUp,
    TransactionOver,
    rehearsed,
)
from django_scim_provider.models import ProviderConnection, RecordedExchange
from django_scim_provider.storage.recorder.keeping import Recorded, kept_of, unsealed
from django_scim_provider.storage.recorder.redaction import REMOVED, Redaction
from django_scim_provider.storage.transactions import has_one_writer

SECONDS = 10
"""How long requests are tried; rows that they write are locked for others as long."""
SECONDS_ALONE = 3
"""The same on databases that let one transaction write at a time (SQLite)."""
TOGETHER = 20
"""Exchanges that are read at once."""
_VARYING = frozenset({"lastModified", "created", "version"})
"""What is another one with each answer."""
_NEW = frozenset({"id", "location"})
"""What else is another one where somebody is made again."""
CREATED = 201
_SENT = frozenset({"accept", "content-type", "if-match", "if-none-match"})
"""Headers that are sent again."""


@dataclass(frozen=True, slots=True, repr=False)
class ReplayedExchange:
    """What was answered then, and what would be now."""

    row: RecordedExchange
    then: Recorded | None
    """None where it cannot be read any more, was not tried, or is one of many."""
    status: int | None = None
    """None where it was not tried; ``left_out`` says why."""
    answer: str = ""
    left_out: str = ""
    """``time``, ``cut``, ``unread`` or ``sealed``."""
    differences: Sequence[str] = ()
    """Paths of attributes whose values differ, and ``status``."""

    @property
    def differs(self) -> bool:
        """Tell whether the answer would be another one."""
        return bool(self.differences)


@sensitive_variables()
def replay(
    connection: ProviderConnection,
    root: str,
    *,
    names: set[str],
    only: RecordedExchange | None = None,
) -> list[ReplayedExchange]:
    """Try all that is kept in its order, each after what the ones before have changed; undo it.

    ``names`` are the attributes that nobody is shown. Bodies are returned for a single one. It has
    a thread of its own, since the project's middleware may keep the request at hand by its thread,
    and that one is being served.
    """

    def work() -> list[ReplayedExchange]:
        try:
            return list(_replayed(connection, root, names, only))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(work).result()


def _replayed(
    connection: ProviderConnection, root: str, names: set[str], only: RecordedExchange | None
) -> Iterator[ReplayedExchange]:
    alone = has_one_writer(get_settings().DATABASE)
    seconds, over_by = SECONDS_ALONE if alone else SECONDS, ""
    rows = _one_by_one(connection) if only is None else iter([only])
    with rehearsed(connection, root, seconds=seconds, scopes=frozenset()) as rehearsal:
        for row in rows:
            told = unsealed(row)
            left_out = _why_not(told)
            if told is None or left_out:
                yield ReplayedExchange(row, None, left_out=left_out)
                continue
            try:
                reply = _again(rehearsal, root, told)
            except (TimeIsUp, TransactionOver) as error:
                over_by = "time" if isinstance(error, TimeIsUp) else "ended"
                yield ReplayedExchange(row, None, left_out=over_by)
                break
            found = _compared(row, told, reply, names)
            yield found if only else replace(found, then=None, answer="")
    # Those that are left are read out of the transaction, which may have ended.
    for row in rows:
        yield ReplayedExchange(row, None, left_out=over_by)


def _one_by_one(connection: ProviderConnection) -> Iterator[RecordedExchange]:
    """Yield what is kept, a few rows in memory at a time."""
    last = 0
    while rows := list(kept_of(connection.provider_id).filter(number__gt=last)[:TOGETHER]):
        yield from rows
        last = rows[-1].number


def _why_not(told: Recorded | None) -> str:
    if told is None:
        return "sealed"
    return "" if not told.note else "cut" if told.note == "cut" else "unread"


@sensitive_variables()
def _again(rehearsal: Rehearsal, root: str, told: Recorded) -> Reply:
    body = b""
    if told.body:
        body = json.dumps(_without_removed(json.loads(told.body))).encode()
    headers = {name: value for name, value in told.headers.items() if name.lower() in _SENT}
    headers["X-Request-ID"] = "replay"
    query = urlencode({name: value for name, value in told.query.items() if value != REMOVED})
    return rehearsal.ask(
        told.method,
        urlsplit(root).path + told.path,
        query,
        headers=headers,
        body=body,
        scopes=frozenset(told.scopes),
    )


def _without_removed(value: Any) -> Any:
    """Return a body without what is not known any more, operations of a PATCH included."""
    if isinstance(value, dict):
        return {name: _without_removed(each) for name, each in value.items() if each != REMOVED}
    if isinstance(value, list):
        return [_without_removed(each) for each in value if not _is_removed(each)]
    return value


def _is_removed(value: Any) -> bool:
    return value == REMOVED or (isinstance(value, dict) and value.get("value") == REMOVED)


@sensitive_variables()
def _compared(
    row: RecordedExchange, told: Recorded, reply: Reply, names: set[str]
) -> ReplayedExchange:
    now: Any = None
    if reply.content:
        try:
            now = Redaction(names).body(json.loads(reply.content))
        except ValueError:  # a page of the project's
            now = None
    answer = "" if now is None else json.dumps(now, indent=2, ensure_ascii=False)
    then = json.loads(told.answer) if told.answer and not told.answer_note else None
    is_known = not told.answer_note
    differing = set() if row.status == reply.status else {"status"}
    if is_known:
        is_made = row.status == reply.status == CREATED
        varying = _VARYING | _NEW if is_made else _VARYING
        differing |= {path for path, _ in _leaves(then, varying) ^ _leaves(now, varying)}
    return ReplayedExchange(row, told, reply.status, answer, differences=sorted(differing))


def _leaves(value: Any, varying: frozenset[str], path: str = "") -> set[tuple[str, str]]:
    """Return what a JSON value says, by paths without the places in lists."""
    if isinstance(value, dict):
        return {
            leaf
            for name, each in value.items()
            if name not in varying
            for leaf in _leaves(each, varying, f"{path}.{name}" if path else name)
        }
    if isinstance(value, list):
        return {leaf for each in value for leaf in _leaves(each, varying, path)}
    return set() if value is None else {(path, json.dumps(value))}
