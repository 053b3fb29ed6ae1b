"""What bulk requests say (RFC 7644 section 3.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django_scim_provider.core.bulk.references import REFERENCE, references
from django_scim_provider.core.errors import (
    InvalidSyntax,
    InvalidValue,
    PayloadTooLarge,
    SCIMError,
)
from django_scim_provider.core.messages import in_lower_case, message_members
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.urns import BULK_REQUEST_URN, PATCH_URN

METHODS = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOperation:
    """One operation, as it was sent; ``error`` says what is wrong with its form."""

    method: str
    path: str
    bulk_id: str | None = None
    version: str | None = None
    data: Any = None
    # Kept, not raised: section 3.7.3 answers each operation by itself, and failOnErrors decides
    # what an error means for the rest.
    error: SCIMError | None = None
    references: frozenset[str] = frozenset()
    """The bulkIds that the path and the data refer to."""


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """The operations of a bulk request."""

    operations: list[BulkOperation]
    fail_on_errors: int | None = None
    """Errors after which the rest is not done; None: everything is tried."""


def parse_bulk_request(body: Any, profile: Profile, *, max_operations: int) -> BulkRequest:
    """Return what a bulk request says.

    Raises:
        InvalidSyntax: the body is not a BulkRequest, or a bulkId occurs twice.
        InvalidValue: ``failOnErrors`` is not a whole number, or less than 0.
        PayloadTooLarge: it has more operations than are allowed; nothing is done.
    """
    members = message_members(body, BULK_REQUEST_URN, profile)
    items = members.get("operations")
    if not isinstance(items, list) or not items:
        raise InvalidSyntax("A bulk request needs Operations, a list.")
    if len(items) > max_operations:
        # Section 3.7.4: 413 for too many operations as for too many bytes, and nothing is done.
        raise PayloadTooLarge(f"A bulk request may have at most {max_operations} operations.")
    limit = members.get("failonerrors")
    # True is an int for Python, but no number in JSON.
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 0):
        raise InvalidValue("failOnErrors must be a whole number, 0 for no limit.")
    operations = [_operation(item) for item in items]
    # Section 3.7 has a bulkId unique within a request; of two, a reference would mean either.
    named = [operation.bulk_id for operation in operations if operation.bulk_id is not None]
    if len(set(named)) != len(named):
        raise InvalidSyntax("A bulkId may be given to one operation only.")
    # Section 3.7 counts errors that are accepted before the rest is left. Clients that set no limit
    # send the 0 that their languages begin with.
    return BulkRequest(operations, limit or None)


def _operation(item: Any) -> BulkOperation:
    if not isinstance(item, dict):
        raise InvalidSyntax("Each operation must be an object.")
    members = in_lower_case(item, "An operation")
    texts = {name: members.get(name) for name in ("method", "path", "bulkid", "version")}
    wrong = [name for name, value in texts.items() if value is not None and not _text(value)]
    method = str(texts["method"] or "").upper()
    error: SCIMError | None = None
    if wrong:
        error = InvalidSyntax(f"{wrong[0]} must be text.")
    elif method not in METHODS:
        error = InvalidSyntax(f"method must be one of {', '.join(METHODS)}.")
    elif not texts["path"]:
        error = InvalidSyntax("An operation needs a path.")
    elif method == "POST" and not texts["bulkid"]:
        error = InvalidSyntax("An operation with POST needs a bulkId.")
    elif method != "DELETE" and not isinstance(members.get("data"), dict):
        error = InvalidSyntax("data must be an object.")
    path, data = _text(texts["path"]) or "", members.get("data")
    return BulkOperation(
        # An unknown method comes back as it was sent, so that the client finds its operation.
        method=method if method in METHODS else str(texts["method"] or ""),
        path=path,
        bulk_id=_text(texts["bulkid"]),
        version=_text(texts["version"]),
        data=data,
        error=error,
        # Clients put references into paths too, as in /Users/bulkId:qwerty.
        references=frozenset(REFERENCE.findall(path)).union(references(data)),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def addition(operation: BulkOperation, location: str) -> BulkOperation:
    """Return the PATCH that adds the attributes with references to what was created."""
    # Whole attributes: an add appends what a list does not hold yet, so the rest of it does no
    # harm.
    value = {key: held for key, held in operation.data.items() if any(references(held))}
    data = {"schemas": [PATCH_URN], "Operations": [{"op": "add", "value": value}]}
    return BulkOperation(
        method="PATCH", path=location, data=data, references=frozenset(references(data))
    )
