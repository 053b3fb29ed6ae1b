"""What the engine asks of storage: values and one protocol.

A store is made *for one connection*; it cannot be asked for another tenant's resources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeGuard, runtime_checkable

import orjson

from django_scim_provider.core.filters.expressions import BoundFilter
from django_scim_provider.core.patching.members import MemberChange
from django_scim_provider.core.schemas.definitions import Resource, ResourceType, Target

Values = Iterable[Sequence[Resource]]
"""Values of a relation, batch by batch, read from the storage while one goes through them once."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One stored resource as its canonical JSON text.

    ``text`` is compact JSON that starts with ``{"id":"<id>"`` and ends with its ``meta`` object,
    which is not empty and holds everything but ``location``: a reader that wants the whole resource
    splices text only (``core.stored_text``). The id may have any length.
    """

    id: str
    version: int
    text: str
    values: Values = ()
    """Values of the relation that are too many to stand in the text."""

    def resource(self) -> Resource:
        """Return the decoded resource, with ``id`` and ``meta`` but without ``meta.location``."""
        decoded: Resource = orjson.loads(self.text)
        return decoded


@dataclass(frozen=True, slots=True)
class Sort:
    """An order by one attribute; ties are broken by id, unassigned values come last ascending."""

    target: Target
    descending: bool = False


# A key, not an offset: what is added or deleted meanwhile moves no other resource from its page.
@dataclass(frozen=True, slots=True)
class Position:
    """The last resource of a page, from which the next page goes on (keyset).

    ``id`` is what the store breaks ties by. ``key`` is that resource's folded sort value, None
    where it has none or the order is by ``id``.
    """

    id: str
    key: str | int | float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A list request in storable terms. Exactly one of ``offset`` and cursor paging is in use."""

    filter: BoundFilter | None = None
    sort: Sort | None = None
    offset: int = 0
    """0-based; used where ``by_cursor`` is False."""
    limit: int
    """0 asks for the total alone."""
    by_cursor: bool = False
    after: Position | None = None
    """With ``by_cursor``: where the page starts, None for the first page."""
    # Counting costs as much as finding on PostgreSQL; with a cursor the first page's total is
    # carried on.
    count_total: bool = True
    skip_members: bool = False
    """The answer does not hold ``members`` (Group) or ``groups`` (User): do not read them."""


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of a large page: its text and its values as in ``Stored``."""

    text: str
    values: Values = ()


class Parts(Protocol):
    """The resources of a page that is too large to be held, read while one goes through it once."""

    def __len__(self) -> int:
        """Return how many were found; those that are deleted meanwhile are left out later."""

    def __iter__(self) -> Iterator[Part]:
        """Go through them; the values of one before the next one."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a query: texts as in ``Stored.text``, the total if it was asked for."""

    texts: Sequence[str]
    """Empty where there are ``parts``."""
    total: int | None
    next: Position | None = None
    """With ``by_cursor``: the position behind this page, None where it is the last."""
    parts: Parts | None = None
    """The resources, where they are too large to be held at once."""

    @property
    def size(self) -> int:
        """How many resources were found."""
        return len(self.texts if self.parts is None else self.parts)


Change = Callable[[Stored], Resource]
"""Given the locked present state, return the new resource (without id and meta), or raise."""


class ResourceStore(Protocol):
    """The resources of one type that one connection owns.

    Every method is atomic. Resources are validated and canonical, without ``id`` and ``meta``; of
    readOnly attributes a new one has none, and a changed one has what was stored. ``password`` is
    present where the client sent one; it is never stored. What the schemas declare unique is the
    store's to keep so.
    """

    resource_type: ResourceType
    supports_sort: ClassVar[bool]
    """Is ``sortBy`` honoured? Otherwise it is 400 (RFC 7644 section 3.4.2.3: sorting is optional).
    ServiceProviderConfig shows sorting where all stores do it (RFC 7643 section 5)."""
    relation: ClassVar[str | None]
    """The attribute that is computed from other rows: ``members`` of a Group, ``groups`` of a
    User."""
    patch_returns_resource: ClassVar[bool]
    """Does PATCH answer 200 with the resource (True), or 204 (RFC 7644 section 3.5.2)?"""

    def get(self, id: str, *, skip_members: bool = False) -> Stored | None:
        """Return the resource, or None; any text may be asked for."""

    def query(self, query: Query) -> Page:
        """Return one page of the resources that match."""

    def create(self, resource: Resource) -> tuple[Stored, bool]:
        """Store a new resource; the flag tells whether it was made (False: reactivated).

        Raises:
            Uniqueness: a unique value, such as ``userName``, is in use.
        """

    def update(self, id: str, change: Change) -> Stored | None:
        """Lock the resource, apply ``change``, store what differs; None where there is none.

        A change that returns an equal resource keeps the version and ``lastModified``.

        Raises:
            Uniqueness: as for ``create``.
        """

    def delete(self, id: str, check: Callable[[Stored], None]) -> bool:
        """Lock the resource, call ``check``, delete it; False where there is none.

        ``check`` may raise; nothing is deleted then.
        """


# Apart from ResourceStore: stores of a project's own types need none of this.
@runtime_checkable
class SharingStore(Protocol):
    """A store that makes several resources in statements that they share."""

    def create_together(
        self, resources: Sequence[Resource | None]
    ) -> Iterator[Sequence[Stored] | None]:
        """Yield, in the order of new resources, what was stored of several that come one by one.

        None stands for a resource that is to be created by itself, as it may be refused; the caller
        does so before it asks on. Nothing is kept of it here. What is None itself is no resource.
        """


class MemberStore(Protocol):
    """A store whose relation is changed as a set, without being loaded."""

    def update_members(
        self, id: str, change: Change, members: MemberChange | None, *, show_members: bool
    ) -> Stored | None:
        """Lock the resource, apply both changes, store what differs; None where there is none.

        ``change`` sees a resource without members, and returns one without them; only where
        ``members`` is None, the members that it returns replace all.

        Raises:
            Uniqueness: as for ``create``.
            InvalidValue: who is added does not exist.
        """


def changes_members(store: Any) -> TypeGuard[MemberStore]:
    """Tell whether a store is a ``MemberStore``.

    Asked by each write; Python's own look at a protocol takes a hundredth of a PUT.
    """
    return callable(getattr(store, "update_members", None))
