"""Attributes that the project owns, as the schemas show them: readOnly."""

from __future__ import annotations

from dataclasses import replace

from django_scim_provider.attribute_map.compilation import mapped_of, maps_of_settings
from django_scim_provider.attribute_map.map_paths import MapFault, MapPath, parse_map_path
from django_scim_provider.core.schemas.definitions import (
    Attribute,
    ResourceType,
    Schema,
    SchemaExtension,
)


def with_owned(kind: ResourceType) -> ResourceType:
    """Return a resource type whose attributes are readOnly where all maps of the settings own them.

    All connections have one ``/Schemas``. What a filter selects, of several values, cannot be told
    there.
    """
    each = [_owned(entries) for entries in maps_of_settings().values()]
    paths = set(each[0]).intersection(*each[1:])
    if not paths:
        return kind
    extensions = tuple(_extension(extension, paths) for extension in kind.extensions)
    return replace(kind, schema=_schema(kind.schema, None, paths), extensions=extensions)


def _owned(entries: dict[str, object]) -> set[MapPath]:
    found = set()
    for text, entry in entries.items():
        try:
            mapped, path = mapped_of(entry), parse_map_path(text)  # type: ignore[arg-type]  # told by a check
        except MapFault:
            continue  # told by a check
        if mapped.read and not mapped.write and not path.selects:
            found.add(replace(path, text=""))
    return found


def _extension(extension: SchemaExtension, paths: set[MapPath]) -> SchemaExtension:
    schema = _schema(extension.schema, extension.schema.id, paths)
    return extension if schema is extension.schema else replace(extension, schema=schema)


def _schema(schema: Schema, urn: str | None, paths: set[MapPath]) -> Schema:
    own = {path for path in paths if path.extension == urn}
    if not own:
        return schema
    return replace(schema, attributes=tuple(_attribute(each, own) for each in schema.attributes))


def _attribute(attribute: Attribute, paths: set[MapPath]) -> Attribute:
    subs = {path.sub for path in paths if path.name == attribute.name}
    if None in subs:
        return replace(attribute, mutability="readOnly")
    if not subs:
        return attribute
    parts = (
        replace(sub, mutability="readOnly") if sub.name in subs else sub
        for sub in attribute.sub_attributes
    )
    return replace(attribute, sub_attributes=tuple(parts))
