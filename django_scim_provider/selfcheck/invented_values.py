"""Values and resources of the checks: nobody's, and other ones for each number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import (
    Attribute,
    Resource,
    ResourceType,
    Schema,
)
from django_scim_provider.core.schemas.enterprise import ENTERPRISE_USER_SCHEMA

PLACEHOLDER = "{name}"
"""In texts of a sample: what is another one for each person."""
_SIMPLE: dict[str, Any] = {
    "boolean": lambda number: number % 2 == 1,
    "integer": lambda number: 40 + number,
    "decimal": lambda number: 40.5 + number,
    "dateTime": lambda number: f"2026-01-{number % 27 + 1:02d}T08:30:00Z",
    "binary": lambda number: "AAAA" + "BCDE"[number % 4] + "AAA",
}


def value_of(attribute: Attribute, number: int, run: str) -> Any:
    """Return a value of an attribute; of a multi-valued one a list of two."""
    if not attribute.multi_valued:
        return one_of(attribute, number, run)
    return [one_of(attribute, number, run), one_of(attribute, number + 500, run)]


def one_of(attribute: Attribute, number: int, run: str) -> Any:
    """Return one value, also of a multi-valued attribute."""
    if attribute.type == "complex":
        subs = (sub for sub in attribute.sub_attributes if sub.mutability != "readOnly")
        # Of several values one may be primary, which is for who sends them to say.
        return {sub.name: value_of(sub, number, run) for sub in subs if sub.name != "primary"}
    if attribute.type in _SIMPLE:
        return _SIMPLE[attribute.type](number)
    if attribute.canonical_values:
        return attribute.canonical_values[number % len(attribute.canonical_values)]
    if attribute.type == "reference":
        text = f"https://example.com/{run}/{number:03d}"
    else:
        text = f"check {run} {number:03d}"
    if attribute.max_length is not None and len(text) > attribute.max_length:
        text = f"{number:03d}{run}"[: attribute.max_length]
    return text


def name_of(number: int, run: str) -> str:
    """Return what people of the checks are called, each by a number."""
    return f"check-{run}-{number}"


def user_of(
    number: int, run: str, resource_type: ResourceType, sample: Mapping[str, Any]
) -> Resource:
    """Return a user with what directories send, and what the extensions require.

    ``sample`` is what the project says itself, which wins.
    """
    name = name_of(number, run)
    address = f"{name}@example.com"
    user: Resource = {
        "schemas": [USER.schema.id, ENTERPRISE_USER_SCHEMA.id],
        "userName": address,
        "externalId": name,
        "name": {"givenName": "Grace", "familyName": f"Checked {number}"},
        "displayName": f"Grace Checked {number}",
        "emails": [{"value": address, "type": "work", "primary": True}],
        "phoneNumbers": [{"value": "+1 202 555 0100", "type": "work"}],
        "title": "Engineer",
        "active": True,
        ENTERPRISE_USER_SCHEMA.id: {
            "department": "Research",
            "employeeNumber": str(int(run, 16) + number),  # nobody of the project's may have it
        },
    }
    for extension in resource_type.extensions:
        needed = _values(extension.schema, number, run, only_required=True)
        if needed and extension.required:
            user[extension.schema.id] = needed
            user["schemas"].append(extension.schema.id)
    return _merged(user, _filled(sample, name))


def resource_of(
    resource_type: ResourceType, number: int, run: str, *, only_required: bool = False
) -> Resource:
    """Return a resource of the project's own type, with all that a client may write."""
    schema = resource_type.schema
    resource: Resource = {"schemas": [schema.id], **_values(schema, number, run, only_required)}
    for extension in resource_type.extensions:
        if extension.required or not only_required:
            held = _values(extension.schema, number, run, only_required)
            if held:
                resource[extension.schema.id] = held
                resource["schemas"].append(extension.schema.id)
    return resource


def differences(sent: Any, shown: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield paths at which an answer shows something else than was sent, with both values.

    What the server adds is no difference; a value of another JSON type is one.
    """
    if isinstance(sent, Mapping) and isinstance(shown, Mapping):
        for name, value in sent.items():
            yield from differences(value, shown.get(name), f"{path}.{name}" if path else name)
    elif isinstance(sent, list) and isinstance(shown, list) and len(sent) == len(shown):
        for one, other in zip(sent, shown, strict=True):
            yield from differences(one, other, path)
    elif isinstance(sent, float) and type(shown) in (int, float) and sent == shown:
        return  # JSON has one kind of number
    elif type(sent) is not type(shown) or sent != shown:
        yield path, sent, shown


def _values(schema: Schema, number: int, run: str, only_required: bool) -> Resource:
    return {
        attribute.name: value_of(attribute, number, run)
        for attribute in schema.attributes
        if attribute.mutability != "readOnly" and (attribute.required or not only_required)
    }


def _filled(value: Any, name: str) -> Any:
    """Return a sample with the name of the person in the place of the placeholder."""
    if isinstance(value, str):
        return value.replace(PLACEHOLDER, name)
    if isinstance(value, Mapping):
        return {key: _filled(each, name) for key, each in value.items()}
    return [_filled(each, name) for each in value] if isinstance(value, list) else value


def _merged(resource: Resource, sample: Mapping[str, Any]) -> Resource:
    merged = {**resource}
    for name, value in sample.items():
        held = merged.get(name)
        if isinstance(held, Mapping) and isinstance(value, Mapping):
            merged[name] = _merged(dict(held), value)
        else:
            merged[name] = value
        if ":" in name and name not in merged["schemas"]:
            merged["schemas"] = [*merged["schemas"], name]
    return merged
