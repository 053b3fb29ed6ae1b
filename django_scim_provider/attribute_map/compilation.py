"""A whole map, made of what the settings or the adapter say, and the maps of the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from django_scim_provider.attribute_map.conversion import (
    Convert,
    Unfit,
    for_attribute,
    for_field,
    may_be_left_out,
    without_value,
)
from django_scim_provider.attribute_map.map_fields import MapField, find_map_field
from django_scim_provider.attribute_map.map_paths import MapFault, MapPath, parse_map_path
from django_scim_provider.attribute_map.mapped import Mapped
from django_scim_provider.conf import SETTING, get_settings, get_user_model, until_settings_change
from django_scim_provider.core.errors import InvalidValue
from django_scim_provider.core.schemas.definitions import Resource, ResourceType, Target
from django_scim_provider.user_model import user_model_fields

Entries = Mapping[str, "str | Mapped"]


@dataclass(frozen=True, slots=True, eq=False)
class MapEntry:
    """One attribute, its field, and how a value of one becomes one of the other."""

    path: MapPath
    mapped: Mapped
    target: MapField
    to_host: Convert | None
    to_scim: Convert | None
    is_written: bool
    """May a connection have written the field? Then no other one is shown it."""

    def host_value(self, resource: Resource, before: Resource | None, *, new: bool) -> Any:
        """Return what the field becomes, or ``NotImplemented`` where it stays.

        It does where the resource has no value and had none ``before``.

        Raises:
            Unfit: the field does not take it.
        """
        value = self.path.value_of(resource)
        if value is not None:
            return for_field(self.target.field, value, self.to_host, self.mapped.choices)
        if new and not may_be_left_out(self.target.field):
            raise Unfit(" is required.")
        if before is None or self.path.value_of(before) is None:
            return NotImplemented
        return without_value(self.target.field)

    def shown(self, value: Any, kind: ResourceType) -> Any:
        """Return what the attribute shows for a value of the field; None: nothing."""
        named = self.path.attributes(kind)
        if named is None:
            return None
        return for_attribute(named[1], value, self.to_scim, self.mapped.choices)


@dataclass(frozen=True, slots=True, eq=False)
class AttributeMap:
    """What a connection writes and is shown by settings."""

    attributes: tuple[MapEntry, ...]

    @property
    def writes(self) -> Iterator[MapEntry]:
        """Yield those that clients write."""
        return (each for each in self.attributes if each.mapped.write)

    @property
    def reads(self) -> tuple[MapEntry, ...]:
        """Return those that are shown as the project has them."""
        return tuple(each for each in self.attributes if each.mapped.read)

    @property
    def relations(self) -> list[str]:
        """Return what is read with users for all that is written, in queries of users."""
        found = (each.target.relation for each in self.attributes)
        return list(dict.fromkeys(relation.name for relation in found if relation is not None))

    def host_values(
        self, resource: Resource, before: Resource | None, *, new: bool
    ) -> dict[str, Any]:
        """Return the fields that are written, and their values; see ``MapField.key``.

        A value that does not fit is left out where it is none of the change; see ``host_fields``.

        Raises:
            InvalidValue: naming the attribute.
        """
        values: dict[str, Any] = {}
        for each in self.writes:
            try:
                value = each.host_value(resource, before, new=new)
            except Unfit as problem:
                name = each.path.text
                if before is None or each.path.value_of(before) != each.path.value_of(resource):
                    raise InvalidValue(f"{name}{problem}", attribute=name) from problem
                continue
            if value is not NotImplemented:
                values[each.target.key] = value
        return values

    def show(
        self, resource: Resource, values: Sequence[Any], kind: ResourceType, *, own: bool
    ) -> None:
        """Put into a resource what the project has of ``reads``, whose values come in that order.

        ``own`` tells whether the connection made the user, manages the profile, and alone ever held
        an account of them. Else it is not shown what another one may have written.
        """
        for each, value in zip(self.reads, values, strict=True):
            if own or not each.is_written:
                each.path.put(resource, each.shown(value, kind))
            elif not each.mapped.write:
                each.path.take_out(resource)

    def owns(self, target: Target) -> bool:
        """Tell whether the project keeps an attribute itself, so that no connection writes it."""
        sub = target.sub and target.sub.name
        return any(
            (path.extension, path.name) == (target.extension, target.attribute.name)
            and (sub is None or path.sub is None or path.sub == sub)
            for path in (each.path for each in self.attributes if not each.mapped.write)
        )

    def take_out_owned(self, resource: Resource) -> None:
        """Take out what the project owns, which is stored nowhere here."""
        for each in self.attributes:
            if not each.mapped.write:
                each.path.take_out(resource)

    def attribute_of(self, key: str) -> str | None:
        """Return the attribute that a field is written by."""
        return next((each.path.text for each in self.writes if each.target.key == key), None)


def compiled_map(entries: Entries) -> AttributeMap:
    """Return a map in working order.

    Raises:
        ImproperlyConfigured: an entry names no attribute, or a field that no map may name.
    """
    return _compiled(tuple(entries.items()))


@until_settings_change
def _compiled(entries: tuple[tuple[str, str | Mapped], ...]) -> AttributeMap:
    written = _written_by_settings() | fields_written(dict(entries))
    found = []
    for text, entry in entries:
        try:
            found.append(_attribute(text, mapped_of(entry), written))
        except (MapFault, ImportError) as problem:
            raise ImproperlyConfigured(f"{SETTING}: the map of {text!r} {problem}") from problem
    return AttributeMap(tuple(found))


def _attribute(text: str, mapped: Mapped, written: frozenset[str]) -> MapEntry:
    target = find_map_field(mapped.field)
    return MapEntry(
        parse_map_path(text),
        mapped,
        target,
        function_of(mapped.to_host),
        function_of(mapped.to_scim),
        target.key in written,
    )


def function_of(given: Convert | str | None) -> Convert | None:
    """Return a function, which may be given by its dotted path; raises as ``import_string``."""
    return import_string(given) if isinstance(given, str) else given


def mapped_of(entry: str | Mapped) -> Mapped:
    """Return what a mere name of a field stands for.

    Raises:
        MapFault: it is neither.
    """
    if isinstance(entry, str):
        return _plain(entry)
    if isinstance(entry, Mapped):
        return entry
    raise MapFault("must be the name of a field or a Mapped.")


@lru_cache(maxsize=256)
def _plain(field: str) -> Mapped:
    return Mapped(field)


def maps_of_settings() -> dict[str | None, dict[str, Any]]:
    """Return the maps that the settings have, by connection; None for that of all others."""
    settings = get_settings()
    maps: dict[str | None, dict[str, Any]] = {None: settings.ATTRIBUTE_MAP}
    return maps | settings.CONNECTION_ATTRIBUTE_MAPS


def map_in_settings(provider_id: str) -> dict[str, Any]:
    """Return the map of one connection."""
    settings = get_settings()
    return settings.CONNECTION_ATTRIBUTE_MAPS.get(provider_id, settings.ATTRIBUTE_MAP)


@until_settings_change
def _written_by_settings() -> frozenset[str]:
    """Return the fields that some connection may write, by a map or without one."""
    named = user_model_fields()
    own = {get_user_model().USERNAME_FIELD, *named.values()}
    return frozenset(own).union(*map(fields_written, maps_of_settings().values()))


def fields_written(entries: Mapping[str, Any]) -> frozenset[str]:
    """Return the fields that a map writes, whatever else is wrong with it."""
    each = (Mapped(entry) if isinstance(entry, str) else entry for entry in entries.values())
    return frozenset(entry.field for entry in each if isinstance(entry, Mapped) and entry.write)
