"""The values of multi-valued attributes while the operations of a PATCH change them.

Each value has a number, and is found by what it is equal to, so that an operation costs what it
names and changes, not what is there.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django_scim_provider.core.filters.expressions import BoundAnd, BoundFilter, BoundNot, BoundOr
from django_scim_provider.core.filters.matching import element_matches
from django_scim_provider.core.folding import fold_element
from django_scim_provider.core.schemas.definitions import Attribute, Resource
from django_scim_provider.core.validation.limits import Budget, weight


class Elements:
    """The values of one attribute, in their order. A value is replaced, never changed in place."""

    def __init__(self, attribute: Attribute, values: Iterable[Any], budget: Budget) -> None:
        self.attribute = attribute
        self.budget = budget
        # By number and not by place: a value that is removed would shift all places behind it, once
        # for each operation.
        self.held: dict[int, Any] = dict(enumerate(values))
        self.next_number = len(self.held)
        # Kept between operations: a PATCH often has one for each sub-attribute of the same value,
        # each with the same filter.
        self.folded: dict[int, tuple[Resource, int]] = {}
        """What was folded already, and how many steps it takes to look at it."""
        self.numbers: dict[Hashable, dict[int, None]] | None = None
        """Where values stand, by what they are recognised by; None: nobody has asked."""
        self.primary = {number for number in self.held if self._is_primary(number)}
        # Otherwise a large attribute, stored under a higher cap, could not be changed at all.
        budget.open(len(self.held))

    def append(self, value: Any) -> int:
        """Add a value at the end and return its number."""
        number, self.next_number = self.next_number, self.next_number + 1
        self._enter(number, value)
        return number

    def put(self, number: int, value: Any) -> None:
        """Replace a value."""
        self._leave(number)
        self._enter(number, value)

    def remove(self, number: int) -> None:
        """Take a value away."""
        self._leave(number)
        del self.held[number]

    def find(self, value: Any) -> int | None:
        """Return the number of the value that is the same, or None.

        Values are the same by ``value`` where that is immutable, else as a whole but for
        ``primary``.
        """
        if self.numbers is None:
            self.numbers = {}
            for number in self.held:
                self._note(number)
        return next(iter(self.numbers.get(self._key(value), ())), None)

    def matching(self, term: BoundFilter) -> Iterator[int]:
        """Yield the numbers of the values that satisfy a value filter.

        Raises:
            TooMany: the PATCH has looked at too many values.
        """
        terms = _terms(term)
        for number in self.held:
            folded, steps = self._folded(number)
            self.budget.take_steps(steps * terms)
            if element_matches(term, folded):
                yield number

    def keep_one_primary(self, number: int) -> None:
        """Let no other value be the primary one, if this is (RFC 7643 section 2.4)."""
        if number in self.primary:
            # Section 3.5.2: the server sets the others to false when a new value is primary.
            for other in self.primary - {number}:
                self.put(other, {**self.held[other], "primary": False})

    def _enter(self, number: int, value: Any) -> None:
        self.held[number] = value
        if self._is_primary(number):
            self.primary.add(number)
        if self.numbers is not None:
            self._note(number)

    def _leave(self, number: int) -> None:
        self.folded.pop(number, None)
        self.primary.discard(number)
        if self.numbers is not None:
            del self.numbers[self._key(self.held[number])][number]

    def _note(self, number: int) -> None:
        if self.numbers is not None:
            self.numbers.setdefault(self._key(self.held[number]), {})[number] = None

    def _is_primary(self, number: int) -> bool:
        value = self.held[number]
        return isinstance(value, dict) and value.get("primary") is True

    def _folded(self, number: int) -> tuple[Resource, int]:
        found = self.folded.get(number)
        if found is None:
            folded = fold_element(self.attribute, self.held[number])
            found = self.folded[number] = folded, weight(folded)
            self.budget.take_steps(found[1])
        return found

    def _key(self, value: Any) -> Hashable:
        if not isinstance(value, dict):
            return _hashable(value)
        identity = self.attribute.sub_attribute("value")
        # A member is who it names: WSO2 adds it again with another ``$ref`` and ``display``
        # (wso2/product-is issue 5333), which is not a second member.
        if identity is not None and identity.mutability == "immutable":
            return _hashable(value.get("value"))
        # ``primary`` is a mark and not a part of what the value is: adding it again with the mark
        # moves the mark and makes no double.
        return frozenset((k, _hashable(v)) for k, v in value.items() if k != "primary")


def _hashable(value: Any) -> Hashable:
    if isinstance(value, list):
        # Equal values are found by hash: comparing each new one with all that are held would take
        # the square of their number.
        return tuple(map(_hashable, value))
    if isinstance(value, dict):
        return frozenset((key, _hashable(held)) for key, held in value.items())
    held: Hashable = value
    return held


def _terms(term: BoundFilter) -> int:
    """Return how many comparisons a value filter asks for."""
    match term:
        case BoundAnd(terms) | BoundOr(terms):
            return sum(map(_terms, terms))
        case BoundNot(inner):
            return _terms(inner)
    return 1


@dataclass(slots=True)
class Holder:
    """An object whose attributes are changed: a resource, or one of its extensions."""

    resource: Resource
    budget: Budget
    opened: dict[str, Elements] = field(default_factory=dict)
    """The multi-valued attributes under change; those in ``resource`` are out of date."""

    def elements(self, attribute: Attribute) -> Elements:
        """Return the values of a multi-valued attribute, to be changed."""
        if attribute.name not in self.opened:
            held = self.resource.get(attribute.name, ())
            self.opened[attribute.name] = Elements(attribute, held, self.budget)
        return self.opened[attribute.name]

    def close(self) -> None:
        """Bring the resource in line."""
        for name in list(self.opened):
            self.close_attribute(name)

    def close_attribute(self, name: str) -> None:
        """Bring one attribute of the resource in line; one without values is unassigned."""
        opened = self.opened.pop(name, None)
        if opened is None:
            return
        assign(self.resource, name, list(opened.held.values()))


def assign(resource: Resource, name: str, value: Any) -> None:
    """Set an attribute; without a value it is unassigned."""
    if value:
        resource[name] = value
    else:
        resource.pop(name, None)
