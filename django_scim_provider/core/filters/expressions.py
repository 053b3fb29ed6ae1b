"""Filter expressions as immutable trees (RFC 7644 section 3.4.2.2).

The *syntax tree* holds names as the client wrote them; ``binding`` resolves it against a resource
type into the *bound tree*, which ``matching`` evaluates and ``storage.sql`` compiles to SQL.
"""

from __future__ import annotations

from dataclasses import dataclass

from django_scim_provider.core.filters.operators import Operator
from django_scim_provider.core.schemas.definitions import Target

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class AttributePath:
    """``[urn:]name[.sub]`` as the client wrote it."""

    name: str
    sub: str | None = None
    urn: str | None = None

    def __str__(self) -> str:
        prefix = f"{self.urn}:" if self.urn else ""
        return f"{prefix}{self.name}" + (f".{self.sub}" if self.sub else "")


@dataclass(frozen=True, slots=True)
class Comparison:
    """``path op value``."""

    path: AttributePath
    op: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Present:
    """``path pr``."""

    path: AttributePath


@dataclass(frozen=True, slots=True)
class And:
    """All terms hold."""

    terms: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one term holds."""

    terms: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The term does not hold."""

    term: Filter


# Not a chain of ``and``: ``emails[type eq "work" and value co "x"]`` asks for one value with both,
# ``emails.type eq "work" and emails.value co "x"`` for two that may differ.
@dataclass(frozen=True, slots=True)
class ValuePath:
    """``path[term]``: one value of the attribute satisfies the whole term."""

    path: AttributePath
    term: Filter


Filter = Comparison | Present | And | Or | Not | ValuePath


@dataclass(frozen=True, slots=True)
class BoundComparison:
    """A comparison with a resolved target and a value in folded form (see ``folding``).

    The value is a str for string, reference, binary, dateTime and boolean (``"true"``/``"false"``)
    attributes, an int or float for numbers. It is never None: ``eq null`` binds to not present.
    """

    target: Target
    op: Operator
    value: str | int | float


@dataclass(frozen=True, slots=True)
class BoundPresent:
    """The target has a value that is not empty."""

    target: Target


@dataclass(frozen=True, slots=True)
class BoundAnd:
    """All terms hold."""

    terms: tuple[BoundFilter, ...]


@dataclass(frozen=True, slots=True)
class BoundOr:
    """At least one term holds."""

    terms: tuple[BoundFilter, ...]


@dataclass(frozen=True, slots=True)
class BoundNot:
    """The term does not hold."""

    term: BoundFilter


@dataclass(frozen=True, slots=True)
class BoundValuePath:
    """One value of a multi-valued complex attribute satisfies the whole term.

    In the term, targets are relative: ``target.attribute`` is the sub-attribute, ``target.sub``
    None. A complex attribute that is not multi-valued is treated as a list of one.
    """

    target: Target
    term: BoundFilter


BoundFilter = BoundComparison | BoundPresent | BoundAnd | BoundOr | BoundNot | BoundValuePath
