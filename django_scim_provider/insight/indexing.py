"""Bringing the index of unique values in line with what is stored, and telling what is there twice.

An attribute may be declared unique when resources have values already; nothing claims those until
this is run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import orjson

from django_scim_provider.core.schemas.definitions import Target
from django_scim_provider.models import ProviderConnection, UniqueValue
from django_scim_provider.models.batches import BATCH, in_batches
from django_scim_provider.models.unique_values import MAX_TYPE_LENGTH
from django_scim_provider.registry import get_registry
from django_scim_provider.storage.request_context import inside
from django_scim_provider.storage.store_context import context_of
from django_scim_provider.storage.transactions import in_transaction, locked
from django_scim_provider.storage.unique_index import UniqueIndex


@dataclass(frozen=True, slots=True)
class Double:
    """A value that a resource has although another one had it first."""

    resource_type: str
    id: str
    attribute: str
    holder: str
    """The id of who had it first."""


@dataclass(slots=True)
class Indexing:
    """What was done for one connection."""

    resources: int = 0
    claimed: int = 0
    """Values that are unique from now on."""
    released: int = 0
    """Claims that nobody has any more."""
    doubles: int = 0


def _pass(double: Double) -> None:
    """Tell nobody."""


@inside(context_of)
def index_values(
    connection: ProviderConnection,
    *,
    seen: Callable[[Double], None] = _pass,
    batch_size: int = BATCH,
) -> Indexing:
    """Claim each unique value of a connection's resources for whoever was there first.

    Each batch is a transaction, and a second run changes nothing. ``seen`` is called with each
    value that is there twice; nothing is changed about it, since only the directory can.
    """
    context, done = context_of(connection), Indexing()
    names = []
    for registration in get_registry().registrations:
        resource_type = registration.resource_type
        store: Any = registration.store(context, resource_type)
        index = getattr(store, "unique_index", None)
        # Other stores keep unique themselves what they declare so.
        if isinstance(index, UniqueIndex) and index.is_used:
            names.append(resource_type.name[:MAX_TYPE_LENGTH])
            _index_type(index, done, seen, batch_size)
    rows = UniqueValue.objects.using(context.using)
    of_others = rows.filter(provider=connection.provider_id).exclude(resource_type__in=names)
    clear = partial(lambda: of_others.delete()[0])
    done.released += in_transaction(context.using, connection.provider_id, clear)
    return done


def _index_type(
    index: UniqueIndex, done: Indexing, seen: Callable[[Double], None], batch_size: int
) -> None:
    using, provider_id = index.context.using, index.context.provider_id
    for batch in in_batches(index.resources().only("pk"), batch_size):
        work = partial(_index_batch, index, [row.pk for row in batch])
        found, claimed, released, doubles = in_transaction(using, provider_id, work)
        done.resources += found
        done.claimed += claimed
        done.released += released
        done.doubles += len(doubles)
        for double in doubles:
            seen(double)
    name = index.resource_type.name[:MAX_TYPE_LENGTH]
    for claims in in_batches(index.rows.filter(resource_type=name), batch_size):
        clear = partial(_release_lost, index, claims)
        done.released += in_transaction(using, provider_id, clear)


def _index_batch(index: UniqueIndex, keys: Sequence[UUID]) -> tuple[int, int, int, list[Double]]:
    """Return the number of resources, of values claimed and released; and what is there twice."""
    # Locked, so that no write of theirs comes between what is read and what is claimed.
    rows = locked(index.resources().filter(pk__in=keys)).order_by("pk")
    ids: dict[UUID, str] = {}
    wanted: dict[tuple[str, UUID], Target] = {}
    for key, id, text in rows.values_list("pk", "scim_id", "resource"):
        resource = orjson.loads(text)
        # A model may hold the resources of several types.
        if resource["meta"].get("resourceType") == index.resource_type.name:
            ids[key] = id
            wanted |= {(digest, key): target for digest, target in index.values(resource).items()}
    held = {
        (digest, holder): pk
        for pk, digest, holder in index.rows.filter(holder__in=list(ids)).values_list(
            "pk", "digest", "holder"
        )
    }
    gone = [pk for claim, pk in held.items() if claim not in wanted]
    index.rows.filter(pk__in=gone).delete()
    missing = {claim: target for claim, target in wanted.items() if claim not in held}
    claimed, doubles = 0, []
    while missing:
        claimed += index.add(missing)
        taken = index.claims({digest for digest, _ in missing})
        for claim in [claim for claim in missing if claim[0] in taken]:
            target, (holder, id) = missing.pop(claim), taken[claim[0]]
            if holder != claim[1]:
                name = index.resource_type.name
                doubles.append(Double(name, ids[claim[1]], str(target), id))
    return len(ids), claimed, len(gone), doubles


def _release_lost(index: UniqueIndex, claims: Sequence[UniqueValue]) -> int:
    """Delete claims whose resources are gone, and return how many."""
    keys = {claim.holder for claim in claims}
    living = set(index.resources().filter(pk__in=keys).values_list("pk", flat=True))
    lost = [claim.pk for claim in claims if claim.holder not in living]
    return index.rows.filter(pk__in=lost).delete()[0]
