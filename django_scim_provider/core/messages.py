"""The request messages of RFC 7644: PatchOp (section 3.5.2) and SearchRequest (section 3.4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

from django_scim_provider.core.errors import InvalidSyntax, InvalidValue
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.urns import PATCH_URN, SEARCH_URN
from django_scim_provider.core.validation.limits import DEFAULT_LIMITS, Budget, WriteLimits
from django_scim_provider.core.validation.places import shown_key

PatchOp = Literal["add", "remove", "replace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchOperation:
    """One operation of a PATCH; ``has_value`` tells ``"value": null`` from no value at all."""

    op: PatchOp
    path: str | None = None
    value: Any = None
    has_value: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """A query, from a query string or a POST .search; None means not given."""

    attributes: list[str] | None = None
    excluded_attributes: list[str] | None = None
    filter: str | None = None
    sort_by: str | None = None
    sort_order: str | None = None
    start_index: int | None = None
    count: int | None = None
    cursor: str | None = None
    """``""`` starts cursor paging (RFC 9865 section 2)."""


def parse_patch_request(
    body: Any, profile: Profile, limits: WriteLimits = DEFAULT_LIMITS
) -> list[PatchOperation]:
    """Return the operations of a PATCH body, their ops in lower case.

    Raises:
        InvalidSyntax: the body is not a PatchOp, or an operation is malformed.
        TooMany: it has more operations than ``limits`` allow.
    """
    members = message_members(body, PATCH_URN, profile)
    operations = members.get("operations")
    if not isinstance(operations, list):
        raise InvalidSyntax("A PATCH body needs Operations, a list.")
    if not operations and not profile.empty_operations:
        raise InvalidSyntax("Operations must hold at least one operation.")
    # Counted before they are looked at, so that refusing costs nothing.
    Budget(limits).take_operations(len(operations))
    return [_operation(item, profile) for item in operations]


def _operation(item: Any, profile: Profile) -> PatchOperation:
    if not isinstance(item, dict):
        raise InvalidSyntax("Each operation must be an object.")
    members = in_lower_case(item, "An operation")
    op = members.get("op")
    if op is None and profile.missing_op_is_replace:
        op = "replace"
    # Entra ID sends "Add", "Replace" and "Remove" (Microsoft Learn,
    # use-scim-to-provision-users-and-groups).
    if isinstance(op, str) and profile.ops_in_any_case:
        op = op.lower()
    if op not in ("add", "remove", "replace"):
        raise InvalidSyntax("op must be add, remove or replace.")
    path = members.get("path")
    if path is not None and not isinstance(path, str):
        raise InvalidSyntax("path must be text.")
    # An empty path cannot name anything; clients whose field is never absent mean "no path".
    if path is not None and not path.strip():
        path = None
    return PatchOperation(
        op=cast(PatchOp, op), path=path, value=members.get("value"), has_value="value" in members
    )


def parse_search_request(body: Any, profile: Profile) -> SearchRequest:
    """Return the query of a POST .search body.

    Raises:
        InvalidSyntax: the body is not a SearchRequest.
        InvalidValue: a member is of the wrong type.
    """
    members = message_members(body, SEARCH_URN, profile)
    return SearchRequest(
        attributes=_names(members, "attributes"),
        excluded_attributes=_names(members, "excludedAttributes"),
        filter=_text(members, "filter"),
        sort_by=_text(members, "sortBy"),
        sort_order=_text(members, "sortOrder"),
        start_index=_number(members, "startIndex"),
        count=_number(members, "count"),
        cursor=_text(members, "cursor"),
    )


def message_members(body: Any, urn: str, profile: Profile) -> dict[str, Any]:
    """Return the members of a message by their names in lower case."""
    if not isinstance(body, dict):
        raise InvalidSyntax("The body must be a JSON object.")
    members = in_lower_case(body, "The body")
    schemas = members.get("schemas")
    if schemas is None and profile.missing_message_schemas:
        return members
    # Exactly as registered: the URN of a message says how to read it, and nobody is known to send
    # it in another case.
    if not isinstance(schemas, list) or urn not in schemas:
        raise InvalidSyntax(f"schemas must hold {urn}.")
    return members


def in_lower_case(sent: dict[str, Any], what: str) -> dict[str, Any]:
    """Return an object's members by their names in lower case (RFC 7643 section 2.1).

    Raises:
        InvalidSyntax: two names differ only by case; ``what`` names the object in the message.
    """
    members = {key.lower(): value for key, value in sent.items()}
    # JSON lets {"op": ..., "Op": ...} through. Which of them counts would depend on their order:
    # the check of one and the use of the other has been the gap in many a gateway.
    if len(members) != len(sent):
        spelled: dict[str, str] = {}
        for key in sent:
            first = spelled.setdefault(key.lower(), key)
            if first != key:
                both = f"{shown_key(first)} and {shown_key(key)}"
                raise InvalidSyntax(f"{what} has one member twice: {both}.")
    return members


def _text(members: dict[str, Any], name: str) -> str | None:
    value = members.get(name.lower())
    if value is not None and not isinstance(value, str):
        raise InvalidValue(f"{name} must be text.")
    return value


def _number(members: dict[str, Any], name: str) -> int | None:
    value = members.get(name.lower())
    # True is an int for Python, but no number in JSON.
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise InvalidValue(f"{name} must be a whole number.")
    return value


def _names(members: dict[str, Any], name: str) -> list[str] | None:
    value = members.get(name.lower())
    if value is None:
        return None
    if isinstance(value, str):
        # Section 3.4.3 defines a list; clients copy what their query string has.
        value = value.split(",")
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidValue(f"{name} must be a list of attribute names.")
    # "attributes=" asks for nothing in particular, so it is not a projection.
    return [item for item in value if item.strip()] or None
