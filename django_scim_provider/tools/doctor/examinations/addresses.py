"""The address that is examined, and how other addresses differ from it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class BaseURL:
    """The SCIM base URL that an identity provider is given."""

    text: str
    """Without a trailing slash."""
    trailing_slash: bool = False
    """Did it have one when it was given?"""

    @property
    def parts(self) -> SplitResult:
        """Return the parts of the address."""
        return urlsplit(self.text)

    @property
    def is_secure(self) -> bool:
        """Tell whether it is an https address."""
        return self.parts.scheme == "https"

    @property
    def is_loopback(self) -> bool:
        """Tell whether it names this machine itself, so that nothing goes over a wire."""
        host = self.parts.hostname or ""
        if host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def origin(self) -> tuple[str, str, int]:
        """Return scheme, host and port."""
        return origin_of(self.text)

    def at_root(self, path: str) -> str:
        """Return another path of the same origin; it begins with a slash, or is empty."""
        return urlunsplit((self.parts.scheme, self.parts.netloc, path, "", ""))


def parse_base_url(text: str) -> BaseURL:
    """Return the address taken apart.

    Raises:
        ValueError: it is not an http or https address, or has a user, a query or a fragment.
    """
    if re.search(r"[\s\x00-\x1f\x7f]", text):
        raise ValueError("The URL holds blanks or control characters.")
    try:
        parts, _ = urlsplit(text), urlsplit(text).port
    except ValueError as error:
        raise ValueError("The URL cannot be read.") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("The URL must be like https://app.example.com/scim/v2.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("The URL must not hold a user or a password.")
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise ValueError("The URL must have neither a query nor a fragment.")
    plain = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
    return BaseURL(plain, trailing_slash=parts.path.endswith("/"))


def origin_of(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address; empty and 0 where they cannot be read."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", "", 0
    return parts.scheme, (parts.hostname or "").lower(), port


def without_query(url: str) -> str:
    """Return an address to print: without user, query and fragment, which may hold secrets."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "?"
    host = parts.netloc.rpartition("@")[2]
    printable = urlunsplit((parts.scheme, host, parts.path, "", ""))
    return "".join(c if c.isprintable() else "?" for c in printable)[:200]
