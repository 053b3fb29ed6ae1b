"""PATCH of a group's members as set operations, so that a change costs what changes.

The operations on ``members`` commute with those on everything else. What is left of them, in their
order, is one change: are all members taken away first, who is added, who is removed, and which
filters remove whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.filters.expressions import AttributePath, Comparison, Filter, Or
from django_scim_provider.core.filters.patch_paths import PatchPath, parse_path
from django_scim_provider.core.filters.resolving import resolve
from django_scim_provider.core.messages import PatchOperation
from django_scim_provider.core.patching.attributes import apply_attribute
from django_scim_provider.core.patching.elements import Holder
from django_scim_provider.core.patching.member_filters import (
    Anchor,
    MemberElements,
    MemberFilter,
    member_filter,
    refuse_many,
    together,
)
from django_scim_provider.core.patching.multi_valued import (
    Context,
    listed_identities,
    unwrapped,
    value_or_reference,
)
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import Resource, ResourceType, Target
from django_scim_provider.core.validation.left_out import LeftOut, holds_nothing_known
from django_scim_provider.core.validation.limits import DEFAULT_LIMITS, Budget
from django_scim_provider.core.validation.nesting import nested

MEMBERS = "members"


@dataclass(slots=True)
class MemberChange:
    """Ids of members, in the order in which they were named."""

    cleared: bool = False
    added: dict[str, int] = field(default_factory=dict)
    """And how many filters came before."""
    removed: set[str] = field(default_factory=set)
    filters: dict[Filter, tuple[int, MemberFilter]] = field(default_factory=dict)
    """Those that remove members, and how many came up to their last use."""
    filtered: int = 0

    def add(self, ids: Iterable[str]) -> None:
        """Add members."""
        for id in ids:
            # A filter takes away those added before it, not those after it.
            self.added[id] = self.filtered
            # Of several operations on one member the last decides, which makes sets enough.
            self.removed.discard(id)

    def remove(self, ids: Iterable[str]) -> None:
        """Remove members."""
        for id in ids:
            self.added.pop(id, None)
            self.removed.add(id)

    def remove_matching(self, term: Filter, found: MemberFilter) -> None:
        """Remove the members that a filter matches: those there were, and those added so far."""
        self.filtered += 1
        self.filters[term] = self.filtered, found

    def replace(self, ids: Iterable[str]) -> None:
        """Take all members away and add these."""
        self.cleared = True
        self.added = dict.fromkeys(ids, self.filtered)
        # Whatever was said before concerns members that are all gone.
        self.removed = set()
        self.filters = {}

    def anchor(self) -> Anchor | None:
        """Return whom the filters can match; None where it may be anybody."""
        return together(found for _, found in self.filters.values())

    def added_before_filters(self) -> list[str]:
        """Return the ids that are added and then looked at by a filter."""
        last = max((number for number, _ in self.filters.values()), default=0)
        return [id for id, number in self.added.items() if number < last]

    def without_filters(self, elements: Iterable[Resource], limit: int) -> MemberChange:
        """Return the same change by ids alone.

        ``elements`` are the members as they are shown that the filters can match, and all that
        ``added_before_filters`` names; ``limit`` is ``MAX_PATCH_STEPS``.

        Raises:
            TooMany: the filters look at more members than are allowed.
        """
        known = MemberElements.of(elements)
        compared, matched = 0, dict[str, int]()
        for number, found in self.filters.values():
            ids = known.candidates(found)
            compared += len(ids)
            refuse_many(compared, len(known.by_id), limit)
            for id in ids:
                if found.matches(known.by_id[id]):
                    # The last filter that matches: an addition after it stands.
                    matched[id] = max(number, matched.get(id, 0))
        added = {id: n for id, n in self.added.items() if n >= matched.get(id, 0)}
        removed = self.removed | (matched.keys() - added.keys())
        return MemberChange(cleared=self.cleared, added=added, removed=removed)


def split_patch(
    operations: Sequence[PatchOperation],
    resource_type: ResourceType,
    profile: Profile,
    left_out: LeftOut | None = None,
) -> tuple[list[PatchOperation], MemberChange] | None:
    """Return the operations on other attributes, and the change of the members.

    None where an operation can only be told with the members at hand, such as one on a
    sub-attribute.

    ``left_out`` is where the names of what no schema knows of members go.

    Raises:
        InvalidSyntax, InvalidPath, InvalidValue: as ``apply_patch``.
    """
    split = _Split(resource_type, profile, LeftOut(profile) if left_out is None else left_out)
    try:
        others = [rest for operation in operations for rest in split.rest_of(operation)]
    except _NeedsMembers:
        return None
    return others, split.change


def member_ids(resource: Resource) -> list[str]:
    """Return the ids of a group's members; those with neither ``value`` nor ``$ref`` are none."""
    members = resource.get(MEMBERS, ())
    # To leave out a member that an address names would empty the group of a PUT.
    return [
        str(member.get("value") or value_or_reference(member))
        for member in members
        if member.get("value") or member.get("$ref")
    ]


class _NeedsMembers(Exception):
    """What an operation does can only be told with the members at hand."""


@dataclass(slots=True)
class _Split:
    resource_type: ResourceType
    profile: Profile
    left_out: LeftOut
    change: MemberChange = field(default_factory=MemberChange)

    def rest_of(self, operation: PatchOperation) -> list[PatchOperation]:
        """Record what an operation does to the members; return what else it does."""
        if operation.path is None:
            return self.rest_of_object(operation)
        path = parse_path(operation.path, self.resource_type)
        if path.whole is None or path.unknown(self.resource_type, self.profile) is not None:
            return [operation]
        if not _is_members(resolve(path.whole, self.resource_type, self.profile)):
            return [operation]
        self.record(operation, path)
        return []

    def rest_of_object(self, operation: PatchOperation) -> list[PatchOperation]:
        if operation.op == "remove" or not isinstance(operation.value, dict):
            return [operation]
        given = nested(operation.value, self.resource_type, self.profile)
        # ``members.value`` and ``members[...]`` as keys change members in place. Nobody is known to
        # send them, so they take the slow way: all members are loaded.
        if any(_is_members(place.target) for place in given.chosen):
            raise _NeedsMembers
        if MEMBERS not in given.resource:
            return [operation]
        rest = dict(given.resource)
        named = replace(operation, path=MEMBERS, value=rest.pop(MEMBERS))
        self.record(named, PatchPath(AttributePath(MEMBERS)))
        rest |= {key: value for place in given.chosen for key, _, value in place.operations()}
        return [replace(operation, value=rest)] if rest else []

    def record(self, operation: PatchOperation, path: PatchPath) -> None:
        target = resolve(AttributePath(MEMBERS), self.resource_type, self.profile)
        if target is None or path.sub is not None or path.path is None or path.path.sub is not None:
            raise _NeedsMembers
        # To replace within chosen members, they have to be at hand.
        if path.term is not None and operation.op != "remove":
            raise _NeedsMembers
        change, context = self.change, Context(target, self.profile, self.left_out)
        if path.term is not None:
            ids = list(_named_ids(path.term))
            # Ids alone need no look at the group. This is what Entra ID with its flag, and Okta
            # send: one member for each path.
            if None in ids:
                change.remove_matching(path.term, member_filter(path.term, context))
            else:
                change.remove(str(id) for id in ids)
        elif operation.op == "remove":
            if operation.has_value and self.profile.remove_listed_values:
                change.remove(listed_identities(operation.value, context))
            else:
                change.replace(())
        elif not operation.has_value:
            raise InvalidValue(f"The {operation.op} operation on {MEMBERS} has no value.")
        else:
            # As if the group were empty: the same function cleans the values, so that the short way
            # and the long one refuse the same. The budget is a new one, since it limits looks at
            # what is held.
            holder = Holder({}, Budget(DEFAULT_LIMITS))
            apply_attribute(holder, operation, context)
            if holds_nothing_known(unwrapped(operation.value, target.attribute), target.attribute):
                return
            holder.close()
            (change.add if operation.op == "add" else change.replace)(member_ids(holder.resource))


def _is_members(target: Target | None) -> bool:
    return target is not None and target.extension is None and target.attribute.name == MEMBERS


def _named_ids(term: Filter) -> Iterator[str | None]:
    """Yield the ids of ``value eq "a" or value eq "b"``; None where the term says more."""
    for part in term.terms if isinstance(term, Or) else (term,):
        if (
            not isinstance(part, Comparison)
            or part.op != "eq"
            or str(part.path).lower() != "value"
            or not isinstance(part.value, str)
        ):
            yield None
        else:
            yield part.value
