"""The layout of stored texts (see ``Stored.text``): answers are spliced from them, not decoded.

Nothing else knows where in a text its id ends or its ``meta`` begins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import orjson

from django_scim_provider.core.schemas.definitions import Resource

HEAD = '{"id":"'
_ID_AT = len(HEAD)
_WHOLE_HEAD = re.compile(r'\{"id":"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_PLAIN = re.compile(r"[A-Za-z0-9._~-]*")
_PATH_SAFE = "~!$&'()*+,;=:@"
"""What a segment of a path may hold beside letters, digits and ``_.-`` (RFC 3986 section 3.3)."""


class BrokenText(Exception):
    """A store gave a text that does not keep the contract of ``Stored.text``."""


def id_of(text: str) -> str:
    """Return the id of the resource, whatever its length.

    Raises:
        BrokenText: the text does not begin with one.
    """
    end = text.find('"', _ID_AT)
    if end > 0 and text.startswith(HEAD) and "\\" not in text[_ID_AT:end]:
        return text[_ID_AT:end]
    return str(orjson.loads(text[_ID_AT - 1 : _end_of_id(text)]))


def _end_of_id(text: str) -> int:
    head = _WHOLE_HEAD.match(text)
    if head is None:
        raise BrokenText(f"A stored text begins with {HEAD}, not with {text[:_ID_AT]!r}.")
    return head.end()


def splice(text: str, name: str, values: Sequence[Resource] | None) -> str:
    """Return a text with one more attribute, put behind its id; unchanged for no values."""
    if not values:
        return text
    end = _end_of_id(text)
    return f'{text[:end]},"{name}":{orjson.dumps(values).decode()}{text[end:]}'


def located(text: str, location: str) -> str:
    """Return a text with the ``location`` in its ``meta``."""
    return f'{text[:-2]},"location":"{location}"}}}}'


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
        raise BrokenText("A stored text is not JSON.") from error
    if not isinstance(resource, dict) or not text.endswith("}}"):
        raise BrokenText("A stored text is a compact JSON object that ends with its meta.")
    found, meta = id_of(text), resource.get("meta")
    if found != resource["id"] or (id is not None and found != id):
        raise BrokenText(f"A stored text has another id than {id or found!r}.")
    if next(reversed(resource)) != "meta" or not isinstance(meta, dict) or not meta:
        raise BrokenText(f"The stored text of {found!r} does not end with its meta.")
    if "location" in meta:
        raise BrokenText(f"The meta of the stored text of {found!r} has a location already.")
    return str(text)
