"""What commands are told of a SCIM endpoint that they call from outside: its address, its token."""

from __future__ import annotations

import getpass
import importlib.util
import re
import sys
from urllib.parse import urlsplit

from django.core.management.base import CommandError

USAGE = 2
"""Exit code for arguments that cannot be used, as argparse has it."""
TOOLS = ("httpx2", "rich")
"""Modules of the extra ``tools``."""
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_TOKEN = re.compile(r"[\x21-\x7e]+", re.ASCII)


def require_tools() -> None:
    """Do nothing where the modules of the extra ``tools`` are installed.

    Raises:
        CommandError: one is missing.
    """
    missing = [name for name in TOOLS if importlib.util.find_spec(name) is None]
    if missing:
        raise CommandError(
            f"{' and '.join(missing)} cannot be imported: install the extra with "
            '"python -m pip install django-scim-provider[tools]".',
            returncode=USAGE,
        )


def scim_root(url: str) -> str:
    """Return the address of a SCIM root without slashes at its end.

    Raises:
        CommandError: it is no http or https address, or holds more than host, port and path.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isascii() or not url.isprintable() or " " in url:
        raise CommandError("URL needs to be like https://host/scim/v2.", returncode=USAGE)
    if parts.username is not None or parts.query or parts.fragment:
        raise CommandError(
            "URL may hold no user name, password, query or fragment.", returncode=USAGE
        )
    return url.rstrip("/")


def sends_in_the_clear(url: str) -> bool:
    """Tell whether a token for this address could be read on its way."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in LOOPBACK


def read_token() -> str:
    """Return the token from the first line of standard input; a terminal does not show it.

    Raises:
        CommandError: there is none, or it cannot be a bearer token.
    """
    hidden = sys.stdin.isatty()
    token = (getpass.getpass("Token: ") if hidden else sys.stdin.readline()).strip()
    if not token:
        raise CommandError("Standard input holds no token.", returncode=USAGE)
    if _TOKEN.fullmatch(token) is None:
        # The text is not repeated: it may be most of a token.
        raise CommandError("Standard input holds no bearer token.", returncode=USAGE)
    return token
