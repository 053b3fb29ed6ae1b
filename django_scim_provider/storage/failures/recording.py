"""Writing failures, and ending them when the same person succeeds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from django.db import connections
from django.db.models import Case, CharField, Q, QuerySet, Value, When

from django_scim_provider.core.errors import SCIMError, Uniqueness
from django_scim_provider.core.schemas.definitions import ResourceType
from django_scim_provider.core.validation.scim_ids import MAX_ID_LENGTH
from django_scim_provider.models import Failure
from django_scim_provider.models.moments import utc_now
from django_scim_provider.models.upkeep.failures import MAX_ATTRIBUTE_LENGTH
from django_scim_provider.storage.failures.identities import FORGOTTEN, sealed
from django_scim_provider.storage.failures.sentences import attribute_of_error, without_values
from django_scim_provider.storage.failures.subjects import Subject
from django_scim_provider.storage.failures.upserts import Change, Upsert, taken
from django_scim_provider.storage.sql.statements.by_orm import batched
from django_scim_provider.storage.store_context import StoreContext

MOST = 10_000
"""Failures of one connection that are kept: of more, those go that did not happen for longest."""
TRIM_EVERY = 100
"""After so many that a process wrote, it looks whether there are more."""
_COLUMNS = tuple(field.name for field in Failure._meta.concrete_fields)


def _after_success(afresh: Change, going_on: Change) -> Change:
    """Return what becomes of a column once the same person has succeeded, and what otherwise."""
    return Change(
        f"CASE WHEN {{old[state]}} = 'done' THEN {afresh.sql} ELSE {going_on.sql} END",
        lambda old, new: (afresh if old["state"] == "done" else going_on).value(old, new),
    )


def _stays(name: str) -> Change:
    return Change(f"{{old[{name}]}}", lambda old, new: old[name])


_upsert = Upsert(
    Failure,
    _COLUMNS,
    same="id",
    changes={
        **{
            name: taken(name)
            for name in (
                *("alias", "resource_id", "detail", "last_at", "last_request_id"),
                *("identity", "identity_until"),
            )
        },
        # One that comes again after a success begins anew; one that is ignored stays so.
        "first_at": _after_success(taken("first_at"), _stays("first_at")),
        "count": _after_success(
            taken("count"),
            Change("{old[count]} + {new[count]}", lambda old, new: old["count"] + new["count"]),
        ),
        "ended_at": _after_success(Change("NULL", lambda old, new: None), _stays("ended_at")),
        "state": _after_success(
            Change("'open'", lambda old, new: Failure.State.OPEN), _stays("state")
        ),
    },
    telling=("count", "state"),
)
_NAMESPACE = UUID("e7d3b1c4-5a0f-4c53-9d0e-2f6b8f0a7c11")
"""Of the keys of failures."""
_written = count(1)


class _Told(NamedTuple):
    """What tells a failure from others."""

    subject: str
    alias: str
    attribute: str
    collision: tuple[str, str]
    kind: str

    def key(self, provider_id: str) -> UUID:
        """Return the key of the row: a UUID of version 5, the same for the same failure.

        Of version 8, which is for such digests, MariaDB 10.11 refuses a part.
        """
        return uuid5(_NAMESPACE, "\0".join((provider_id, self.subject, self.kind)))


def failure_key(
    context: StoreContext,
    action: str,
    resource_type: ResourceType,
    subject: Subject,
    error: SCIMError,
) -> UUID:
    """Return the key of the row of a refusal, whether or not there is one yet."""
    return _told(context, action, resource_type, subject, error).key(context.provider_id)


def _told(
    context: StoreContext,
    action: str,
    resource_type: ResourceType,
    subject: Subject,
    error: SCIMError,
) -> _Told:
    digest, alias = subject.digests(context.provider_id)
    collision = (error.collision if isinstance(error, Uniqueness) else None) or ("", "")
    attribute = attribute_of_error(error, resource_type)[:MAX_ATTRIBUTE_LENGTH]
    parts = (action, str(error.status), attribute, error.scim_type or "", *collision)
    kind = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return _Told(digest, alias, attribute, (collision[0], collision[1]), kind)


def failure_row(
    context: StoreContext,
    action: str,
    resource_type: ResourceType,
    subject: Subject,
    error: SCIMError,
    body: Any,
    *,
    resource_id: str = "",
) -> Mapping[str, Any]:
    """Return the row of a refusal; ``resource_id`` is the id in the address where it is one."""
    now = utc_now()
    identity, until = sealed(subject, now)
    told = _told(context, action, resource_type, subject, error)
    return {
        "id": told.key(context.provider_id),
        "provider": context.provider_id,
        "subject": told.subject,
        "alias": told.alias,
        "kind": told.kind,
        "resource_type": resource_type.name[:64],
        "resource_id": resource_id[:MAX_ID_LENGTH],
        "action": action[:32],
        "attribute": told.attribute,
        "scim_type": (error.scim_type or "")[:32],
        "status": error.status,
        "detail": without_values(error.detail, body),
        "collides_type": told.collision[0][:64],
        "collides_id": told.collision[1][:MAX_ID_LENGTH],
        "count": 1,
        "first_at": now,
        "last_at": now,
        "last_request_id": context.request_id[:64],
        "state": Failure.State.OPEN,
        "ended_at": None,
        "identity": identity,
        "identity_until": until,
    }


def write_failures(using: str, provider_id: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the rows of one connection by one statement; the same one counts as often."""
    merged: dict[UUID, dict[str, Any]] = {}
    for row in rows:
        key = row["id"]
        before = merged.get(key)
        merged[key] = dict(row)
        if before is not None:
            merged[key] |= {"first_at": before["first_at"], "count": before["count"] + 1}
    # In one order, or two writes would wait for each other.
    ordered = [merged[key] for key in sorted(merged)]
    limit = connections[using].features.max_query_params
    size = 500 if limit is None else max(1, min(500, limit // len(_COLUMNS)))
    for start in range(0, len(ordered), size):
        _upsert.run_all(using, ordered[start : start + size])
    if any(next(_written) % TRIM_EVERY == 0 for _ in ordered):
        _trim(_of(using, provider_id))


def end_failures(using: str, provider_id: str, subjects: Sequence[Subject]) -> int:
    """End what was open of people who have succeeded, and forget who they are."""
    digests = {digest for each in subjects for digest in each.all_digests(provider_id)}
    if not digests:
        return 0
    states = Failure.State
    done = When(state=states.OPEN, then=Value(states.DONE.value))
    state = Case(done, default=Value(states.IGNORED.value), output_field=CharField())
    rows, ended = _of(using, provider_id).exclude(state=states.DONE), 0
    for some in batched(sorted(digests)):  # SQL Server takes 2,100 parameters, also of two lists
        found = rows.filter(Q(subject__in=some) | Q(alias__in=some))
        ended += found.update(state=state, ended_at=utc_now(), **FORGOTTEN)
    return ended


def _of(using: str, provider_id: str) -> QuerySet[Failure]:
    return Failure.objects.using(using).filter(**{"provider_id": provider_id})


def _trim(rows: QuerySet[Failure]) -> None:
    ordered = rows.order_by("-last_at", "-pk").values_list("pk", flat=True)
    surplus = list(ordered[MOST : MOST + 10 * TRIM_EVERY])
    if surplus:
        rows.filter(pk__in=surplus).delete()
