"""PATCH inside multi-valued and complex attributes (RFC 7644 sections 3.5.2.1 to 3.5.2.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django_scim_provider.core.binding import bind_term
from django_scim_provider.core.errors import (
    InvalidFilter,
    InvalidPath,
    InvalidValue,
    Mutability,
    NoTarget,
)
from django_scim_provider.core.filters import And, Comparison, Filter
from django_scim_provider.core.folding import fold, fold_element
from django_scim_provider.core.matching import element_matches
from django_scim_provider.core.messages import PatchOperation, in_lower_case
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schema import Attribute, Resource, Target
from django_scim_provider.core.validation import clean_element, clean_value


@dataclass(frozen=True, slots=True)
class Context:
    """What is being changed, and how tolerant the connection is."""

    target: Target
    profile: Profile


@dataclass(frozen=True, slots=True)
class Selector:
    """A value filter: whether an element matches, and what an element made for it holds."""

    matches: Callable[[Resource], bool]
    template: Resource | None
    """The ``eq`` terms as a new element; None where the filter is not a plain conjunction."""


def selector(term: Filter, context: Context) -> Selector:
    """Return the selector of a value path's filter.

    Raises:
        InvalidPath: the attribute is not multi-valued and complex, or the filter does not fit it.
    """
    attribute, profile = context.target.attribute, context.profile
    if not attribute.multi_valued or attribute.type != "complex":
        raise InvalidPath(f"{attribute.name} has no values that a filter could select.")
    try:
        bound = bind_term(term, attribute, booleans_as_text=profile.booleans_as_text)
    except InvalidFilter as error:
        raise InvalidPath(error.detail) from error

    def matches(element: Resource) -> bool:
        return element_matches(bound, fold_element(attribute, element))

    return Selector(matches, _template(term, attribute))


def _template(term: Filter, attribute: Attribute) -> Resource | None:
    terms = term.terms if isinstance(term, And) else (term,)
    made: Resource = {}
    for part in terms:
        if not isinstance(part, Comparison) or part.op != "eq" or part.value is None:
            return None
        sub = attribute.sub_attribute(part.path.name)
        if sub is None or sub.name in made or sub.mutability == "readOnly":
            return None
        made[sub.name] = part.value
    return made


def change_selected(
    container: Resource, operation: PatchOperation, select: Selector | None, context: Context
) -> None:
    """Apply an operation to the elements that the selector picks; None picks all.

    A remove that picks nothing changes nothing. An add or replace that picks nothing makes the
    element where the profile says so (``create_missing_value``).

    Raises:
        NoTarget: add or replace picks nothing and must not make it.
    """
    name, sub = context.target.attribute.name, context.target.sub
    elements = [dict(element) for element in container.get(name, ())]
    picked = [
        index for index, element in enumerate(elements) if select is None or select.matches(element)
    ]
    if operation.op == "remove":
        _remove_picked(elements, picked, sub, context)
    elif picked:
        _write_picked(elements, picked, operation, context)
    else:
        elements.append(_made(operation, select, context))
        _keep_one_primary(elements, len(elements) - 1)
    if elements:
        container[name] = elements
    else:
        _refuse_emptying(context)
        container.pop(name, None)


def _remove_picked(
    elements: list[Resource], picked: list[int], sub: Attribute | None, context: Context
) -> None:
    for index in reversed(picked):
        if sub is None:
            del elements[index]
            continue
        merge(elements[index], {sub.name: None}, context)
        if not elements[index]:
            del elements[index]


def _write_picked(
    elements: list[Resource], picked: list[int], operation: PatchOperation, context: Context
) -> None:
    attribute, sub = context.target.attribute, context.target.sub
    for index in picked:
        if sub is not None:
            merge(elements[index], {sub.name: operation.value}, context)
        elif operation.op == "add" and isinstance(operation.value, dict):
            merge(elements[index], operation.value, context)
        else:
            value = _only(operation.value)
            new = clean_element(attribute, value, context.profile, path=str(context.target))
            elements[index] = new or {}
        if elements[index].get("primary") is True:
            _keep_one_primary(elements, index)
    for index in reversed(picked):
        if not elements[index]:
            del elements[index]


def _made(operation: PatchOperation, select: Selector | None, context: Context) -> Resource:
    """Return the element that an add or replace without a match makes."""
    attribute, sub = context.target.attribute, context.target.sub
    template = {} if select is None else select.template
    if template is None or not context.profile.create_missing_value:
        raise NoTarget(f"No value of {attribute.name} matches the path.")
    value = {sub.name: operation.value} if sub is not None else _only(operation.value)
    if not isinstance(value, dict):
        value = {"value": value}
    named = {key.lower() for key in value}
    made = {**{k: v for k, v in template.items() if k.lower() not in named}, **value}
    cleaned = clean_element(attribute, made, context.profile, path=str(context.target))
    if not cleaned:
        raise InvalidValue(f"{context.target} needs a value.")
    element: Resource = cleaned
    return element


def add_values(container: Resource, value: Any, context: Context) -> None:
    """Append the values that a multi-valued attribute does not hold yet (section 3.5.2.1)."""
    attribute = context.target.attribute
    elements = list(container.get(attribute.name, ()))
    for item in _listed(value, attribute):
        cleaned = clean_element(attribute, item, context.profile, path=str(context.target))
        if cleaned is None:
            continue
        place = next(
            (i for i, held in enumerate(elements) if _same(held, cleaned, attribute)), None
        )
        if place is None:
            elements.append(cleaned)
            place = len(elements) - 1
        if isinstance(cleaned, dict) and cleaned.get("primary") is True:
            elements[place] = {**elements[place], "primary": True}
            _keep_one_primary(elements, place)
    if elements:
        container[attribute.name] = elements


def remove_listed(container: Resource, value: Any, context: Context) -> None:
    """Remove only the listed values, as Entra ID and JumpCloud mean it
    (``remove_listed_values``)."""
    attribute = context.target.attribute
    wanted = {_identity(item) for item in _listed(value, attribute)}
    left = [item for item in container.get(attribute.name, ()) if _identity(item) not in wanted]
    if left:
        container[attribute.name] = left
    else:
        _refuse_emptying(context)
        container.pop(attribute.name, None)


def listed_identities(value: Any, context: Context) -> list[str]:
    """Return what the listed values are recognised by."""
    return [_identity(item) for item in _listed(value, context.target.attribute)]


def merge(held: Resource, value: Resource, context: Context) -> None:
    """Merge sub-attributes into a complex value; what is not named stays, null unassigns.

    Raises:
        Mutability: an immutable sub-attribute would change.
    """
    attribute = context.target.attribute
    in_lower_case(value, str(context.target))
    before = held.get("value")
    named = set()
    for key, new in value.items():
        sub = attribute.sub_attribute(key)
        if sub is None or sub.mutability == "readOnly":
            continue
        named.add(sub.name)
        path = f"{context.target}" if context.target.sub else f"{context.target}.{sub.name}"
        cleaned = None if new is None else clean_value(sub, new, context.profile, path=path)
        if sub.mutability == "immutable" and held.get(sub.name, cleaned) != cleaned:
            raise Mutability(f"{path} is immutable.")
        if cleaned is None:
            held.pop(sub.name, None)
        else:
            held[sub.name] = cleaned
    if "$ref" not in named and held.get("value") != before:
        held.pop("$ref", None)


def _keep_one_primary(elements: list[Resource], index: int) -> None:
    if elements[index].get("primary") is not True:
        return
    for other, element in enumerate(elements):
        if other != index and element.get("primary") is True:
            elements[other] = {**element, "primary": False}


def _refuse_emptying(context: Context) -> None:
    if context.target.attribute.required:
        raise InvalidValue(f"{context.target} is required and cannot be unassigned.")


def _listed(value: Any, attribute: Attribute) -> list[Any]:
    """Return a value as the list of elements that it stands for."""
    if isinstance(value, dict) and len(value) == 1:
        # Salesforce wraps the list in the attribute's own name: {"members": [...]}.
        (key,) = value
        if key.lower() == attribute.name.lower():
            value = value[key]
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _only(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _same(held: Any, new: Any, attribute: Attribute) -> bool:
    """Tell whether a value is held already: by ``value`` where that is immutable, else as a
    whole."""
    if not isinstance(held, dict) or not isinstance(new, dict):
        return bool(held == new)
    value = attribute.sub_attribute("value")
    if value is not None and value.mutability == "immutable":
        return bool(held.get("value") == new.get("value"))
    return {k: v for k, v in held.items() if k != "primary"} == {
        k: v for k, v in new.items() if k != "primary"
    }


def _identity(item: Any) -> str:
    """Return what a listed value is recognised by: its ``value``, in folded form."""
    value = item.get("value", item) if isinstance(item, dict) else item
    return fold(value) if isinstance(value, str) else repr(value)
