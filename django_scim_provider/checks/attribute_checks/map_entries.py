"""``ATTRIBUTE_MAP`` and ``CONNECTION_ATTRIBUTE_MAPS``: what they name, and whether it fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    DecimalField,
    Field,
    FloatField,
    IntegerField,
    JSONField,
    TextField,
    TimeField,
)

from django_scim_provider.attribute_map.compilation import function_of, mapped_of
from django_scim_provider.attribute_map.map_fields import MapField, find_map_field
from django_scim_provider.attribute_map.map_paths import MapFault, MapPath, parse_map_path
from django_scim_provider.attribute_map.mapped import Mapped
from django_scim_provider.checks.entries import did_you_mean, error
from django_scim_provider.conf import SETTING
from django_scim_provider.core.schemas.definitions import Attribute, ResourceType
from django_scim_provider.models.required_fields import fields_without_value
from django_scim_provider.registry import get_registry

_NEVER = frozenset({"schemas", "id", "meta", "groups", "active", "password"})
"""Attributes that no map has: the app itself says what becomes of them."""
_NOT_SHOWN = frozenset({"userName", "externalId", "emails"})
_NAMES = frozenset({"name", "name.givenName", "name.familyName"})
"""Attributes by which people are known: they are what the identity provider said."""
_NUMBERS = (IntegerField, FloatField, DecimalField)
_FITTING: dict[str, tuple[type, ...]] = {
    "boolean": (BooleanField, CharField, TextField),
    "integer": (*_NUMBERS, CharField, TextField),
    "decimal": (FloatField, DecimalField, CharField, TextField),
    "dateTime": (DateField, CharField, TextField),
}
"""Kinds of fields that take a type without a function; texts are read by any field."""
_SHOWING: dict[str, tuple[type, ...]] = {
    "boolean": (BooleanField,),
    "integer": (IntegerField,),
    "decimal": _NUMBERS,
    "dateTime": (DateField,),
}


def check_attribute_maps(found: dict[str, Any]) -> Iterator[CheckMessage]:
    """Yield what is wrong with the maps of the settings."""
    maps = {f"{SETTING}['ATTRIBUTE_MAP']": found.get("ATTRIBUTE_MAP", {})}
    for id, entries in found.get("CONNECTION_ATTRIBUTE_MAPS", {}).items():
        maps[f"{SETTING}['CONNECTION_ATTRIBUTE_MAPS'][{id!r}]"] = entries
    try:
        kind = get_registry().by_name("User").resource_type
    except ImproperlyConfigured:
        return  # reported by a check of its own
    for where, entries in maps.items():
        yield from _map(where, entries, kind)


def _map(where: str, entries: dict[Any, Any], kind: ResourceType) -> Iterator[CheckMessage]:
    written: dict[str, str] = {}
    beside: dict[str, list[MapField]] = {}
    for text, entry in entries.items():
        try:
            mapped = mapped_of(entry)
            path, target = parse_map_path(str(text)), find_map_field(mapped.field)
        except MapFault as fault:
            yield error("E014", f"{where}: {text!r} {fault}")
            continue
        for problem, hint in _problems(path, mapped, target, kind):
            yield error("E014", f"{where}: {text!r} {problem}", hint)
        if not mapped.write:
            continue
        if target.key in written:
            first = written[target.key]
            yield error("E014", f"{where}: {text!r} and {first!r} both write {target.key!r}.")
        written[target.key] = str(text)
        if target.relation is not None:
            beside.setdefault(str(target.accessor), []).append(target)
    for accessor, targets in beside.items():
        yield from _missing(where, accessor, targets)


def _missing(where: str, accessor: str, targets: list[MapField]) -> Iterator[CheckMessage]:
    relation: Any = targets[0].relation
    given = {relation.field.name, *(each.field.name for each in targets)}
    names = fields_without_value(relation.related_model, given)
    if names:
        label, names_listed = relation.related_model._meta.label, ", ".join(names)
        message = f"no row can be made for {accessor!r}: {label} needs values for {names_listed}."
        yield error("E014", f"{where}: {message}", "Give them a default, or map them.")


def _problems(
    path: MapPath, mapped: Mapped, target: MapField, kind: ResourceType
) -> Iterator[tuple[str, str | None]]:
    """Yield sentences that begin with the attribute, each with a hint."""
    named = path.attributes(kind)
    if named is None:
        known = {spelling: spelling for spelling in _paths(kind)}
        yield "is no attribute of users.", did_you_mean(str(path), known)
        return
    attribute, leaf = named
    canonical = path.canonical(kind)
    if canonical != str(path):
        yield f"has to be written {canonical!r}.", None
        return
    if not (mapped.write or mapped.read):
        yield "is neither written nor shown: set write or read.", None
    if path.extension is None and path.name in _NEVER:
        yield "is what the app itself decides by, and no map has it.", None
        return
    if leaf.returned == "never" or attribute.returned == "never":
        yield "is never stored, and no map has it.", None
        return
    if mapped.write and "readOnly" in (leaf.mutability, attribute.mutability):
        yield "is readOnly: no client writes it.", None
    problems = [
        *_structure(path, attribute, leaf),
        *(_of_shown(path, attribute, leaf) if mapped.read else ()),
        *_functions(mapped),
    ]
    yield from ((problem, None) for problem in problems)
    if not problems:
        yield from (
            (each, None) for each in _conversions(path, mapped, target.field, attribute, leaf)
        )


def _structure(path: MapPath, attribute: Attribute, leaf: Attribute) -> Iterator[str]:
    if not path.selects:
        return
    if not attribute.multi_valued:
        yield "has one value, and a filter selects of several."
        return
    for name, _ in path.selects:
        sub = attribute.sub_attribute(name)
        if sub is None or sub.name != name:
            yield f"has a filter by {name!r}, and {attribute.name} has no such part."
        elif sub.case_exact:
            yield f"has a filter by {name!r}, whose case counts; maps compare in any case."
    if leaf is attribute and attribute.sub_attributes:
        yield f"selects a whole value: name a part, as in {path.text}.value."


def _of_shown(path: MapPath, attribute: Attribute, leaf: Attribute) -> Iterator[str]:
    if path.extension is None and (path.name in _NOT_SHOWN or str(path) in _NAMES):
        yield "is how the identity provider knows people, and is shown as it was sent."
        return
    if attribute.multi_valued and path.sub is not None and not path.selects:
        yield 'has several values: select the one to show, as by [type eq "work"].'
    if leaf.uniqueness != "none" or attribute.uniqueness != "none":
        yield "is unique by its schema, which holds for what clients send alone."
    if leaf.required or attribute.required:
        yield "is required of clients, and cannot be the project's."


def _functions(mapped: Mapped) -> Iterator[str]:
    for name in ("to_host", "to_scim"):
        try:
            given: Any = function_of(getattr(mapped, name))
        except ImportError as problem:
            yield f"has a {name} that cannot be imported: {problem}."
        else:
            if given is not None and not callable(given):
                yield f"has a {name} that is not a function."
    if mapped.choices is not None and not isinstance(mapped.choices, dict):
        yield "has choices that are no dict."


def _conversions(
    path: MapPath, mapped: Mapped, field: Field[Any, Any], attribute: Attribute, leaf: Attribute
) -> Iterator[str]:
    if mapped.choices is not None:
        yield from _choices(mapped, field)
    has_parts = leaf.type == "complex" or (leaf is attribute and attribute.multi_valued)
    kind = "a list" if leaf is attribute and attribute.multi_valued else leaf.type
    what, label = ("several parts" if has_parts else kind), type(field).__name__
    writes = mapped.write and mapped.to_host is None and mapped.choices is None
    if writes and not _fits(field, leaf, has_parts, _FITTING):
        yield f"({what}) cannot go into {field.name!r} ({label}): give a to_host."
    reads = mapped.read and mapped.to_scim is None and mapped.choices is None
    is_open = isinstance(field, JSONField) and not has_parts
    if reads and (is_open or not _fits(field, leaf, has_parts, _SHOWING)):
        yield f"({what}) cannot be made of {field.name!r} ({label}): give a to_scim."


def _fits(
    field: Field[Any, Any], leaf: Attribute, has_parts: bool, kinds: dict[str, tuple[type, ...]]
) -> bool:
    # A list of PostgreSQL is told by its name: its class needs a driver.
    is_list = hasattr(field, "base_field")
    if has_parts or isinstance(field, JSONField) or is_list:
        return isinstance(field, JSONField) or (is_list and leaf.type != "complex")
    if field.get_internal_type() in ("BinaryField", "FileField", "ImageField"):
        return False
    if isinstance(field, TimeField):
        return leaf.type not in kinds
    return leaf.type not in kinds or isinstance(field, kinds[leaf.type])


def _choices(mapped: Mapped, field: Field[Any, Any]) -> Iterator[str]:
    taken = _values(field.flatchoices)
    for value in (mapped.choices or {}).values():
        if taken and value not in taken:
            yield f"has a choice {value!r}, and {field.name!r} has no such one."


def _values(pairs: Iterable[tuple[Any, Any]]) -> list[Any]:
    return [value for value, _ in pairs]


def _paths(kind: ResourceType) -> Iterator[str]:
    for target in kind.targets():
        yield str(target)
        for sub in target.attribute.sub_attributes:
            yield f"{target}.{sub.name}"
