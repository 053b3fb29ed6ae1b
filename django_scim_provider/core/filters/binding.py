"""Filters resolved against a resource type: names become targets, values become comparable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django_scim_provider.core.errors import InvalidFilter, InvalidPath
from django_scim_provider.core.filters.expressions import (
    And,
    AttributePath,
    BoundAnd,
    BoundComparison,
    BoundFilter,
    BoundNot,
    BoundOr,
    BoundPresent,
    BoundValuePath,
    Comparison,
    Filter,
    Not,
    Or,
    Present,
    Value,
    ValuePath,
)
from django_scim_provider.core.filters.operators import OF_ORDER, OF_PARTS
from django_scim_provider.core.filters.parsing import parse
from django_scim_provider.core.filters.remembering import remembered
from django_scim_provider.core.filters.resolving import resolve
from django_scim_provider.core.folding import fold, fold_date
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import Attribute, ResourceType, Target


def is_hidden(target: Target) -> bool:
    """Tell whether queries must not look at an attribute: a secret, or what is not stored."""
    if "never" in (target.attribute.returned, target.leaf.returned):
        return True
    # It is made of the request's own address, so it stands in no row.
    return str(target) == "meta.location"


def simple_target(target: Target) -> Target | None:
    """Return the target; of a complex attribute its ``value``, None where it has none."""
    if target.leaf.type != "complex":
        return target
    # Section 3.4.2.2 wants a sub-attribute, yet its examples have ``emails co "example.com"``, and
    # PingFederate matches by ``emails eq`` (Ping Identity, SCIM provisioner settings reference).
    value = target.attribute.sub_attribute("value")
    return None if value is None else Target(target.attribute, value, target.extension)


@remembered
def bind_text(text: str, resource_type: ResourceType, profile: Profile) -> BoundFilter:
    """Return the bound tree of a filter's text; see ``parse`` and ``bind``."""
    return bind(parse(text), resource_type, profile)


def bind(tree: Filter, resource_type: ResourceType, profile: Profile) -> BoundFilter:
    """Return the bound tree of a filter.

    Raises:
        InvalidFilter: an attribute is unknown or secret, or an operator or value does not fit it.
    """
    return _Binder(lambda path: resolve(path, resource_type, profile), profile).bind(tree)


def bind_term(tree: Filter, attribute: Attribute, profile: Profile) -> BoundFilter:
    """Return the bound tree of a value filter; its targets are relative to the attribute.

    Raises:
        InvalidFilter: as ``bind``.
    """
    return _Binder(lambda path: _resolve_within(path, attribute), profile).bind(tree)


def _resolve_within(path: AttributePath, attribute: Attribute) -> Target | None:
    sub = attribute.sub_attribute(path.name)
    return None if sub is None or path.sub is not None or path.urn is not None else Target(sub)


@dataclass(frozen=True, slots=True)
class _Binder:
    resolve: Callable[[AttributePath], Target | None]
    """Finds names in a resource type, or inside one complex attribute."""
    profile: Profile

    def bind(self, tree: Filter) -> BoundFilter:
        """Bind one node."""
        match tree:
            case And(terms):
                return BoundAnd(tuple(self.joined(terms, BoundAnd)))
            case Or(terms):
                return BoundOr(tuple(self.joined(terms, BoundOr)))
            case Not(term):
                return BoundNot(self.bind(term))
            case Present(path):
                return BoundPresent(self.target(path))
            case ValuePath(path, term):
                return self.value_path(path, term)
            case Comparison():
                return self.comparison(tree)

    def joined(
        self, terms: Iterable[Filter], kind: type[BoundAnd | BoundOr]
    ) -> Iterator[BoundFilter]:
        """Bind terms; one in brackets that is joined by the same operator gives its own terms."""
        for term in terms:
            bound = self.bind(term)
            if isinstance(bound, kind):
                yield from bound.terms
            else:
                yield bound

    def target(self, path: AttributePath) -> Target:
        """Return what a path names; secrets do not exist for filters."""
        try:
            target = self.resolve(path)
        except InvalidPath as error:
            # Table 9: in a query, what is wrong with a name is wrong with the filter.
            raise InvalidFilter(error.detail) from error
        if target is None:
            # Section 3.4.2.1 treats what a type lacks as unassigned, in queries over all types.
            # Here, inside ``not``, it would match everybody, and hide a typing error for good.
            raise InvalidFilter(f"{str(path)[:80]!r} is not an attribute that can be filtered.")
        if is_hidden(target):
            raise InvalidFilter(f"{target} cannot be filtered.")
        return target

    def value_path(self, path: AttributePath, term: Filter) -> BoundFilter:
        """Bind ``attribute[term]``."""
        target = self.target(path)
        if target.attribute.type != "complex" and not target.attribute.multi_valued:
            raise InvalidFilter(f"{target} has no sub-attributes to filter by.")
        inner = bind_term(term, target.attribute, self.profile)
        return BoundValuePath(target, inner)

    def comparison(self, tree: Comparison) -> BoundFilter:
        """Bind ``path op value``; a complex attribute stands for its ``value``."""
        target = self.target(tree.path)
        if tree.value is None:
            return _null(tree, target)
        simple = simple_target(target)
        if simple is None:
            raise InvalidFilter(f"{target} is complex; name one of its sub-attributes.")
        return BoundComparison(simple, tree.op, self.value(simple, tree))

    def value(self, target: Target, tree: Comparison) -> str | int | float:
        """Return the value in folded form, if it and the operator fit the attribute."""
        kind, value = target.leaf.type, tree.value
        if kind == "boolean":
            return self.boolean(target, tree)
        if kind in ("integer", "decimal"):
            # True is an int for Python, but no number in JSON.
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InvalidFilter(f"{target} is compared with numbers.")
            if tree.op in OF_PARTS:
                raise InvalidFilter(f"{tree.op} does not fit {target}, which is a number.")
            return value
        if not isinstance(value, str):
            raise InvalidFilter(f"{target} is compared with texts in double quotes.")
        if kind == "dateTime":
            return _date(target, tree, value)
        # Table 3: binary values and booleans have no order, and a filter that asks for it is
        # invalidFilter.
        if kind == "binary" and tree.op in OF_ORDER:
            raise InvalidFilter(f"{tree.op} does not fit {target}, which is binary.")
        # References are always exact (RFC 7643 section 2.3.7); only strings ask caseExact.
        return value if target.leaf.case_exact or kind != "string" else fold(value)

    def boolean(self, target: Target, tree: Comparison) -> str:
        """Return ``"true"`` or ``"false"``; booleans have no order and no parts."""
        value: Value = tree.value
        # Entra ID's ``roles[primary eq "True"]`` (Microsoft Learn,
        # customize-application-attributes).
        lowered = value.lower() if isinstance(value, str) else None
        if self.profile.booleans_as_text and lowered in ("true", "false"):
            value = lowered == "true"
        if not isinstance(value, bool):
            raise InvalidFilter(f"{target} is compared with true or false.")
        if tree.op not in ("eq", "ne"):
            raise InvalidFilter(f"{tree.op} does not fit {target}, which is a boolean.")
        # As folded documents have booleans.
        return "true" if value else "false"


def _null(tree: Comparison, target: Target) -> BoundFilter:
    """``eq null`` selects the unassigned, ``ne null`` the assigned (RFC 7643 section 2.5)."""
    if tree.op == "eq":
        return BoundNot(BoundPresent(target))
    if tree.op == "ne":
        return BoundPresent(target)
    raise InvalidFilter(f"{tree.op} cannot compare with null.")


def _date(target: Target, tree: Comparison, value: str) -> str:
    # A part of a date is not a moment: ``meta.created sw "2026-01"`` is compared as a text.
    if tree.op in OF_PARTS:
        return value
    folded = fold_date(value)
    if folded is None:
        raise InvalidFilter(f"{target} is compared with dates such as 2026-01-31T12:00:00Z.")
    return folded
