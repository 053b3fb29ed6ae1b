"""Preconditions on a resource's version (RFC 7644 section 3.14, RFC 9110 section 13).

Versions are weak entity tags, ``W/"<counter>"``. If-Match compares them weakly, since a SCIM
version is no byte-for-byte promise.
"""

from __future__ import annotations

import re

from django_scim_provider.core.errors import PreconditionFailed

_TAG = re.compile(r'\s*(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*')


def etag(version: int) -> str:
    """Return the entity tag of a version, as in ``meta.version``."""
    return f'W/"{version}"'


def check_if_match(header: str | None, version: int) -> None:
    """Refuse unless the resource is at one of the versions that the client names.

    Raises:
        PreconditionFailed: no tag of the header matches, or the header is malformed.
    """
    if header is not None and not _matches(header, version):
        raise PreconditionFailed()


def is_not_modified(header: str | None, version: int) -> bool:
    """Tell whether If-None-Match names the present version (a GET is then 304)."""
    return header is not None and _matches(header, version)


def _matches(header: str, version: int) -> bool:
    if header.strip() == "*":
        return True
    tags = [_TAG.fullmatch(part) for part in header.split(",")]
    return any(tag is not None and tag.group(1) == str(version) for tag in tags)
