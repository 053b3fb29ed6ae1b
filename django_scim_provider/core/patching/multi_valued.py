"""PATCH inside multi-valued and complex attributes (RFC 7644 sections 3.5.2.1 to 3.5.2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django_scim_provider.core.errors import InvalidValue, Mutability, NoTarget
from django_scim_provider.core.filters.expressions import BoundFilter, Filter
from django_scim_provider.core.filters.patch_paths import bind_selection, template
from django_scim_provider.core.folding import fold
from django_scim_provider.core.messages import PatchOperation, in_lower_case
from django_scim_provider.core.patching.elements import Elements
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import Attribute, Resource, Target
from django_scim_provider.core.validation.cleaning import clean_value
from django_scim_provider.core.validation.left_out import LeftOut, holds_nothing_known
from django_scim_provider.core.validation.limits import weight
from django_scim_provider.core.validation.places import is_cleared, made_of
from django_scim_provider.core.validation.values import element_cleaner

_NOTHING: tuple[Any, ...] = (None, "", {})
"""What counts as no value (RFC 7643 section 2.5); 0 and false are values."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is being changed, and how tolerant the connection is."""

    target: Target
    profile: Profile
    left_out: LeftOut

    def element(self, value: Any) -> Any:
        """Return one value of the attribute in canonical form; None where nothing is left.

        Raises:
            InvalidSyntax, InvalidValue: it does not fit.
        """
        cleaner = element_cleaner(self.target.attribute, self.profile, in_patch=True)
        return cleaner(value, str(self.target), self.left_out)


@dataclass(frozen=True, slots=True)
class Selector:
    """A value filter: whether an element matches, and what an element made for it holds."""

    bound: BoundFilter
    template: Resource | None
    """The ``eq`` terms as a new element; None where the filter is not a plain conjunction."""


def selector(term: Filter, context: Context) -> Selector:
    """Return the selector of a value path's filter.

    Raises:
        InvalidPath: the attribute is not multi-valued, or the filter does not fit it.
    """
    attribute = context.target.attribute
    return Selector(bind_selection(term, attribute, context.profile), template(term, attribute))


def change_selected(
    elements: Elements, operation: PatchOperation, select: Selector | None, context: Context
) -> None:
    """Apply an operation to the elements that the selector picks; None picks all.

    A remove that picks nothing changes nothing. An add or replace that picks nothing makes the
    element where the profile says so (``create_missing_value``).

    Raises:
        NoTarget: add or replace picks nothing and must not make it.
        TooMany: the PATCH has looked at too many values.
    """
    picked = list(elements.held if select is None else elements.matching(select.bound))
    # Writing a value takes about as long as looking at it twice.
    elements.budget.take_steps(len(picked) * (2 + weight(operation.value)))
    if operation.op == "remove":
        # Nothing picked is a success: section 3.5.2.2 has noTarget for a missing path only, and
        # Entra ID repeats a remove whose answer it did not see.
        _remove_picked(elements, picked, context)
    elif picked:
        _write_picked(elements, picked, operation, context)
    else:
        # Section 3.5.2.3 answers noTarget for replace. Entra ID adds and replaces
        # ``phoneNumbers[type eq "mobile"].value`` of people without one (Microsoft Learn,
        # use-scim-to-provision-users-and-groups; better-auth's recorded requests).
        element = _made(operation, select, context)
        if element is not None:
            elements.keep_one_primary(elements.append(element))
    if not elements.held:
        _refuse_emptying(context)


def _remove_picked(elements: Elements, picked: list[int], context: Context) -> None:
    sub = context.target.sub
    if sub is not None and picked:
        refuse_removing(sub, context)
    for number in picked:
        left: Resource = {}
        if sub is not None:
            left = dict(elements.held[number])
            merge(left, {sub.name: None}, context)
        _put(elements, number, left)


def _write_picked(
    elements: Elements, picked: list[int], operation: PatchOperation, context: Context
) -> None:
    sub = context.target.sub
    value = _only(operation.value)
    merges = operation.op == "add" and isinstance(value, dict)
    for number in picked:
        written = elements.held[number]
        if sub is not None:
            written = dict(written)
            merge(written, {sub.name: operation.value}, context)
        elif merges and isinstance(written, dict):
            written = dict(written)
            merge(written, value, context)
        else:
            written = context.element(value)
            if written is None and holds_nothing_known(value, context.target.attribute):
                continue
        _put(elements, number, written)


def _put(elements: Elements, number: int, value: Any) -> None:
    """Replace a value, which is gone where nothing is left of it."""
    if value in _NOTHING:
        elements.remove(number)
    else:
        elements.put(number, value)
        elements.keep_one_primary(number)


def _made(operation: PatchOperation, select: Selector | None, context: Context) -> Any:
    """Return the element that an add or replace without a match makes.

    None where it only clears a part, which nothing has.
    """
    attribute, sub = context.target.attribute, context.target.sub
    made = {} if select is None else select.template
    # ``strict`` keeps to the RFC here, as does a filter from which no value can be made.
    if made is None or not context.profile.create_missing_value:
        raise NoTarget(f"No value of {attribute.name} matches the path.")
    value = {sub.name: operation.value} if sub is not None else _only(operation.value)
    element = context.element(made_of(made, value) if attribute.type == "complex" else value)
    if element in _NOTHING:
        raise InvalidValue(f"{context.target} needs a value.")
    clears = sub is not None and is_cleared(operation.value, sub, context.profile)
    return None if clears else element


def add_values(elements: Elements, value: Any, context: Context) -> None:
    """Append the values that a multi-valued attribute does not hold yet (section 3.5.2.1)."""
    for item in _listed(value, context.target.attribute):
        cleaned = context.element(item)
        if cleaned is None:
            continue
        number = elements.find(cleaned)
        # Section 3.5.2.1: adding what is there changes nothing, so that the version stays. Entra ID
        # repeats an Add when it retries.
        if number is None:
            number = elements.append(cleaned)
        elif isinstance(cleaned, dict) and cleaned.get("primary") is True:
            elements.put(number, {**elements.held[number], "primary": True})
        if isinstance(cleaned, dict) and cleaned.get("primary") is True:
            elements.keep_one_primary(number)


def remove_listed(elements: Elements, value: Any, context: Context) -> None:
    """Remove only the listed values, where ``remove_listed_values`` asks for that."""
    wanted = set(listed_identities(value, context))
    elements.budget.take_steps(len(elements.held))
    for number, held in list(elements.held.items()):
        if _identity(held, context.target.attribute) in wanted:
            elements.remove(number)
    if not elements.held:
        _refuse_emptying(context)


def listed_identities(value: Any, context: Context) -> list[str]:
    """Return what the listed values are recognised by."""
    attribute = context.target.attribute
    return [_identity(item, attribute) for item in _listed(value, attribute)]


def merge(held: Resource, value: Resource, context: Context) -> None:
    """Merge sub-attributes into a complex value; what is not named stays, null unassigns.

    Raises:
        Mutability: an immutable sub-attribute would change.
    """
    attribute = context.target.attribute
    in_lower_case(value, str(context.target))
    left_out = context.left_out
    before = held.get("value")
    named = set()
    for key, new in value.items():
        sub = attribute.sub_attribute(key)
        if sub is None:
            left_out.note(f"{context.target}.", key, new)
            continue
        # As in POST and PUT: Okta sends members with their ``display``, which is ours (Okta SCIM
        # 2.0 protocol reference).
        if sub.mutability == "readOnly":
            continue
        named.add(sub.name)
        path = f"{context.target}" if context.target.sub else f"{context.target}.{sub.name}"
        cleaned = None
        if new is not None:
            cleaned = clean_value(sub, new, context.profile, path=path, left_out=left_out)
        # An immutable sub-attribute may be set once (RFC 7643 section 7).
        if sub.mutability == "immutable" and held.get(sub.name, cleaned) != cleaned:
            raise Mutability(f"{path} is immutable.")
        if cleaned is None:
            held.pop(sub.name, None)
        else:
            held[sub.name] = cleaned
    # The address of the old value would point to somebody else.
    if "$ref" not in named and held.get("value") != before:
        held.pop("$ref", None)


def refuse_removing(attribute: Attribute, context: Context) -> None:
    """Refuse to remove what is required.

    Raises:
        Mutability: it is; RFC 7644 section 3.5.2.2 names this error and no other.
    """
    if attribute.required:
        raise Mutability(f"{context.target} is required and cannot be removed.")


def _refuse_emptying(context: Context) -> None:
    if context.target.attribute.required:
        raise InvalidValue(f"{context.target} is required and cannot be unassigned.")


def _listed(value: Any, attribute: Attribute) -> list[Any]:
    """Return a value as the list of elements that it stands for."""
    value = unwrapped(value, attribute)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def unwrapped(value: Any, attribute: Attribute) -> Any:
    """Return a value without the name of its attribute round it: {"members": [...]}."""
    # Salesforce sends members so.
    if isinstance(value, dict) and len(value) == 1:
        (key,) = value
        if key.lower() == attribute.name.lower():
            return value[key]
    return value


def value_or_reference(item: Resource) -> Any:
    """Return the ``value`` of a complex value in any spelling, else the id that its ``$ref`` names.

    RFC 7643 section 2.4 has ``$ref`` for the address of a resource, which ends in its id.
    """
    named = {key.lower(): part for key, part in item.items()}
    reference = named.get("$ref")
    if named.get("value") or not isinstance(reference, str):
        return named.get("value", item)
    return unquote(reference.rstrip("/").rpartition("/")[2])


def _only(value: Any) -> Any:
    # Entra ID wraps single values in a list (better-auth's recorded requests of its validator).
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _identity(item: Any, attribute: Attribute) -> str:
    """Return what a listed value is recognised by: its ``value``, folded unless ``caseExact``."""
    value = value_or_reference(item) if isinstance(item, dict) else item
    if not isinstance(value, str):
        return repr(value)  # keeps 1 and "1" apart
    sub = attribute.sub_attribute("value") or attribute
    return value if sub.case_exact else fold(value)
