"""Stored texts (see ``Stored.text``): how they are made, read, and spliced into answers.

Nothing else knows where in a text its id ends or its ``meta`` begins. Ids may have any length and
hold any character: they come from importers and from stores of projects as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import orjson

from django_scim_provider.core.folding import fold_resource
from django_scim_provider.core.preconditions import etag
from django_scim_provider.core.schemas.definitions import Resource, ResourceType, Target

BEFORE_ID, AFTER_ID = '{"id":"', '"'
_ID_AT = len(BEFORE_ID)
# A quote in a string of JSON follows a backslash, which may itself be escaped.
_WHOLE_HEAD = re.compile(r'\{"id":"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
# How ``stored_texts`` ends: the brace of ``meta`` stands in no string, as the quote before it would
# be escaped there.
_TIMES = re.compile(
    r'"meta":\{"resourceType":"[^"\\]*","created":"([^"\\]*)","lastModified":"([^"\\]*)",'
    r'"version":"W/\\"\d+\\""\}\}\Z'
)
_LONGEST_META = 512
_PLAIN = re.compile(r"[A-Za-z0-9._~-]*")
_PATH_SAFE = "~!$&'()*+,;=:@"
"""What a segment of a path may hold beside letters, digits and ``_.-`` (RFC 3986 section 3.3)."""
NOT_STORED = ("id", "meta", "groups", "members")
"""What the text of a resource does not take from the client's object."""


class BrokenText(Exception):
    """A store gave a text that does not keep the contract of ``Stored.text``."""


def id_of(text: str) -> str:
    """Return the id of the resource, whatever its length.

    Raises:
        BrokenText: the text does not begin with one.
    """
    # Asked once for each resource of a page: an id without escapes is cut out, and nothing decoded.
    end = _end_of_id(text)
    id = text[_ID_AT : end - 1]
    return str(orjson.loads(f'"{id}"')) if "\\" in id else id


def _end_of_id(text: str) -> int:
    end = text.find(AFTER_ID, _ID_AT)
    if end > 0 and text.startswith(BEFORE_ID) and text.find("\\", _ID_AT, end) < 0:
        return end + 1
    head = _WHOLE_HEAD.match(text)
    if head is None:
        raise BrokenText(f"A stored text begins with {BEFORE_ID}, not with {text[:_ID_AT]!r}.")
    return head.end()


def splice(text: str, name: str, values: Sequence[Resource] | None) -> str:
    """Return a text with one more attribute, put behind its id; unchanged for no values."""
    return with_attribute(text, attribute(name, values)) if values else text


def attribute(name: str, values: Sequence[Resource]) -> str:
    """Return an attribute as ``with_attribute`` takes it."""
    return f',"{name}":{orjson.dumps(values).decode()}'


def with_attribute(text: str, attribute: str) -> str:
    """Return a text with one more attribute behind its id."""
    # The one place in a text whose end is found without decoding what stands there.
    end = _end_of_id(text)
    return f"{text[:end]}{attribute}{text[end:]}"


def located(text: str, location: str) -> str:
    """Return a text with the ``location`` in its ``meta``, which no text is stored with."""
    # A project may move its SCIM root, and then each text would have to be written again. ``meta``
    # comes last and is not empty, so that the last two characters close it and the resource.
    return f'{text[:-2]},"location":"{location}"}}}}'


def unclosed(text: str) -> str:
    """Return the text of a resource without its last brace, for attributes that are sent later."""
    return text[:-1]


def segment(id: str) -> str:
    """Return an id as a segment of a path, which is safe inside a JSON string as well."""
    return id if _PLAIN.fullmatch(id) else quote(id, safe=_PATH_SAFE)


def checked(text: Any, id: str | None = None) -> str:
    """Return a text that nobody vouches for, once it was seen to keep the contract.

    Raises:
        BrokenText: it does not, so that what is spliced from it would not be a resource in JSON; or
            it is not that of the resource with the given id.
    """
    try:
        resource = orjson.loads(text) if isinstance(text, str) else None
    except orjson.JSONDecodeError as error:
        raise BrokenText("A stored text is no JSON.") from error
    # JSON allows blanks, and keys in any order; what is spliced by position does not.
    if not isinstance(resource, dict) or not text.endswith("}}"):
        raise BrokenText("A stored text is a compact JSON object that ends with its meta.")
    found, meta = id_of(text), resource.get("meta")
    # Of two keys with one name a decoder takes the last, and ``id_of`` the first.
    if found != resource["id"] or (id is not None and found != id):
        raise BrokenText(f"A stored text has another id than {id or found!r}.")
    if next(reversed(resource)) != "meta" or not isinstance(meta, dict) or not meta:
        raise BrokenText(f"The stored text of {found!r} does not end with its meta.")
    if "location" in meta:
        raise BrokenText(f"The meta of the stored text of {found!r} has a location already.")
    return str(text)


def stored_texts(
    resource: Resource,
    resource_type: ResourceType,
    *,
    id: str,
    version: int,
    created: datetime,
    last_modified: datetime,
) -> dict[str, str]:
    """Return the columns ``resource`` (see ``Stored.text``) and ``folded`` as JSON texts."""
    # Objects keep the order in which they were filled: the id comes first, ``meta`` last.
    whole: Resource = {"id": id}
    whole.update((key, value) for key, value in resource.items() if key not in NOT_STORED)
    for secret in resource_type.secrets:
        _drop(whole, secret)
    whole["meta"] = {
        "resourceType": resource_type.name,
        "created": wire_time(created),
        "lastModified": wire_time(last_modified),
        "version": etag(version),
    }
    return {
        "resource": orjson.dumps(whole).decode(),
        "folded": orjson.dumps(fold_resource(whole, resource_type)).decode(),
    }


def _drop(resource: Resource, target: Target) -> None:
    """Take an attribute or sub-attribute out of a resource; objects of the caller stay."""
    name, urn = target.attribute.name, target.extension
    holder = resource if urn is None else resource.get(urn, {})
    if name not in holder:
        return
    left = None if target.sub is None else _without(holder[name], target.sub.name)
    # A copy, since ``resource`` shares its extensions with the caller.
    changed = resource if urn is None else dict(holder)
    if left:
        changed[name] = left
    else:
        del changed[name]
    if urn is None:
        return
    resource[urn] = changed
    if not changed:
        # An extension of secrets alone is in no answer, so that ``schemas`` does not name it.
        del resource[urn]
        resource["schemas"] = [each for each in resource["schemas"] if each != urn]


def _without(value: Any, sub: str) -> Any:
    """Return an object, or each of a list, without one key; empty ones are left out."""
    if isinstance(value, dict):
        return {key: held for key, held in value.items() if key != sub}
    return [part for item in value if (part := _without(item, sub))]


def folded_document(text: str, resource_type: ResourceType) -> Resource:
    """Return what the column ``folded`` holds for the stored text of a resource."""
    return fold_resource(orjson.loads(text), resource_type)


def wire_time(moment: datetime) -> str:
    """Return a dateTime as RFC 7643 section 2.3.5 has it, in UTC with milliseconds."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def times(text: str) -> tuple[datetime, datetime]:
    """Return when the resource of a stored text was created and last modified."""
    found = _TIMES.search(text, max(0, len(text) - _LONGEST_META))
    if found is not None:
        created, modified = found.groups()
    else:
        meta = orjson.loads(text)["meta"]
        created, modified = meta["created"], meta["lastModified"]
    return datetime.fromisoformat(created), datetime.fromisoformat(modified)


def content(text: str) -> Resource:
    """Return the resource of a stored text without ``id`` and ``meta``: what a client may set."""
    resource: dict[str, Any] = orjson.loads(text)
    del resource["id"], resource["meta"]
    return resource
