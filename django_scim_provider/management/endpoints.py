"""The address and token of a SCIM endpoint that commands call from outside."""

from __future__ import annotations

import getpass
import importlib.util
import re
import sys

from django.core.management.base import CommandError
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.tools.addresses import BaseURL, parse_base_url

USAGE = 2
"""Exit code for arguments that cannot be used, as argparse has it."""
INTERRUPTED = 130
"""Exit code after Ctrl-C or SIGTERM, as shells have it."""
TOOLS = ("httpx2", "rich")
"""Modules of the extra ``tools``."""
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


def base_url(text: str) -> BaseURL:
    """Return the address of a SCIM root.

    Raises:
        CommandError: it is not an http or https address, or holds more than host, port and path.
    """
    try:
        return parse_base_url(text)
    except ValueError as error:
        raise CommandError(str(error), returncode=USAGE) from error


@sensitive_variables()
def read_token(*, whatever_it_is: bool = False) -> str:
    """Return the token from the first line of standard input; a terminal does not show it.

    ``whatever_it_is`` also takes a text that is not a token, for callers that say what is wrong.

    Raises:
        CommandError: there is none, or it cannot be a bearer token.
    """
    hidden = sys.stdin.isatty()
    token = (getpass.getpass("Token: ") if hidden else sys.stdin.readline()).strip()
    if not token:
        raise CommandError("Standard input holds no token.", returncode=USAGE)
    if not whatever_it_is and _TOKEN.fullmatch(token) is None:
        # The text is not repeated: it may be most of a token.
        raise CommandError("Standard input holds no bearer token.", returncode=USAGE)
    return token
