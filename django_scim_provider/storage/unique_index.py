"""The index of values that are one resource's alone: whoever inserts a value first has it.

The database decides between writes at the same time. A row is a claim and not the truth: where one
is in the way, its resource is asked, so that what was deleted by cascade or by the project's own
code, or is not declared unique any more, is in nobody's way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from django_scim_provider.core.errors import Collision, Conflict, Uniqueness
from django_scim_provider.core.schemas.definitions import Resource, ResourceType, Target
from django_scim_provider.core.stored_text import content
from django_scim_provider.core.validation.unique_digests import unique_targets, unique_values
from django_scim_provider.models import UniqueValue
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.unique_values import MAX_TYPE_LENGTH
from django_scim_provider.storage.sql.statements.by_orm import batched
from django_scim_provider.storage.sql.statements.compiled_writes import Insert
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import locked

MAX_TRIES = 8
"""How often a claim is in the way that turns out to be nobody's."""
CHUNK = 5000
"""Rows of one INSERT: five parameters each, and SQLite takes 32,766."""
_insert = Insert(UniqueValue, ("id", "provider", "resource_type", "holder", "digest"))


def _anybody(id: str) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqueIndex:
    """The unique values of the resources of one type in one connection."""

    context: StoreContext
    resource_type: ResourceType
    resources: Callable[[], QuerySet[Any, Any]]
    """Returns all rows of the model that the resources are stored in, hidden ones as well."""
    but: frozenset[str] = frozenset()
    """Attributes that a constraint of the store's own keeps unique."""
    in_sight: Callable[[str], bool] = _anybody
    """May the connection be told of the resource with that id?"""

    @property
    def is_used(self) -> bool:
        """Tell whether the schemas declare anything unique that is kept here."""
        return bool(unique_targets(self.resource_type, self.but))

    def claim(self, key: UUID, resource: Resource, before: Resource | None = None) -> None:
        """Claim the unique values of a resource, and give up those that it had ``before``.

        Raises:
            Uniqueness: another resource has one of them; the attribute is named.
        """
        if not self.is_used:
            return
        wanted, had = self.values(resource), self.values(before or {})
        gone = had.keys() - wanted.keys()
        if gone:
            self.rows.filter(holder=key, digest__in=gone).delete()
        new = {digest: target for digest, target in wanted.items() if digest not in had}
        if new:
            self._insert(key, new)

    def release(self, key: UUID) -> None:
        """Give up all that a resource has, which is gone or about to be."""
        if self.is_used:
            self.rows.filter(holder=key).delete()

    def values(self, resource: Resource) -> dict[str, Target]:
        """Return the attribute of each unique value of a resource, by its digest."""
        return unique_values(resource, self.resource_type, self.but)

    @property
    def rows(self) -> QuerySet[UniqueValue]:
        """Return the claims of the connection, whatever their resource types."""
        rows = UniqueValue.objects.using(self.context.using)
        return rows.filter(**{"provider_id": self.context.provider_id})

    def _insert(self, key: UUID, new: Mapping[str, Target]) -> None:
        missing = set(new)
        for _ in range(MAX_TRIES):
            if self.add((digest, key) for digest in missing) == len(missing):
                return
            claims = self.claims(missing, own=key)
            for digest, (holder, id) in claims.items():
                if holder != key:
                    told = id if self.in_sight(id) else None
                    raise Uniqueness(
                        f"{new[digest]} is already in use.",
                        attribute=str(new[digest]),
                        holder=told,
                        collision=Collision(self.resource_type.name, id),
                    )
            missing -= claims.keys()
            if not missing:
                return
        raise Conflict

    def add(self, claims: Iterable[tuple[str, UUID]]) -> int:
        """Insert digests with the keys of who has them, and return how many were free."""
        # In one order, or two writes would wait for each other.
        rows = [
            {
                "id": uuid7(),
                "provider": self.context.provider_id,
                "resource_type": self.resource_type.name[:MAX_TYPE_LENGTH],
                "holder": key,
                "digest": digest,
            }
            for digest, key in sorted(claims)
        ]
        if vendor_of(self.context.using).orm_only:
            return self._add_missing(rows)
        return sum(
            _insert.run(self.context.using, rows[start : start + CHUNK], ignore_conflicts=True)
            for start in range(0, len(rows), CHUNK)
        )

    def _add_missing(self, rows: list[dict[str, Any]]) -> int:
        added = 0
        for some in batched(rows):
            there = self.rows.filter(digest__in=[row["digest"] for row in some])
            taken = set(there.values_list("digest", flat=True))
            new: dict[str, dict[str, Any]] = {}
            for row in some:
                if row["digest"] not in taken:
                    new.setdefault(row["digest"], row)  # the first one has it
            added += _insert.run(self.context.using, list(new.values()))
        return added

    def claims(
        self, digests: Collection[str], *, own: UUID | None = None
    ) -> dict[str, tuple[UUID, str]]:
        """Return the key and id of who has each value; claims of nobody are deleted.

        ``own`` is the key of a resource that is being written, whose claims hold as they are.
        """
        claimed = list(
            locked(self.rows.filter(digest__in=list(digests)))
            .order_by("pk")
            .values_list("pk", "holder", "digest")
        )
        found = self.resources().filter(pk__in={holder for _, holder, _ in claimed})
        # Who decided that a value is taken may be newer than what a snapshot shows.
        if vendor_of(self.context.using).reads_snapshots:
            found = locked(found)
        holders = {
            key: (id, self.values(content(text)))
            for key, id, text in found.order_by("pk").values_list("pk", "scim_id", "resource")
        }
        real: dict[str, tuple[UUID, str]] = {}
        stale = []
        for pk, holder, digest in claimed:
            id, values = holders.get(holder, ("", {}))
            if digest in values or holder == own:
                real[digest] = holder, id
            else:
                stale.append(pk)
        if stale:
            self.rows.filter(pk__in=stale).delete()
        return real
