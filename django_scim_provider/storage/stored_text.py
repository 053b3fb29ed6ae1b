"""The stored forms of a resource: the text that is shown, and the document that filters run on."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.utils import timezone

from django_scim_provider.core.folding import fold_resource
from django_scim_provider.core.preconditions import etag
from django_scim_provider.core.schemas.definitions import Resource, ResourceType, Target

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOT_STORED = ("id", "meta", "groups", "members")
"""What the text of a resource does not take from the client's object."""


def forms(
    resource: Resource,
    resource_type: ResourceType,
    *,
    id: str,
    version: int,
    created: datetime,
    last_modified: datetime,
) -> dict[str, str]:
    """Return the columns ``resource`` (see ``Stored.text``) and ``folded`` as JSON texts."""
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


def folded_form(text: str, resource_type: ResourceType) -> Resource:
    """Return what the column ``folded`` holds for the stored text of a resource."""
    return fold_resource(orjson.loads(text), resource_type)


def _drop(resource: Resource, target: Target) -> None:
    """Take an attribute out of a resource; objects of the caller stay as they are."""
    name = target.attribute.name
    if target.extension is None:
        resource.pop(name, None)
    elif name in resource.get(target.extension, {}):
        held = resource[target.extension]
        resource[target.extension] = {key: held[key] for key in held if key != name}


def now_after(earlier: datetime | None = None) -> datetime:
    """Return the time in whole milliseconds, as it is shown; always later than ``earlier``."""
    now = timezone.now().astimezone(UTC)
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    if earlier is not None and now <= earlier:
        return earlier + timedelta(milliseconds=1)
    return now


def wire_time(moment: datetime) -> str:
    """Return a dateTime as RFC 7643 section 2.3.5 has it, in UTC with milliseconds."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def times(text: str) -> tuple[datetime, datetime]:
    """Return when the resource of a stored text was created and last modified."""
    meta = orjson.loads(text)["meta"]
    created, modified = meta["created"], meta["lastModified"]
    return datetime.fromisoformat(created), datetime.fromisoformat(modified)


def content(text: str) -> Resource:
    """Return the resource of a stored text without ``id`` and ``meta``: what a client may set."""
    resource: dict[str, Any] = orjson.loads(text)
    del resource["id"], resource["meta"]
    return resource


def parse_id(id: str) -> UUID | None:
    """Return a SCIM id as the key that it is; None for a text that cannot be one."""
    return UUID(id) if is_id(id) else None


def is_id(text: str) -> bool:
    """Tell whether a text has the form of a SCIM id."""
    return _ID.fullmatch(text) is not None
