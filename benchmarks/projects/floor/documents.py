"""Documents of the floor: decoded, completed by what its columns say, and encoded by the view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from benchmarks.projects.floor.tables import MYSQL, SQLITE

ROOT = "http://127.0.0.1/scim/v2"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"

Answer = tuple[int, Any]
"""A status, and what the view encodes."""
Row = Sequence[Any]


def now() -> Any:
    """Return the time as its columns take it."""
    moment = datetime.now(UTC)
    if SQLITE:
        return moment.isoformat()
    return moment.replace(tzinfo=None) if MYSQL else moment


def shown(moment: Any) -> str:
    """Return a time as it is sent."""
    return moment if isinstance(moment, str) else str(moment.isoformat())


def person(row: Row) -> dict[str, Any]:
    """Return a user from ``id, active, created, modified, version, document``."""
    id, active, created, modified, version, document = row
    found = _completed("User", (id, created, modified, version, document))
    found["active"] = bool(active)
    return found


def group(row: Row) -> dict[str, Any]:
    """Return a group from ``id, created, modified, version, document``, without members."""
    return _completed("Group", row)


def _completed(kind: str, row: Row) -> dict[str, Any]:
    id, created, modified, version, document = row
    found: dict[str, Any] = orjson.loads(document)
    found["id"] = str(id)
    found["meta"] = {
        "resourceType": kind,
        "created": shown(created),
        "lastModified": shown(modified),
        "location": f"{ROOT}/{kind}s/{id}",
        "version": f'W/"{version}"',
    }
    return found


def listed(rows: Sequence[Row], total: int, **more: Any) -> Answer:
    """Return a list of users."""
    return 200, {
        "schemas": [LIST],
        "totalResults": total,
        "itemsPerPage": len(rows),
        **more,
        "Resources": [person(row) for row in rows],
    }


def missing() -> Answer:
    """Return the answer for what is not there."""
    return 404, {"schemas": [ERROR], "status": "404"}


def columns(resource: dict[str, Any]) -> tuple[Any, ...]:
    """Return ``name_key, external_id, family_key, active`` of a user."""
    family = resource.get("name", {}).get("familyName", "")
    return (
        resource["userName"].lower(),
        resource.get("externalId"),
        family.lower(),
        resource.get("active", True),
    )


def emails(resource: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Return ``value_key, type`` of each address."""
    return [(each["value"].lower(), each.get("type")) for each in resource.get("emails", ())]


def encoded(resource: dict[str, Any]) -> str:
    """Return the document as its column takes it."""
    return orjson.dumps(resource).decode()
