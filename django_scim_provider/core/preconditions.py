"""Preconditions on a resource's version (RFC 7644 section 3.14, RFC 9110 section 13).

Versions are weak entity tags, ``W/"<counter>"``. If-Match compares them weakly, since a SCIM
version promises nothing about bytes.
"""

from __future__ import annotations

import re

from django_scim_provider.core.errors import PreconditionFailed

_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


def etag(version: int) -> str:
    """Return the entity tag of a version, as in ``meta.version``."""
    return f'W/"{version}"'


def check_preconditions(if_match: str | None, if_none_match: str | None, version: int) -> None:
    """Refuse a change unless the resource is at a version that the headers allow.

    That is one of those that If-Match names, and none of those that If-None-Match names; in this
    order (RFC 9110 section 13.2.2).

    ``*`` stands for any version. A header that cannot be read is not fulfilled.

    Raises:
        PreconditionFailed: naming the header.
    """
    if if_match is not None and not _names(if_match, version):
        raise PreconditionFailed()
    # A header that cannot be read refuses the change: who sends a condition wants no change without
    # it.
    if if_none_match is not None and _names(if_none_match, version) is not False:
        raise PreconditionFailed(
            "If-None-Match names the resource's version, or is not a list of entity tags."
        )


def is_not_modified(header: str | None, version: int) -> bool:
    """Tell whether If-None-Match names the present version (a GET is then 304)."""
    # Here one that cannot be read gets the whole answer: sending too much is never wrong.
    return header is not None and bool(_names(header, version))


def _names(header: str, version: int) -> bool | None:
    """Tell whether a list of entity tags names a version; None for what is not such a list."""
    if header.strip() == "*":
        return True
    # The rest must be separators alone. One pattern for the whole list would go back and forth on
    # long headers.
    tags = _TAG.findall(header)
    if not tags or _TAG.sub("", header).strip(" \t,"):
        return None
    return str(version) in tags
