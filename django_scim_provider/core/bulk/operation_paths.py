"""The paths of bulk operations (RFC 7644 section 3.7): what they name, and where that is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django_scim_provider.core.stored_text import segment

_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE | re.ASCII)
_PATH = re.compile(r"/*([^/#]+)(?:/+([^/#]+))?/*")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class BulkTarget(NamedTuple):
    """What a path names."""

    endpoint: str
    """As its resource type spells it, without its slash; empty where there is none."""
    id: str | None = None


class BulkPaths:
    """Reads the paths of operations: relative to the root, or addresses below it.

    Clients send the addresses back that they were given as ``location``. A query is left out: it
    could only say what is shown, and nothing is shown. Endpoints are found in any case, and slashes
    too many are one.
    """

    def __init__(self, base_url: str, endpoints: Iterable[str]) -> None:
        self._base_url = base_url
        root = urlsplit(base_url)
        self._origin = _origin(root.scheme, root.netloc)
        self._root = f"{root.path}/" if root.path else ""
        self._endpoints = {name.lower(): name for name in (e.strip("/") for e in endpoints)}

    def target(self, path: str) -> BulkTarget:
        """Return what a path names."""
        relative = self._relative(path)
        found = None if relative is None else _PATH.fullmatch(relative)
        if found is None:
            return BulkTarget("")
        name, id = found.groups()
        endpoint = self._endpoints.get(unquote(name).lower(), "")
        return BulkTarget(endpoint, None if id is None else unquote(id))

    def is_foreign(self, path: str) -> bool:
        """Tell whether a path is an address that is not below the root."""
        return self._relative(path) is None

    def location(self, path: str) -> str:
        """Return the address of what a path names; one of another server as it is."""
        endpoint, id = self.target(path)
        if endpoint:
            tail = "" if id is None else f"/{segment(id)}"
            return f"{self._base_url}/{endpoint}{tail}"
        relative = self._relative(path)
        return path if relative is None else f"{self._base_url}/{relative.strip('/')}"

    def _relative(self, path: str) -> str | None:
        """Return a path below the root, None for what is elsewhere."""
        path = path.partition("?")[0]
        if _ABSOLUTE.match(path):
            scheme, _, rest = path.partition("://")
            host, slash, path = rest.partition("/")
            if _origin(scheme, host) != self._origin:
                return None
            path = slash + path
            # Without the root it is elsewhere, also where it begins like an endpoint of ours.
            return path.removeprefix(self._root) if path.startswith(self._root) else None
        return path.removeprefix(self._root) if self._root else path


def _origin(scheme: str, host: str) -> tuple[str, str]:
    scheme = scheme.lower()
    return scheme, host.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ""))
