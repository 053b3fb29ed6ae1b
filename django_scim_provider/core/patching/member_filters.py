"""Filters that remove members of a group, answered in one pass over those that they can match."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django_scim_provider.core.errors import TooMany
from django_scim_provider.core.filters.expressions import And, BoundFilter, Comparison, Filter, Or
from django_scim_provider.core.filters.matching import element_matches
from django_scim_provider.core.folding import fold, fold_element
from django_scim_provider.core.patching.multi_valued import Context, selector
from django_scim_provider.core.schemas.definitions import Attribute, Resource


@dataclass(frozen=True, slots=True)
class Anchor:
    """All that a filter can match, where it says so: members by ``value``, or by ``display``."""

    values: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    """Folded."""


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """A filter, and what it can match; without an anchor that may be anybody."""

    bound: BoundFilter
    attribute: Attribute
    anchor: Anchor | None

    def matches(self, element: Resource) -> bool:
        """Tell whether it matches a member as ``members`` shows it."""
        return element_matches(self.bound, fold_element(self.attribute, element))


def member_filter(term: Filter, context: Context) -> MemberFilter:
    """Return the filter of a path ``members[...]``.

    Raises:
        InvalidPath: it does not fit.
    """
    bound = selector(term, context).bound
    return MemberFilter(bound, context.target.attribute, _anchor(term))


def _anchor(term: Filter) -> Anchor | None:
    if isinstance(term, Comparison):
        if term.op != "eq" or not isinstance(term.value, str):
            return None
        if str(term.path).lower() == "value":
            return Anchor(values=frozenset({term.value}))
        # Names in folded form, as filters compare them.
        if str(term.path).lower() == "display":
            return Anchor(names=frozenset({fold(term.value)}))
    # Any one term that names members is enough: all matches are among them.
    if isinstance(term, And):
        return next((found for each in term.terms if (found := _anchor(each))), None)
    # Here each has to: a term without an anchor may match anybody.
    if isinstance(term, Or):
        return _union([_anchor(each) for each in term.terms])
    return None


def together(filters: Iterable[MemberFilter]) -> Anchor | None:
    """Return all that filters can match; None where one of them may match anybody."""
    return _union([each.anchor for each in filters])


def _union(anchors: Sequence[Anchor | None]) -> Anchor | None:
    known = [anchor for anchor in anchors if anchor is not None]
    # None is "anybody"; an empty anchor is "nobody".
    if len(known) < len(anchors):
        return None
    return Anchor(
        frozenset().union(*(anchor.values for anchor in known)),
        frozenset().union(*(anchor.names for anchor in known)),
    )


@dataclass(frozen=True, slots=True)
class MemberElements:
    """Members as ``members`` shows them, by their ids and by their folded names."""

    by_id: Mapping[str, Resource]
    by_name: Mapping[str, list[str]]

    @classmethod
    def of(cls, elements: Iterable[Resource]) -> MemberElements:
        """Return these, each once."""
        by_id = {element["value"]: element for element in elements}
        by_name: dict[str, list[str]] = {}
        for id, element in by_id.items():
            if "display" not in element:
                continue
            by_name.setdefault(fold(element["display"]), []).append(id)
        return cls(by_id, by_name)

    def candidates(self, found: MemberFilter) -> list[str]:
        """Return the ids of those that a filter can match."""
        if found.anchor is None:
            return list(self.by_id)
        ids = set(found.anchor.values & self.by_id.keys())
        for name in found.anchor.names & self.by_name.keys():
            ids.update(self.by_name[name])
        return list(ids)


def refuse_many(comparisons: int, members: int, limit: int) -> None:
    """Refuse to compare members too often; a single look at each of them is always taken.

    Raises:
        TooMany: there is more to compare.
    """
    # A group may have more members than the limit has steps; looking at each of them once is what
    # the one filter asks for.
    if comparisons > max(limit, members):
        raise TooMany(
            f"The operations look at members {comparisons} times; one PATCH may do so at most "
            f"{limit} times (MAX_PATCH_STEPS). Name the members by value or display."
        )
