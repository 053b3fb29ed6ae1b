"""What identity providers need to find in a body: checks that return what is wrong, or ``""``."""

from __future__ import annotations

from typing import Any

from django_scim_provider.tools.simulator.exchange import Check

LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def at(body: Any, path: str) -> Any:
    """Return the attribute at a path of names with slashes between, None where it is missing."""
    for name in path.split("/"):
        body = body.get(name) if isinstance(body, dict) else None
    return body


def all_of(*checks: Check) -> Check:
    """Return a check that finds the first complaint of several."""
    return lambda body: next((wrong for check in checks if (wrong := check(body))), "")


def shows(path: str, expected: Any) -> Check:
    """Return a check that an attribute has this value, of the same JSON type."""

    def check(body: Any) -> str:
        found = at(body, path)
        same = type(found) is type(expected) and found == expected
        return "" if same else f"{path.replace('/', '.')} is {found!r}, not {expected!r}"

    return check


def hides(path: str) -> Check:
    """Return a check that an attribute is not shown."""
    return lambda body: "" if at(body, path) is None else f"{path.replace('/', '.')} is shown"


def has_id(body: Any) -> str:
    """Complain of a resource without id: nothing could be sent for it again."""
    found = at(body, "id")
    return "" if isinstance(found, str) and found else "the resource has no id"


def found(count: int) -> Check:
    """Return a check for a list of exactly so many resources, all on this page."""
    return all_of(listed, lambda body: _counted(body, count))


def at_most(count: int) -> Check:
    """Return a check for a list whose page has no more than so many resources."""

    def check(body: Any) -> str:
        size = len(resources(body))
        return "" if size <= count else f"the page has {size} resources, not at most {count}"

    return all_of(listed, check)


def listed(body: Any) -> str:
    """Complain of what is not a list response (RFC 7644 section 3.4.2).

    Numbers have to be numbers: Okta refuses them as strings (Okta SCIM 2.0 protocol reference).
    """
    if LIST_RESPONSE not in (at(body, "schemas") or ()):
        return "the body is not a ListResponse"
    if type(at(body, "totalResults")) is not int:
        return "totalResults is not an integer"
    for name in ("startIndex", "itemsPerPage"):
        if at(body, name) is not None and type(at(body, name)) is not int:
            return f"{name} is not an integer"
    return "" if isinstance(at(body, "Resources") or [], list) else "Resources is not a list"


def resources(body: Any) -> list[Any]:
    """Return the resources of a list response; the member may be missing where there are none."""
    found = at(body, "Resources")
    return found if isinstance(found, list) else []


def error(status: int) -> Check:
    """Return a check for the body of an error (RFC 7644 section 3.12); ``status`` is a string."""

    def check(body: Any) -> str:
        if ERROR not in (at(body, "schemas") or ()):
            return "the body is not a SCIM error"
        return shows("status", str(status))(body)

    return check


def members(ids: set[str]) -> Check:
    """Return a check that a group has exactly these members."""

    def check(body: Any) -> str:
        there = {at(member, "value") for member in at(body, "members") or ()}
        missing, extra = len(ids - there), len(there - ids)
        return f"{missing} members are missing, {extra} too many" if missing or extra else ""

    return check


def _counted(body: Any, count: int) -> str:
    total, size = at(body, "totalResults"), len(resources(body))
    if total == size == count:
        return ""
    return f"totalResults is {total} and the page has {size} resources, not {count}"
